package commands

import (
	"context"
	"time"

	"praxis/domain/booking"
	"praxis/domain/id"
)

// Appointments looks appointments up across the calendars of a practice. It is a
// read model and may lag: no decision that must hold rests on it alone.
type Appointments interface {
	// Upcoming returns live appointments of a practice that are not over, by their
	// start, and how many there are in all.
	Upcoming(ctx context.Context, g id.Group, q UpcomingQuery) ([]booking.Held, int, error)
}

// UpcomingQuery says which appointments are meant.
type UpcomingQuery struct {
	// Chart, if set, is whose they are. Such a query waits a moment for the read
	// model to hold everything that had been recorded when it was asked.
	Chart id.Chart
	// Current waits for that as long as the request allows, and fails with
	// "read_model_behind" where it does not come: for what must not be decided on less.
	Current bool
	// From is the instant at which they are not over.
	From time.Time
	// Limit is how many are returned at the most; zero means all of them.
	Limit int
}

// Touched are the upcoming appointments that a command was about without changing
// them: they stand.
type Touched struct {
	// Appointments are the first of them, by start.
	Appointments []booking.Held
	// Total is how many there are.
	Total int
}

// mostTouched is how many appointments a receipt names where a whole practice is meant.
const mostTouched = 100

// touchedInGroup looks up the upcoming appointments of a whole practice for a
// receipt; nil where nothing can look them up.
func (e *Engine) touchedInGroup(ctx context.Context, call Call) *Touched {
	if e.config.Appointments == nil {
		return nil
	}
	held, total, err := e.config.Appointments.Upcoming(ctx, call.Group, UpcomingQuery{From: e.Clock(), Limit: mostTouched})
	if err != nil {
		// The command is done; its receipt only knows less.
		e.config.Logger.WarnContext(ctx, "the appointments that a command is about cannot be looked up", "request", call.Request, "error", err)
		return nil
	}
	return &Touched{Appointments: held, Total: total}
}

// touchingAll tells of the upcoming appointments of the whole practice, which a
// command left as they are.
func touchingAll[C any](ctx context.Context, e *Engine, call Call, _ id.Group, _ C, do func(Call) (Receipt, error)) (Receipt, error) {
	receipt, err := do(call)
	if err == nil && !receipt.Replayed {
		receipt.Touched = e.touchedInGroup(ctx, call)
	}
	return receipt, err
}
