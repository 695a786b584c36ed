package roster_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/projtest"
	"praxis/projections/roster"
)

// What is asked of a large practice is found by indexes: the charts that are a clinician's
// own by one, those on whose team they are by another, those of a status by a third.
func TestTheChartsOfALargePracticeAreFoundByIndexes(t *testing.T) {
	pool := pgtest.New(t)
	require.NoError(t, projections.Install(t.Context(), pool, roster.Projector{}))
	_, err := pool.Exec(t.Context(), `
insert into `+projections.Table(roster.Projector{}, "chart")+` (chart_id, group_id, given_name, family_name, email, phone,
       sort_name, branch_id, primary_id, team, status, created_at, changed_at, revision)
select gen_random_uuid(), $1, 'Mia', 'Loveford', '', '', md5(n::text), $2, md5((n % 400)::text)::uuid,
       array[md5((n % 401)::text)::uuid], case when n % 50 = 0 then 'inactive' else 'active' end, now(), now(), 0
  from generate_series(1, 20000) n`, practice, main)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "analyze "+projections.Table(roster.Projector{}, "chart"))
	require.NoError(t, err)
	var clinician id.Member
	require.NoError(t, pool.QueryRow(t.Context(), "select md5('7')::uuid").Scan(&clinician))

	plan := projtest.Plans(t, pool, func(pool *pgxpool.Pool) error {
		reach := access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{Clinicians: []id.Member{clinician}, TeamOf: clinician}}}}
		found, err := roster.List(t.Context(), projections.Live(pool), roster.Query{Reach: reach, Order: roster.ByName, Limit: 50})
		require.Len(t, found.Entries, 50)
		return err
	})
	require.Contains(t, plan, "chart_by_team", plan)
	require.Contains(t, plan, "chart_by_primary", plan)

	everything := access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{All: true}}}}
	inactive := roster.Query{Reach: everything, Order: roster.ByName, Filter: roster.Filter{Status: chart.Inactive}, Limit: 50}
	plan = projtest.Plans(t, pool, func(pool *pgxpool.Pool) error {
		_, err := roster.List(t.Context(), projections.Live(pool), inactive)
		return err
	})
	require.Contains(t, plan, "chart_by_status", plan)
	require.NotContains(t, plan, "Sort", plan)
	plan = projtest.Plans(t, pool, func(pool *pgxpool.Pool) error {
		count, err := roster.CountOf(t.Context(), projections.Live(pool), inactive)
		require.Equal(t, 400, count.Charts)
		return err
	})
	require.Contains(t, plan, "chart_by_status", plan)
}
