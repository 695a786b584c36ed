package chart_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

type command = estest.Decider[chart.State, chart.Event]

// anyCommand draws a command with random arguments and random facts.
func anyCommand() *rapid.Generator[command] {
	members := rapid.SampledFrom([]id.Member{ana, ben, cho, {}})
	branches := rapid.SampledFrom([]id.Branch{downtown, north})
	roles := rapid.SampledFrom([]careteam.Role{careteam.Primary, careteam.Clinician, careteam.Support, ""})
	mostly := rapid.Custom(func(t *rapid.T) bool { return rapid.IntRange(0, 4).Draw(t, "fact") > 0 })
	return rapid.Custom(func(t *rapid.T) command {
		switch rapid.IntRange(0, 11).Draw(t, "kind") {
		case 0:
			return create(func(c *chart.CreateChart) {
				c.Primary, c.PrimaryIsActiveClinician = members.Draw(t, "primary"), mostly.Draw(t, "active")
			})
		case 1:
			return chart.AddTeamMember{Member: members.Draw(t, "member"), Role: roles.Draw(t, "role"), MemberIsActive: mostly.Draw(t, "active"), MemberIsClinician: mostly.Draw(t, "clinician")}
		case 2:
			return chart.ChangeTeamRole{Member: members.Draw(t, "member"), Role: roles.Draw(t, "role"), MemberIsActive: mostly.Draw(t, "active"), MemberIsClinician: mostly.Draw(t, "clinician")}
		case 3:
			return chart.RemoveTeamMember{Member: members.Draw(t, "member")}
		case 4:
			return chart.AssignBranch{Branch: branches.Draw(t, "branch"), BranchIsKnown: mostly.Draw(t, "known"), BranchIsOpen: mostly.Draw(t, "open"), PrimaryIsInBranch: mostly.Draw(t, "in")}
		case 5:
			return chart.ChangeStatus{To: rapid.SampledFrom([]chart.Status{chart.Active, chart.Inactive}).Draw(t, "status")}
		case 6:
			return chart.Archive{Reason: "moved away"}
		case 7:
			return chart.Unarchive{}
		case 8:
			return chart.LinkPatientAccount{Account: parent}
		case 9:
			return chart.PlaceInCustody{Custodian: members.Draw(t, "custodian"), CustodianIsActive: mostly.Draw(t, "active")}
		}
		return chart.AssignClinician{
			Clinician: members.Draw(t, "clinician"), FormerBecomes: roles.Draw(t, "former"),
			ClinicianIsActive: mostly.Draw(t, "active"), ClinicianIsInBranch: mostly.Draw(t, "in"),
			FormerIsActive: mostly.Draw(t, "former active"), FormerIsClinician: mostly.Draw(t, "former clinician"),
		}
	})
}

// H-2: exactly one primary in every revision; AMB-17: the status that archiving
// saw is the status that unarchiving gives back.
func TestInvariantsHoldInEveryRevision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := chart.Aggregate().New()
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			before := s
			events, err := anyCommand().Draw(t, "command").Decide(s, now)
			if err != nil {
				require.Empty(t, events)
				continue
			}
			for _, e := range events {
				chart.Evolve(&s, e)
				require.False(t, s.Primary().IsZero(), "a chart that exists has a primary")
				require.NotContains(t, s.Team().OtherMembers(), s.Primary())
				if changed, ok := e.(chart.PrimaryProfessionalChanged); ok {
					require.Equal(t, before.Primary(), changed.From)
					require.Equal(t, changed.To, s.Primary())
				}
				if before.Archived || s.Archived {
					require.Equal(t, before.Status, s.Status)
					require.Equal(t, before.Branch, s.Branch)
				}
			}
		}
	})
}
