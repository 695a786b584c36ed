package reachsql_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections/reachsql"
)

// few draws from so few ids that rows and areas often meet.
func few[I ~[16]byte](t *rapid.T, name string) I {
	var v I
	v[15] = byte(rapid.IntRange(1, 3).Draw(t, name))
	return v
}

func some[I ~[16]byte](t *rapid.T, name string) []I {
	list := make([]I, rapid.IntRange(0, 2).Draw(t, name+"s"))
	for i := range list {
		list[i] = few[I](t, name)
	}
	return list
}

// noon is an edge of many windows; around it are the instants next to it, for Go and for
// Postgres, which keeps whole microseconds. The zero instant is unbounded.
var (
	noon     = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	edges    = []time.Time{{}, noon.Add(-time.Microsecond), noon, noon.Add(time.Microsecond), noon.AddDate(0, 0, 14)}
	instants = append(slices.Clone(edges), noon.Add(-1), noon.Add(1), noon.Add(time.Microsecond-1), noon.AddDate(0, 0, 14).Add(-1), noon.AddDate(1, 0, 0))
)

// team draws places, at most one of each member.
func team(t *rapid.T) []access.Place {
	return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) access.Place {
		return access.Place{
			Member: few[id.Member](t, "placed"), From: rapid.SampledFrom(edges).Draw(t, "from"), Until: rapid.SampledFrom(edges).Draw(t, "until"),
		}
	}), 0, 3, func(p access.Place) id.Member { return p.Member }).Draw(t, "team")
}

// columnsOf is a team as read models keep it.
func columnsOf(team []access.Place) (members []id.Member, windows map[id.Member]map[string]time.Time) {
	windows = map[id.Member]map[string]time.Time{}
	for _, p := range team {
		members = append(members, p.Member)
		bounds := map[string]time.Time{"from": p.From, "until": p.Until}
		maps.DeleteFunc(bounds, func(_ string, at time.Time) bool { return at.IsZero() })
		if len(bounds) > 0 {
			windows[p.Member] = bounds
		}
	}
	return members, windows
}

func area(t *rapid.T) access.Area {
	a := access.Area{
		All:        rapid.IntRange(0, 5).Draw(t, "all") == 0,
		EveryChart: rapid.IntRange(0, 5).Draw(t, "every chart") == 0, ChartsOf: some[id.Branch](t, "charts of"),
		Clinicians: some[id.Member](t, "clinician"), Branches: some[id.Branch](t, "branch"), Charts: some[id.Chart](t, "chart"),
	}
	if rapid.Bool().Draw(t, "of a team") {
		a.TeamOf = few[id.Member](t, "team of")
	}
	return a
}

func TestConditionIsContains(t *testing.T) {
	pool := pgtest.New(t)
	_, err := pool.Exec(t.Context(), "create table thing (g uuid, clinician uuid, branch uuid, team uuid[], windows jsonb, chart uuid)")
	require.NoError(t, err)
	columns := reachsql.Columns{Group: "g", Clinician: "clinician", Branch: "branch", Team: "team", Windows: "windows", Chart: "chart"}
	rapid.Check(t, func(rt *rapid.T) {
		reach := access.Reach{Group: few[id.Group](rt, "group"), At: rapid.SampledFrom(instants[1:]).Draw(rt, "at")}
		for range rapid.IntRange(0, 2).Draw(rt, "parts") {
			reach.Parts = append(reach.Parts, access.Part{Within: area(rt), Except: area(rt)})
		}
		r := access.Resource{
			Group: few[id.Group](rt, "g"), Clinician: few[id.Member](rt, "c"), Branch: few[id.Branch](rt, "b"),
			Team: team(rt),
		}
		members, windows := columnsOf(r.Team)
		var chart *id.Chart // A row that is about no chart has none.
		if rapid.Bool().Draw(rt, "of a chart") {
			r.Chart = few[id.Chart](rt, "h")
			chart = &r.Chart
		}
		var args reachsql.Args
		row := "(select " + args.Add(r.Group) + "::uuid g, " + args.Add(r.Clinician) + "::uuid clinician, " + args.Add(r.Branch) + "::uuid branch, " +
			args.Add(members) + "::uuid[] team, " + args.Add(windows) + "::jsonb windows, " + args.Add(chart) + "::uuid chart) thing"
		var count int
		sql := "select count(*) from " + row + " where " + reachsql.Condition(reach, columns, &args)
		require.NoError(rt, pool.QueryRow(t.Context(), sql, args.Values...).Scan(&count), sql)
		require.Equal(rt, reach.Contains(r), count == 1, sql)
	})
}

