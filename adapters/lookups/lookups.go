// Package lookups lets commands look up what no single stream knows: the charts of a
// practice in the roster, and appointments across its calendars. commands and
// projections never import each other: this adapter stands between them. It imports
// the domain, commands and the read models.
package lookups

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/calendar"
	"praxis/projections/duplicates"
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

// Lookups implements commands.Rosters over the roster, commands.Appointments over the
// calendars and commands.Duplicates over the charts that look alike.
type Lookups struct {
	Pool      *pgxpool.Pool
	Log       Log
	Freshness Freshness
}

// ChartsOf returns the charts of a practice as the roster knows them now, which
// may be a moment ago.
func (l Lookups) ChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	return roster.OfGroup(ctx, l.Pool, g)
}

// CurrentChartsOf returns the charts of a practice with everything that had been
// recorded when it was called. Fault: "read_model_behind".
func (l Lookups) CurrentChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	if err := l.catchUp(ctx, roster.Name); err != nil {
		return nil, err
	}
	return l.ChartsOf(ctx, g)
}

// GuardsOf returns what is set on the charts of a practice themselves, as the roster knows
// it now, which may be a moment ago.
func (l Lookups) GuardsOf(ctx context.Context, g id.Group) ([]access.Guard, error) {
	return roster.Guards(ctx, l.Pool, g)
}

// patience bounds how long a question about the appointments of one chart, or about charts
// that look alike, waits for the read model. It is far more than the read model is behind
// when all is well, and a booking does not fail because it is behind further.
const patience = time.Second

// Upcoming returns live appointments that are not over. Those of one chart are current
// where the read model catches up in time; what it holds is the answer also where it
// does not, unless they must be. Fault: "read_model_behind".
func (l Lookups) Upcoming(ctx context.Context, g id.Group, q commands.UpcomingQuery) ([]booking.Held, int, error) {
	if q.Current {
		if err := l.catchUp(ctx, calendar.Name); err != nil {
			return nil, 0, err
		}
	} else if !q.Chart.IsZero() {
		waiting, cancel := context.WithTimeout(ctx, patience)
		_ = l.catchUp(waiting, calendar.Name)
		cancel()
	}
	return calendar.Upcoming(ctx, l.Pool, g, q.Chart, q.From, q.Limit)
}

// LookingLike returns charts within reach that have one of the signs. They are current
// where the read models catch up in time; what these hold is the answer also where not.
func (l Lookups) LookingLike(ctx context.Context, reach access.Reach, signs []chart.Sign, limit int) ([]id.Chart, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	_ = l.catchUp(waiting, duplicates.Name, roster.Name)
	cancel()
	return duplicates.Find(ctx, l.Pool, reach, signs, limit)
}

// catchUp waits until read models hold everything that was recorded by now.
func (l Lookups) catchUp(ctx context.Context, models ...string) error {
	tail, err := l.Log.Tail(ctx)
	if err != nil {
		return fmt.Errorf("end of the log: %w", err)
	}
	return l.Freshness.WaitFor(ctx, tail, models...)
}
