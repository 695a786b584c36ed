// Package rosters lets commands look up the charts of a practice in the roster.
// commands and projections never import each other: this adapter stands between
// them. It imports the domain, projections and the roster's read model.
package rosters

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/roster"
)

// Log knows where the log ends.
type Log interface {
	// Tail returns the position of the last event of the log.
	Tail(ctx context.Context) (es.Position, error)
}

// Freshness waits for read models; projections.Runner implements it.
type Freshness interface {
	// WaitFor returns once the named projections hold everything up to a position.
	WaitFor(ctx context.Context, position es.Position, names ...string) error
}

// Rosters implements commands.Rosters over the roster.
type Rosters struct {
	Pool      *pgxpool.Pool
	Log       Log
	Freshness Freshness
}

// ChartsOf returns the charts of a practice as the roster knows them now, which
// may be a moment ago.
func (r Rosters) ChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	return roster.OfGroup(ctx, r.Pool, g)
}

// CurrentChartsOf returns the charts of a practice with everything that had been
// recorded when it was called. Fault: "read_model_behind".
func (r Rosters) CurrentChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	tail, err := r.Log.Tail(ctx)
	if err != nil {
		return nil, fmt.Errorf("end of the log: %w", err)
	}
	if err := r.Freshness.WaitFor(ctx, tail, roster.Name); err != nil {
		return nil, err
	}
	return r.ChartsOf(ctx, g)
}
