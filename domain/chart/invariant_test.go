package chart_test

import (
	"testing"
	"time"

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
	instants := rapid.Custom(func(t *rapid.T) time.Time {
		return now.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "hours")) * time.Hour)
	})
	windows := rapid.Custom(func(t *rapid.T) (w careteam.Window) {
		if rapid.Bool().Draw(t, "begins later") {
			w.From = instants.Draw(t, "from")
		}
		if rapid.Bool().Draw(t, "ends") {
			w.Until = instants.Draw(t, "until")
		}
		return w
	})
	everyone := func(m chart.Member) (all []chart.Member) {
		for _, m.ID = range []id.Member{ana, ben, cho, {}} {
			all = append(all, m)
		}
		return all
	}
	worksIn := func(works bool, branches ...id.Branch) []id.Branch {
		if works {
			return branches
		}
		return nil
	}
	mostly := rapid.Custom(func(t *rapid.T) bool { return rapid.IntRange(0, 4).Draw(t, "fact") > 0 })
	return rapid.Custom(func(t *rapid.T) command {
		switch rapid.IntRange(0, 16).Draw(t, "kind") {
		case 0:
			return create(func(c *knowing[chart.CreateChart]) {
				c.Command.Primary = members.Draw(t, "primary")
				c.Facts.Members = []chart.Member{{ID: c.Command.Primary, Active: true, Clinician: mostly.Draw(t, "clinician"), Branches: []id.Branch{downtown}}}
			})
		case 1:
			m := chart.Member{ID: members.Draw(t, "member"), Active: mostly.Draw(t, "active"), Clinician: mostly.Draw(t, "clinician")}
			return in(practice(m), chart.AddTeamMember{Member: m.ID, Role: roles.Draw(t, "role"), Window: windows.Draw(t, "window")})
		case 2:
			m := chart.Member{ID: members.Draw(t, "member"), Active: mostly.Draw(t, "active"), Clinician: mostly.Draw(t, "clinician")}
			return in(practice(m), chart.ChangeTeamRole{Member: m.ID, Role: roles.Draw(t, "role")})
		case 3:
			return in(practice(), chart.RemoveTeamMember{Member: members.Draw(t, "member")})
		case 4:
			// Only the branch to which the chart would move may be unknown or closed.
			b := branches.Draw(t, "branch")
			p := practice(everyone(chart.Member{Active: true, Clinician: true, Branches: worksIn(mostly.Draw(t, "in"), b)})...)
			if !mostly.Draw(t, "open") {
				p = closed(b, p)
			}
			if !mostly.Draw(t, "known") {
				p = without(b, p)
			}
			return in(p, chart.AssignBranch{Branch: b})
		case 5:
			return chart.ChangeStatus{To: rapid.SampledFrom([]chart.Status{chart.Active, chart.Inactive}).Draw(t, "status")}
		case 6:
			return archiving(chart.Archive{Reason: "moved away"})
		case 7:
			return chart.Unarchive{}
		case 8:
			return chart.LinkPatientAccount{Account: parent}
		case 9:
			m := chart.Member{ID: members.Draw(t, "custodian"), Active: mostly.Draw(t, "active")}
			return in(practice(m), chart.PlaceInCustody{Custodian: m.ID})
		case 10:
			return chart.ChangeTeamWindow{Member: members.Draw(t, "member"), Window: windows.Draw(t, "window")}
		case 11:
			return in(practice(), chart.TidyTeam{})
		case 12:
			return chart.CancelPlannedPrimary{}
		}
		m := chart.Member{
			ID: members.Draw(t, "clinician"), Active: mostly.Draw(t, "active"), Clinician: true,
			Branches: worksIn(mostly.Draw(t, "in"), downtown, north),
		}
		others := everyone(chart.Member{Active: mostly.Draw(t, "former active"), Clinician: mostly.Draw(t, "former clinician")})
		p := practice(append([]chart.Member{m}, others...)...)
		switch rapid.IntRange(0, 3).Draw(t, "when") {
		case 0:
			return in(p, chart.AssignClinician{Clinician: m.ID, FormerBecomes: roles.Draw(t, "former"), EffectiveAt: instants.Draw(t, "effective")})
		case 1:
			return in(p, chart.CarryOutPlannedPrimary{EffectiveAt: instants.Draw(t, "planned")})
		}
		return in(p, chart.AssignClinician{Clinician: m.ID, FormerBecomes: roles.Draw(t, "former")})
	})
}

// H-2: exactly one primary in every revision; AMB-17: the status that archiving
// saw is the status that unarchiving gives back.
func TestInvariantsHoldInEveryRevision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now := chart.Aggregate().New(), now
		var history chart.TeamHistory
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			before := s
			now = now.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "hours later")) * time.Hour)
			events, err := anyCommand().Draw(t, "command").Decide(s, now)
			if err != nil {
				require.Empty(t, events)
				continue
			}
			for _, e := range events {
				chart.Evolve(&s, e)
				history.Apply(e, careteam.Cause{At: now})
				requirePlaces(t, s, history.Places)
				require.False(t, s.Primary().IsZero(), "a chart that exists has a primary")
				on := map[id.Member]bool{s.Primary(): true}
				for _, p := range s.Team().Others() {
					require.False(t, on[p.Member], "a member is on the team once")
					on[p.Member] = true
				}
				if changed, ok := e.(chart.PrimaryProfessionalChanged); ok {
					require.Equal(t, before.Primary(), changed.From)
					require.Equal(t, changed.To, s.Primary())
				}
				require.NotEqual(t, s.Primary(), s.Planned().To, "nobody is to become what they are")
				if before.Archived || s.Archived {
					require.Equal(t, before.Status, s.Status)
					require.Equal(t, before.Branch, s.Branch)
				}
			}
		}
	})
}

// requirePlaces holds the team view to the chart (H-1): the places that nothing took are the
// team, each member's once, and one of them is the primary's.
func requirePlaces(t require.TestingT, s chart.State, places careteam.History) {
	first := careteam.Participant{Member: s.Primary(), Role: careteam.Primary}
	if s.InCustody {
		first.Role = careteam.Custodian
	}
	var open []careteam.Participant
	for _, p := range places {
		require.False(t, p.JoinedAt.After(p.Given.At), "a member joined the team before a role in it, or with it")
		require.NotEmpty(t, p.Given.How)
		if p.Taken == nil {
			open = append(open, p.Participant)
		} else {
			require.NotEmpty(t, p.Taken.How)
		}
	}
	require.ElementsMatch(t, append([]careteam.Participant{first}, s.Team().Others()...), open)
}
