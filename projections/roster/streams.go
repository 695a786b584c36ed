package roster

import (
	"context"

	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/read"
)

// Foldable is the roster for questions about the past: every chart that a practice ever
// had is on it.
var Foldable = projections.Foldable{Projector: Projector{}, FoundBy: []string{Name}, Streams: streams}

func streams(ctx context.Context, q read.Querier, g id.Group) ([]es.Stream, error) {
	charts, err := read.Rows[struct {
		Chart id.Chart `db:"chart_id"`
	}](ctx, q, "charts of a practice", "select chart_id from "+chartTable+" where group_id = $1", g)
	all := make([]es.Stream, 0, len(charts))
	for _, c := range charts {
		all = append(all, chart.Stream(g, c.Chart))
	}
	return all, err
}
