package portal

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/id"
	"praxis/projections/read"
)

// MaxCharts bounds how many charts are found for one account.
const MaxCharts = 200

// Link says that an account is linked to a chart of a practice.
type Link struct {
	Group id.Group `db:"group_id"`
	Chart id.Chart `db:"chart_id"`
	// Since is when it was linked, UTC.
	Since time.Time `db:"since"`
}

// LinksOf returns the charts that an account is linked to, those linked first before the
// others: at most MaxCharts. Whether a link holds is the chart's to say.
func LinksOf(ctx context.Context, pool *pgxpool.Pool, a id.Account) ([]Link, error) {
	return read.Rows[Link](ctx, pool, "charts of an account",
		"select group_id, chart_id, since from "+linkTable+" where account_id = $1 order by since, chart_id limit $2", a, MaxCharts)
}
