package roster

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/group"
	"praxis/domain/id"
)

var selectFacts = `
select chart_id, primary_id, branch_id, team, windows, former
  from ` + chartTable + `
  left join (select chart_id, jsonb_agg(` + placeJSON + `) as former from ` + formerPlaceTable + ` where group_id = $1 group by chart_id) lost
 using (chart_id)
 where group_id = $1 order by created_at, chart_id`

// OfGroup returns what access to a chart depends on, for every chart of a
// practice, archived ones too, oldest first. It is for decisions, not for
// people: no reach narrows it, and it shows no patient.
func OfGroup(ctx context.Context, pool *pgxpool.Pool, g id.Group) ([]group.ChartFacts, error) {
	rows, _ := pool.Query(ctx, selectFacts, g) // Collecting returns its error, too.
	facts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f group.ChartFacts, err error) {
		var team []id.Member
		var w windows
		err = row.Scan(&f.Chart, &f.Primary, &f.Branch, &team, &w, &f.Former)
		for _, m := range team {
			f.Team = append(f.Team, w.of(m))
		}
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("roster of a practice: %w", err)
	}
	return facts, nil
}
