package roster_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/projtest"
	"praxis/projections/roster"
)

var removal = id.MustParse[id.Event]("00000000-0000-4000-8000-0000000000d1")

func TestFormer(t *testing.T) {
	spec, pool := given(t,
		created(1, "Ada", "Cole", ana, main), created(2, "Bo", "Abbott", ben, river), created(3, "Cy", "Zhang", ana, main),
		on(1, chart.TeamMemberAdded{Member: ben, Role: careteam.Support}), on(2, chart.TeamMemberAdded{Member: ana, Role: careteam.Clinician}),
		on(1, chart.PrimaryProfessionalChanged{From: ana, To: ben, Removal: removal, ToWas: careteam.Support}),
		on(2, chart.TeamMemberRemoved{Member: ana, LastRole: careteam.Clinician, Removal: removal}),
		on(3, chart.PrimaryProfessionalChanged{From: ana, To: ben}))
	first := careteam.FormerPlace{Member: ana, Removal: removal, Role: careteam.Primary, To: ben, ToWas: careteam.Support}
	second := careteam.FormerPlace{Member: ana, Removal: removal, Role: careteam.Clinician}
	query := roster.FormerQuery{Reach: everything(practice), Group: practice, Member: ana, Removal: removal, Limit: 10}
	ask := func(t *testing.T, change func(*roster.FormerQuery)) []roster.FormerChart {
		t.Helper()
		q := query
		change(&q)
		page, err := roster.Former(t.Context(), pool, q)
		require.NoError(t, err)
		return page.Charts
	}
	spec.Then("select count(*) from former_place", `{"count":2}`)
	t.Run("AMB-14 what a removal took is listed, what somebody decided is not", func(t *testing.T) {
		require.Equal(t, []roster.FormerChart{
			{Chart: chartN(1), Branch: main, Primary: ben, Place: first}, {Chart: chartN(2), Branch: river, Primary: ben, Place: second},
		}, ask(t, func(*roster.FormerQuery) {}))
		facts, err := roster.OfGroup(t.Context(), pool, practice)
		require.NoError(t, err)
		require.Equal(t, []careteam.FormerPlaces{{first}, {second}, nil}, []careteam.FormerPlaces{facts[0].Former, facts[1].Former, facts[2].Former})
	})
	t.Run("reach, practice, member and removal decide", func(t *testing.T) {
		require.Empty(t, ask(t, func(q *roster.FormerQuery) { q.Reach = access.Reach{} }))
		require.Empty(t, ask(t, func(q *roster.FormerQuery) { q.Group = elsewhere }))
		require.Empty(t, ask(t, func(q *roster.FormerQuery) { q.Member = ben }))
		require.Empty(t, ask(t, func(q *roster.FormerQuery) { q.Removal = id.Event{} }))
		require.Len(t, ask(t, func(q *roster.FormerQuery) {
			q.Reach = access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{Branches: []id.Branch{river}}}}}
		}), 1)
	})
	t.Run("a cursor of something else is refused", func(t *testing.T) {
		q := query
		q.Cursor = "{}"
		_, err := roster.Former(t.Context(), pool, q)
		require.Error(t, err)
	})
}

// drawHistory draws what happens to the team of a chart.
func drawHistory(rt *rapid.T) (events []chart.Event) {
	var s chart.State
	members := []id.Member{ana, ben, id.Derive[id.Member]("cho")}
	record := func(e chart.Event) { chart.Evolve(&s, e); events = append(events, e) }
	record(chart.Created{Chart: id.New[id.Chart](), Group: practice, Branch: main, Primary: ana})
	for range rapid.IntRange(1, 8).Draw(rt, "changes") {
		m := rapid.SampledFrom(members).Draw(rt, "member")
		by := rapid.SampledFrom([]id.Event{{}, removal}).Draw(rt, "removal")
		role, on := s.Team().RoleOf(m)
		switch {
		case !on && rapid.Bool().Draw(rt, "joins"):
			record(chart.TeamMemberAdded{Member: m, Role: careteam.Support})
		case on && role != careteam.Primary && rapid.Bool().Draw(rt, "leaves"):
			record(chart.TeamMemberRemoved{Member: m, LastRole: role, Removal: by})
		case role == careteam.Primary:
		case rapid.Bool().Draw(rt, "keeps"):
			record(chart.PlacedInCustody{From: s.Primary(), Custodian: m, Removal: by, CustodianWas: role})
		default:
			record(chart.PrimaryProfessionalChanged{From: s.Primary(), To: m, Removal: by, ToWas: role})
		}
	}
	return events
}

// The rows are what the domain keeps of a team's lost places, whatever happened to it.
func TestFormerPlacesAreThoseOfTheDomain(t *testing.T) {
	want := map[id.Chart]careteam.FormerPlaces{}
	var events []projtest.Event
	histories, lost := rapid.Custom(drawHistory), 0
	for seed := range 80 {
		var s chart.State
		for _, e := range histories.Example(seed) {
			chart.Evolve(&s, e)
			events = append(events, projtest.On(chart.Stream(practice, s.Chart), e))
		}
		want[s.Chart] = s.Former()
		lost += len(s.Former())
	}
	require.Greater(t, lost, 20, "the histories are worth nothing otherwise")
	spec, pool := given(t, events...)
	spec.Then("select count(*) from chart", `{"count":80}`)
	facts, err := roster.OfGroup(t.Context(), pool, practice)
	require.NoError(t, err)
	for _, f := range facts {
		require.ElementsMatch(t, want[f.Chart], f.Former)
	}
}