// Every window with every instant around its edges, in what is shown and in what is denied.
func TestAPlaceHoldsInSQLAtTheInstantsAtWhichItHolds(t *testing.T) {
	pool := pgtest.New(t)
	columns := reachsql.Columns{Group: "g", Team: "team", Windows: "windows"}
	g, m := id.New[id.Group](), id.New[id.Member]()
	ofTeam := access.Area{TeamOf: m}
	for _, part := range []access.Part{{Within: ofTeam}, {Within: access.Area{All: true}, Except: ofTeam}} {
		for _, from := range edges {
			for _, until := range edges {
				r := access.Resource{Group: g, Team: []access.Place{{Member: m, From: from, Until: until}}}
				members, windows := columnsOf(r.Team)
				for _, at := range instants {
					reach := access.Reach{Group: g, Parts: []access.Part{part}, At: at}
					var args reachsql.Args
					sql := "select count(*) = 1 from (select " + args.Add(g) + "::uuid g, " + args.Add(members) + "::uuid[] team, " + args.Add(windows) + "::jsonb windows) thing where "
					var within bool
					require.NoError(t, pool.QueryRow(t.Context(), sql+reachsql.Condition(reach, columns, &args), args.Values...).Scan(&within))
					require.Equal(t, reach.Contains(r), within, "from %s until %s at %s", from, until, at)
				}
			}
		}
	}
}

// Sharing every chart shares no row that is about none.
func TestSharingEveryChartIsAboutCharts(t *testing.T) {
	pool := pgtest.New(t)
	reach := access.Reach{Parts: []access.Part{{Within: access.Area{EveryChart: true}}}}
	columns := reachsql.Columns{Group: "g", Chart: "chart"}
	for chart, seen := range map[string]bool{"gen_random_uuid()": true, "null::uuid": false} {
		var is bool
		sql := "select count(*) = 1 from (select gen_random_uuid() g, " + chart + " chart) thing where " + reachsql.Condition(reach, columns, &reachsql.Args{})
		require.NoError(t, pool.QueryRow(t.Context(), sql).Scan(&is))
		require.Equal(t, seen, is, chart)
	}
}

func TestWhatAReadModelCannotKnow(t *testing.T) {
	columns := reachsql.Columns{Group: "g", Clinician: "clinician"}
	g, m, b := id.New[id.Group](), id.New[id.Member](), id.New[id.Branch]()
	condition := func(p access.Part) string {
		return reachsql.Condition(access.Reach{Group: g, Parts: []access.Part{p}}, columns, &reachsql.Args{})
	}
	t.Run("is never allowed by it", func(t *testing.T) {
		require.Equal(t, "g = $1 and ((false))", condition(access.Part{Within: access.Area{Branches: []id.Branch{b}}}))
		require.Equal(t, "g = $1 and ((false))", condition(access.Part{Within: access.Area{EveryChart: true}}))
		require.Equal(t, "g = $1 and ((false))", condition(access.Part{Within: access.Area{ChartsOf: []id.Branch{b}}}))
	})
	t.Run("is always denied", func(t *testing.T) {
		require.Contains(t, condition(access.Part{Within: access.Area{All: true}, Except: access.Area{Branches: []id.Branch{b}, Clinicians: []id.Member{m}}}), "or true)")
	})
	t.Run("an empty reach is false", func(t *testing.T) {
		require.Equal(t, "false", reachsql.Condition(access.Reach{Group: g}, columns, &reachsql.Args{}))
	})
}
