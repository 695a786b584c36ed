package duplicates_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/duplicates"
	"praxis/projections/projtest"
	"praxis/projections/roster"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var (
	practice  = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	elsewhere = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f1")
	ana       = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben       = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")
	c1        = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	c2        = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c2")
	c3        = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c3")
	c4        = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c4")
	c5        = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c5")
	born      = civil.MustDate("1985-12-10")
)

// practices have a roster beside the pairs: it says who sees what.
type practices struct {
	t      *testing.T
	pool   *pgxpool.Pool
	roster projtest.Model
	spec   *projtest.Spec
}

func given(t *testing.T, events ...projtest.Event) *practices {
	t.Helper()
	registry, err := es.NewRegistry(es.Plain{}, chart.Events())
	require.NoError(t, err)
	pool := pgtest.New(t)
	require.NoError(t, projections.Install(t.Context(), pool, roster.Projector{}))
	p := &practices{t: t, pool: pool, roster: projtest.Model{Pool: pool, Registry: registry, Projector: roster.Projector{}}}
	projtest.Apply(t, p.roster, events...)
	p.spec = projtest.Given(t, projtest.Model{Pool: pool, Registry: registry, Projector: duplicates.Projector{}}, events...)
	return p
}

// when has more happen, in both read models.
func (p *practices) when(events ...projtest.Event) {
	p.t.Helper()
	projtest.Apply(p.t, p.roster, events...)
	p.spec.When(events...)
}

func on(c id.Chart, event chart.Event) projtest.Event {
	return projtest.On(chart.Stream(practice, c), event)
}

func opened(c id.Chart, primary id.Member, given, family string, birth civil.Date, mail string) projtest.Event {
	return on(c, chart.Created{Chart: c, Group: practice, GivenName: given, FamilyName: family, BirthDate: birth, Email: mail, Primary: primary})
}

// everything is the reach of who sees every chart, and of is that of one clinician.
var everything = access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{All: true}}}}

func of(m id.Member) access.Reach {
	return access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{Clinicians: []id.Member{m}}}}}
}

// found are the charts that look like a patient.
func (p *practices) found(reach access.Reach, d chart.Demographics) []id.Chart {
	p.t.Helper()
	charts, err := duplicates.Find(p.t.Context(), p.pool, reach, d.Signs(practice), 10)
	require.NoError(p.t, err)
	return charts
}

// pairs are all pairs, two to a page.
func (p *practices) pairs(reach access.Reach) (all [][2]id.Chart) {
	p.t.Helper()
	q := duplicates.Query{Reach: reach, Limit: 2}
	for {
		page, err := duplicates.List(p.t.Context(), p.pool, q)
		require.NoError(p.t, err)
		for _, pair := range page.Pairs {
			all = append(all, [2]id.Chart{pair.Chart.Chart, pair.Other.Chart})
		}
		if page.Next == "" {
			return all
		}
		q.Cursor = page.Next
	}
}

