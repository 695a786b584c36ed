package roster

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/read"
	"praxis/projections/team"
)

var selectFacts = `
select chart_id, primary_id, branch_id, team, windows, guard, former
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
		var members []id.Member
		var w team.Windows
		var guard chart.Guarded
		err = row.Scan(&f.Chart, &f.Primary, &f.Branch, &members, &w, &guard, &f.Former)
		f.Guard = guard.Of(f.Chart, f.Primary)
		f.Team = w.Places(members)
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("roster of a practice: %w", err)
	}
	return facts, nil
}

// Guards returns what is set on the charts of a practice themselves, of those on which
// anything is, whether or not it is over by itself. It is for decisions, not for people.
func Guards(ctx context.Context, pool *pgxpool.Pool, g id.Group) ([]access.Guard, error) {
	found, err := read.Rows[struct {
		Chart   id.Chart      `db:"chart_id"`
		Primary id.Member     `db:"primary_id"`
		Guard   chart.Guarded `db:"guard"`
	}](ctx, pool, "guards of charts", "select chart_id, primary_id, guard from "+chartTable+" where group_id = $1 and guard <> '{}'", g)
	var guards []access.Guard
	for _, f := range found {
		if guard := f.Guard.Of(f.Chart, f.Primary); guard != nil {
			guards = append(guards, *guard)
		}
	}
	return guards, err
}
