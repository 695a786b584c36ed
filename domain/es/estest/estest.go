// Package estest gives deciders their Given/When/Then specs and events their
// golden files. It is for tests only.
package estest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// Decider is a command: data with one pure decision.
type Decider[S, E any] interface {
	Decide(s S, now time.Time) ([]E, error)
}

// With is a command together with the facts that its decision needs.
type With[C FactDecider[F, S, E], F, S, E any] struct {
	Command C
	Facts   F
}

// FactDecider is a command that is decided with facts from elsewhere.
type FactDecider[F, S, E any] interface {
	Decide(s S, f F, now time.Time) ([]E, error)
}

// Decide decides the command with its facts.
func (w With[C, F, S, E]) Decide(s S, now time.Time) ([]E, error) {
	return w.Command.Decide(s, w.Facts, now)
}

// Knowing gives a command its facts.
func Knowing[C FactDecider[F, S, E], F, S, E any](c C, f F) With[C, F, S, E] {
	return With[C, F, S, E]{Command: c, Facts: f}
}

// Spec reads like a sentence: Given past events, When a command is decided at a
// time, Then these events, or this rejection.
type Spec[S, E any] struct {
	t         testing.TB
	aggregate es.Aggregate[S, E]
	history   []E
}

// Given starts a spec with the events that already happened.
func Given[S, E any](t testing.TB, a es.Aggregate[S, E], history ...E) Spec[S, E] {
	return Spec[S, E]{t: t, aggregate: a, history: history}
}

// When decides a command. It also proves that deciding left the state alone:
// folding the history anew gives the same state, and the same decision.
func (s Spec[S, E]) When(c Decider[S, E], now time.Time) Outcome[S, E] {
	s.t.Helper()
	state := s.aggregate.Fold(s.history...)
	events, err := c.Decide(state, now)
	require.Empty(s.t, cmp.Diff(s.aggregate.Fold(s.history...), state, exportAll), "deciding must not change the state")
	return Outcome[S, E]{t: s.t, spec: s, events: events, err: err}
}

// Outcome is what a command led to.
type Outcome[S, E any] struct {
	t      testing.TB
	spec   Spec[S, E]
	events []E
	err    error
}

// Then requires exactly these events.
func (o Outcome[S, E]) Then(events ...E) {
	o.t.Helper()
	require.NoError(o.t, o.err)
	require.Empty(o.t, cmp.Diff(events, o.events, exportAll))
}

// ThenNothing requires that the command is accepted and changes nothing.
func (o Outcome[S, E]) ThenNothing() {
	o.t.Helper()
	require.NoError(o.t, o.err)
	require.Empty(o.t, o.events)
}

// ThenRejected requires a rejection with this code and no events. It returns
// the rejection, so that a spec can look at its message and details.
func (o Outcome[S, E]) ThenRejected(code string) *fault.Error {
	o.t.Helper()
	require.Error(o.t, o.err)
	require.Empty(o.t, o.events, "a rejection comes without events")
	var f *fault.Error
	require.ErrorAs(o.t, o.err, &f, "a rejection is a fault, got %v", o.err)
	require.Equal(o.t, code, f.Code, f.Message)
	return f
}

// ThenState requires that check holds of the state after the command's events.
func (o Outcome[S, E]) ThenState(check func(testing.TB, S)) {
	o.t.Helper()
	require.NoError(o.t, o.err)
	history := append(append([]E{}, o.spec.history...), o.events...)
	check(o.t, o.spec.aggregate.Fold(history...))
}
