package roster_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/projtest"
	"praxis/projections/roster"
)

// cover is two weeks of vacation.
var cover = careteam.Window{From: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 8, 15, 0, 0, 0, 0, time.UTC)}

// clinicianBen is a clinician who sees their own charts and those of their care teams.
var clinicianBen = access.Subject{Kind: access.KindMember, Group: practice, Member: ben, Role: access.User, Active: true, Clinician: true}

func TestWindows(t *testing.T) {
	spec, pool := given(t, created(1, "Ada", "Cole", ana, main), on(1, chart.TeamMemberAdded{Member: ben, Role: careteam.Clinician, Window: cover}))
	seen := func(at time.Time) []string {
		return names(t, pool, roster.Query{Reach: access.ReachOf(clinicianBen, access.RosterView, at), Order: roster.ByName})
	}
	team := func(at time.Time) []id.Member {
		e, err := roster.Find(t.Context(), pool, access.Reach{Group: practice, Parts: everything(practice).Parts, At: at}, chartN(1))
		require.NoError(t, err)
		return e.Team
	}
	t.Run("a vacation cover finds the chart from its first instant on and no longer at its end", func(t *testing.T) {
		require.Empty(t, seen(cover.From.Add(-1)))
		require.Equal(t, []string{"Ada Cole"}, seen(cover.From))
		require.Equal(t, []string{"Ada Cole"}, seen(cover.Until.Add(-1)))
		require.Empty(t, seen(cover.Until))
	})
	t.Run("the team of a chart is those whose place holds", func(t *testing.T) {
		require.Empty(t, team(cover.From.Add(-1)))
		require.Equal(t, []id.Member{ben}, team(cover.From))
		require.Empty(t, team(cover.Until))
	})
	t.Run("the cover is made longer, or ended", func(t *testing.T) {
		spec.When(on(1, chart.TeamWindowChanged{Member: ben, Role: careteam.Clinician, From: cover, To: careteam.Window{From: cover.From}})).
			Then("select windows from chart", `{"windows":{"`+ben.String()+`":{"from":"2026-08-01T00:00:00Z"}}}`)
		require.Equal(t, []string{"Ada Cole"}, seen(cover.Until.AddDate(10, 0, 0)))
		spec.When(on(1, chart.TeamWindowChanged{Member: ben, Role: careteam.Clinician, From: careteam.Window{From: cover.From}})).
			Then("select windows from chart", `{"windows":{}}`)
		require.Equal(t, []string{"Ada Cole"}, seen(cover.From.Add(-1)))
	})
	t.Run("nothing of a window is left once its member is the primary, or off the team", func(*testing.T) {
		spec.When(on(1, chart.TeamWindowChanged{Member: ben, Role: careteam.Clinician, To: cover}), on(1, chart.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Support})).
			Then("select windows from chart", `{"windows":{}}`)
		spec.When(on(1, chart.TeamWindowChanged{Member: ana, Role: careteam.Support, To: cover}), on(1, chart.TeamMemberRemoved{Member: ana, LastRole: careteam.Support})).
			Then("select windows from chart", `{"windows":{}}`)
	})
}

// TestTheRosterIsWhatDecideAllowsAtEveryInstant draws teams with windows and asks around
// every edge: the roster must list exactly the charts that may be opened at that instant.
func TestTheRosterIsWhatDecideAllowsAtEveryInstant(t *testing.T) {
	edges := []time.Time{{}, cover.From, cover.From.Add(time.Microsecond), cover.Until}
	at := []time.Time{cover.From.Add(-1), cover.From, cover.From.Add(1), cover.From.Add(time.Microsecond), cover.Until.Add(-1), cover.Until}
	spec, pool := given(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		states := map[id.Chart]chart.State{}
		var events []projtest.Event
		for range 3 {
			n++
			s := chart.Aggregate().New()
			record := func(e projtest.Event) {
				events = append(events, e)
				chart.Evolve(&s, e.Event.(chart.Event))
			}
			record(created(n, "Ada", "Cole", ana, main))
			for range rapid.IntRange(0, 3).Draw(rt, "changes") {
				w := careteam.Window{From: rapid.SampledFrom(edges).Draw(rt, "from"), Until: rapid.SampledFrom(edges).Draw(rt, "until")}
				switch _, on := s.Team().RoleOf(ben); {
				case !on:
					record(projtest.On(chart.Stream(practice, chartN(n)), chart.TeamMemberAdded{Member: ben, Role: careteam.Clinician, Window: w}))
				case rapid.Bool().Draw(rt, "leaves"):
					record(projtest.On(chart.Stream(practice, chartN(n)), chart.TeamMemberRemoved{Member: ben, LastRole: careteam.Clinician}))
				default:
					record(projtest.On(chart.Stream(practice, chartN(n)), chart.TeamWindowChanged{Member: ben, Role: careteam.Clinician, To: w}))
				}
			}
			states[chartN(n)] = s
		}
		spec.When(events...)
		for _, at := range at {
			var want, got []id.Chart
			for c, s := range states {
				if access.Decide(clinicianBen, access.RosterView, s.Resource(practice), at).Allowed {
					want = append(want, c)
				}
			}
			page, err := roster.List(t.Context(), projections.Live(pool), roster.Query{Reach: access.ReachOf(clinicianBen, access.RosterView, at), Order: roster.ByName})
			require.NoError(rt, err)
			for _, e := range page.Entries {
				if _, drawn := states[e.Chart]; !drawn {
					continue // of another draw
				}
				got = append(got, e.Chart)
				require.Equal(rt, states[e.Chart].Treats(ben, at), slices.Contains(e.Team, ben))
			}
			require.ElementsMatch(rt, want, got, "at %s", at)
		}
	})
}
