package commands

import (
	"cmp"
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// World is what one attempt at a command can know outside of its own aggregate. The
// practice was read to its tail when the attempt began; other streams are read, to
// their tails, when they are asked for.
type World struct {
	// Call is who asks, and how.
	Call Call
	// Actor is who asks, in the practice.
	Actor access.Subject
	// Now is the instant of the decision, UTC.
	Now time.Time

	engine   *Engine
	practice *folded[group.State]
	// about is the chart that the command is about, if it was read already.
	about *folded[chart.State]
	chart id.Chart
	// first is the id that the first event of the attempt will have.
	first func() id.Event
}

// Group lets look see the practice as it was when the attempt began, or newer. It
// must keep no part of the state and read nothing else.
func (w *World) Group(look func(group.State)) {
	w.practice.mu.RLock()
	defer w.practice.mu.RUnlock()
	look(w.practice.state)
}

// Chart lets look see a chart, read to its tail in this attempt.
func (w *World) Chart(ctx context.Context, c id.Chart, look func(chart.State)) error {
	if w.about == nil || w.chart != c {
		entry, err := w.engine.charts.read(ctx, chart.Stream(w.Call.Group, c))
		if err != nil {
			return err
		}
		w.about, w.chart = entry, c
	}
	w.about.mu.RLock()
	defer w.about.mu.RUnlock()
	look(w.about.state)
	return nil
}

// openChart makes sure that a chart takes something new: it is neither merged into another
// one nor archived (AMB-17).
func (w *World) openChart(ctx context.Context, c id.Chart) (err error) {
	read := w.Chart(ctx, c, func(s chart.State) {
		switch {
		case !s.Merged().IsZero():
			err = chart.ErrMerged
		case s.Archived:
			err = errChartArchived
		}
	})
	return cmp.Or(read, err)
}

// Policy lets look see the booking policy, read to its tail, and its revision.
func (w *World) Policy(ctx context.Context, look func(booking.PolicyState, es.Revision)) error {
	return w.engine.policies.view(ctx, booking.PolicyStream(w.Call.Group), look)
}

// FirstEvent returns the id that the first event of the command will have. What is
// named by it can be found by anyone who asks who made it and when.
func (w *World) FirstEvent() id.Event { return w.first() }

// acting are the facts of a command whose rules depend on who acts.
func acting[C any](_ context.Context, w *World, _ id.Group, _ C) (id.Member, error) {
	return w.Actor.Member, nil
}
