package duplicates

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/id"
	"praxis/projections/read"
)

// Merge is that a chart was merged into another one.
type Merge struct {
	Source    id.Chart  `db:"chart_id"`
	Into      id.Chart  `db:"merged_into"`
	UndoUntil time.Time `db:"undo_until"`
}

// MergesOf returns the merge of a chart, if it was merged, and those of the charts that
// were merged into it, in the order of their ids. Which of them a reader may see is the
// roster's to say.
func MergesOf(ctx context.Context, pool *pgxpool.Pool, g id.Group, c id.Chart) ([]Merge, error) {
	return read.Rows[Merge](ctx, pool, "merges of a chart",
		"select chart_id, merged_into, undo_until from "+likenessTable+" where group_id = $1 and merged_into is not null and (chart_id = $2 or merged_into = $2) order by chart_id", g, c)
}

// Sources returns the charts that were merged into a chart, also by way of others, in the
// order of their ids.
func Sources(ctx context.Context, pool *pgxpool.Pool, g id.Group, c id.Chart) ([]id.Chart, error) {
	found, err := read.Rows[struct {
		Chart id.Chart `db:"chart_id"`
	}](ctx, pool, "charts that were merged", `
with recursive merged as (
    select chart_id from `+likenessTable+` where group_id = $1 and merged_into = $2
    union
    select l.chart_id from `+likenessTable+` l join merged m on l.merged_into = m.chart_id where l.group_id = $1)
select chart_id from merged where chart_id <> $2 order by chart_id`, g, c)
	charts := make([]id.Chart, 0, len(found))
	for _, f := range found {
		charts = append(charts, f.Chart)
	}
	return charts, err
}
