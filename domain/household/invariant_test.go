package household_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/careteam"
	"praxis/domain/es/estest"
	"praxis/domain/fault"
	"praxis/domain/household"
	"praxis/domain/id"
)

func requireCode(t *testing.T, code string, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, fault.From(err).Code)
}

func anyCommand() *rapid.Generator[estest.Decider[household.State, household.Event]] {
	members := rapid.SampledFrom([]id.Member{ana, ben, cho, {}})
	roles := rapid.SampledFrom([]careteam.Role{careteam.Primary, careteam.Clinician, careteam.Support, ""})
	return rapid.Custom(func(t *rapid.T) estest.Decider[household.State, household.Event] {
		p := everybody()
		if rapid.IntRange(0, 3).Draw(t, "somebody left") == 0 {
			p = without(members.Draw(t, "leaver"))
		}
		m := members.Draw(t, "member")
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			return in(p, household.CreateHousehold{Household: family, Group: group, Name: "X", Primary: m})
		case 1:
			return in(p, household.RemoveTeamMember{Member: m})
		case 2:
			return in(p, household.ChangeTeamRole{Member: m, Role: roles.Draw(t, "role")})
		case 3:
			return household.ChangeTeamWindow{Member: m, Window: careteam.Window{Until: now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "hours")) * time.Hour)}}
		case 4:
			return in(p, household.SetSecondary{Member: m})
		case 5:
			return household.ClearSecondary{}
		case 6:
			return in(p, household.ReassignPrimary{Clinician: m, FormerBecomes: roles.Draw(t, "former")})
		case 7:
			if rapid.IntRange(0, 9).Draw(t, "end") == 0 {
				return household.Dissolve{}
			}
		}
		return in(p, household.AddTeamMember{Member: m, Role: roles.Draw(t, "role")})
	})
}

// H-2: exactly one primary in every revision, whoever is added, removed or reassigned; the
// secondary professional is a clinician of the team.
func TestH2_ExactlyOnePrimaryInEveryRevision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now := household.Aggregate().New(), now
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "hours later")) * time.Hour)
			events, err := anyCommand().Draw(t, "command").Decide(s, now)
			if err != nil {
				require.Empty(t, events)
				continue
			}
			for _, e := range events {
				household.Evolve(&s, e)
				require.False(t, s.Primary().IsZero(), "a household that exists has a primary")
				on := map[id.Member]bool{s.Primary(): true}
				for _, p := range s.Team().Others() {
					require.NotEqual(t, careteam.Primary, p.Role)
					require.False(t, on[p.Member], "a member is on the team once")
					on[p.Member] = true
				}
				if !s.Secondary.IsZero() {
					role, _ := s.Team().RoleOf(s.Secondary)
					require.Equal(t, careteam.Clinician, role)
				}
			}
		}
	})
}