func TestChartsThatLookAlike(t *testing.T) {
	ada := chart.Demographics{GivenName: "Ada", FamilyName: "Lovelace", BirthDate: born}
	p := given(t,
		opened(c1, ana, "Ada", "Lovelace", born, "ada@example.org"),
		opened(c2, ben, "LOVELACE", "Áda", born, ""),
		opened(c3, ana, "Grace", "Hopper", civil.MustDate("1906-12-09"), ""),
		projtest.On(chart.Stream(elsewhere, c5), chart.Created{Chart: c5, Group: elsewhere, GivenName: "Ada", FamilyName: "Lovelace", BirthDate: born, Primary: ana}),
	)
	t.Run("are found in any spelling of the name, in this practice and within reach", func(t *testing.T) {
		require.Equal(t, []id.Chart{c1, c2}, p.found(everything, ada))
		require.Equal(t, []id.Chart{c1}, p.found(of(ana), ada))
		require.Equal(t, []id.Chart{c2}, p.found(of(ben), ada))
		require.Empty(t, p.found(access.Reach{}, ada))
		require.Empty(t, p.found(everything, chart.Demographics{GivenName: "Ada", FamilyName: "Lovelace"}))
		require.Empty(t, p.found(everything, chart.Demographics{}))
		there := access.Reach{Group: elsewhere, Parts: []access.Part{{Within: access.Area{All: true}}}}
		require.Empty(t, p.found(there, ada), "signs are made for one practice")
	})
	t.Run("are listed as pairs to who may see both, with what is alike", func(t *testing.T) {
		page, err := duplicates.List(t.Context(), p.pool, duplicates.Query{Reach: everything, Limit: 50})
		require.NoError(t, err)
		day := "1985-12-10"
		require.Equal(t, duplicates.Page{Pairs: []duplicates.Pair{{
			Chart: duplicates.Patient{Chart: c1, GivenName: "Ada", FamilyName: "Lovelace", BirthDate: &day, Email: "ada@example.org"},
			Other: duplicates.Patient{Chart: c2, GivenName: "LOVELACE", FamilyName: "Áda", BirthDate: &day},
			In:    []chart.Likeness{chart.NameAndBirthDate},
		}}}, page)
		require.Empty(t, p.pairs(of(ana)))
		require.Empty(t, p.pairs(of(ben)))
		require.Empty(t, p.pairs(access.Reach{}))
	})
	t.Run("what is changed is what is compared", func(t *testing.T) {
		p.when(on(c3, chart.DemographicsUpdated{GivenName: "Ada", FamilyName: "Lovelace", Email: "ada+2@example.org"}))
		require.Equal(t, [][2]id.Chart{{c1, c2}, {c1, c3}}, p.pairs(everything))
		require.Equal(t, [][2]id.Chart{{c1, c3}}, p.pairs(of(ana)))
		require.Equal(t, []id.Chart{c1, c3}, p.found(everything, chart.Demographics{FamilyName: "Lovelace Ada", Email: "ada@example.org"}))
	})
	t.Run("pages follow each other", func(t *testing.T) {
		p.when(opened(c4, ana, "Ada", "Lovelace", born, ""))
		require.Equal(t, [][2]id.Chart{{c1, c2}, {c1, c3}, {c1, c4}, {c2, c4}}, p.pairs(everything))
	})
	t.Run("who was told apart is in no list, from whichever side it was said", func(t *testing.T) {
		p.when(on(c4, chart.ToldApart{From: []id.Chart{c1, c2}}), on(c1, chart.ToldApart{From: []id.Chart{c4}}))
		require.Equal(t, [][2]id.Chart{{c1, c2}, {c1, c3}}, p.pairs(everything))
		p.spec.Then("select count(*) from apart", `{"count":2}`)
	})
	t.Run("a merged chart is in no pair and no warning, and is found by the one that goes on, until that is undone", func(t *testing.T) {
		until := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
		sources := func(g id.Group, c id.Chart) []id.Chart {
			found, err := duplicates.Sources(t.Context(), p.pool, g, c)
			require.NoError(t, err)
			return found
		}
		p.when(on(c4, chart.MergedInto{Merge: id.Derive[id.Event]("4"), Into: c3, UndoUntil: until}), on(c3, chart.MergedInto{Merge: id.Derive[id.Event]("3"), Into: c1, UndoUntil: until}))
		require.Equal(t, []id.Chart{c3, c4}, sources(practice, c1), "by way of another, too")
		require.Equal(t, []id.Chart{c4}, sources(practice, c3))
		require.Empty(t, sources(elsewhere, c1))
		require.Equal(t, [][2]id.Chart{{c1, c2}}, p.pairs(everything))
		require.Equal(t, []id.Chart{c1, c2}, p.found(everything, ada))
		merges, err := duplicates.MergesOf(t.Context(), p.pool, practice, c3)
		require.NoError(t, err)
		require.Equal(t, []id.Chart{c3, c1, c4, c3}, []id.Chart{merges[0].Source, merges[0].Into, merges[1].Source, merges[1].Into})
		require.True(t, until.Equal(merges[0].UndoUntil))
		p.when(on(c4, chart.MergeUndone{Into: c3}), on(c3, chart.MergeUndone{Into: c1}))
		require.Empty(t, sources(practice, c1))
		require.Equal(t, [][2]id.Chart{{c1, c2}, {c1, c3}}, p.pairs(everything))
		// They compare a merge of two in each other, which is undone a moment later, too.
		p.when(on(c4, chart.MergedInto{Into: c3, UndoUntil: until}), on(c3, chart.MergedInto{Into: c4, UndoUntil: until}))
		require.Equal(t, []id.Chart{c3}, sources(practice, c4))
		p.when(on(c4, chart.MergeUndone{Into: c3}), on(c3, chart.MergeUndone{Into: c4}))
	})
	t.Run("AMB-17 an archived chart stands second, and two of them in no pair", func(t *testing.T) {
		p.when(on(c1, chart.Archived{StatusAtArchive: chart.Active}))
		require.Equal(t, [][2]id.Chart{{c2, c1}, {c3, c1}}, p.pairs(everything))
		p.when(on(c2, chart.Archived{StatusAtArchive: chart.Active}))
		require.Equal(t, [][2]id.Chart{{c3, c1}}, p.pairs(everything))
		require.True(t, slices.Contains(p.found(everything, ada), c1), "a returning patient is warned of")
	})
}
