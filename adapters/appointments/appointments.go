// Package appointments lets commands look up appointments across the calendars of a
// practice. commands and projections never import each other: this adapter stands
// between them. It imports the domain, commands and the calendars' read model.
package appointments

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/commands"
	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/calendar"
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

// Appointments implements commands.Appointments over the calendars.
type Appointments struct {
	Pool      *pgxpool.Pool
	Log       Log
	Freshness Freshness
}

// patience bounds how long a question about one chart waits for the read model. It
// is far more than the read model is behind when all is well, and a booking does
// not fail because it is behind further.
const patience = time.Second

// Upcoming returns live appointments that are not over.
func (a Appointments) Upcoming(ctx context.Context, g id.Group, q commands.UpcomingQuery) ([]booking.Held, int, error) {
	if !q.Chart.IsZero() {
		a.catchUp(ctx)
	}
	return calendar.Upcoming(ctx, a.Pool, g, q.Chart, q.From, q.Limit)
}

// catchUp waits for the read model, for a moment: what it holds is the answer also
// where it does not catch up.
func (a Appointments) catchUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if tail, err := a.Log.Tail(ctx); err == nil {
		_ = a.Freshness.WaitFor(ctx, tail, calendar.Name)
	}
}
