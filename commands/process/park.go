package process

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/quarantine"
	"praxis/internal/follower"
)

// timerError is a timer of a parked practice that cannot be carried out either.
type timerError struct {
	timer Timer
	*poison
}

// Unwrap returns why it cannot be carried out.
func (a *timerError) Unwrap() error { return a.poison }

// scopeOf is what waits when an event of a stream is parked: its practice, or the stream
// where that names none.
func scopeOf(s es.Stream) string {
	if g, ok := s.Group(); ok {
		return g.String()
	}
	return string(s)
}

// decisionKey is what a decision names: an event, or a timer that was due at an instant.
func decisionKey(event id.Event, g id.Group, timer string, due time.Time) string {
	if timer == "" {
		return event.String()
	}
	return g.String() + " " + timer + " " + due.UTC().Format(time.RFC3339Nano)
}

// loadAside finds out what waits. The decisions to leave something out are read from the
// log.
func (l *lane) loadAside(ctx context.Context) error {
	entries, err := l.runner.Journal.Aside(ctx, l.process.Name)
	if err != nil {
		return err
	}
	l.parked = map[string]Parked{}
	for _, e := range entries {
		l.parked[e.Scope] = e
	}
	if l.skips != nil {
		return nil
	}
	skips := map[string]*follower.Event{}
	for rec, err := range l.runner.Source.ReadStream(ctx, quarantine.Stream, 0) {
		if err != nil {
			return fmt.Errorf("read what was decided to leave out: %w", err)
		}
		e := follower.Decode(l.runner.Registry, rec)
		if s, ok := e.Envelope.Event.(quarantine.EventSkipped); ok && s.Follower == l.Name() {
			skips[decisionKey(s.Event, s.Group, s.Timer, s.Due)] = e
		}
	}
	l.skips = skips
	return nil
}

// leave reports whether an event is not dealt with now: it waits, is left out, or is a
// decision to leave something out.
func (l *lane) leave(ctx context.Context, e *follower.Event) (left bool, err error) {
	rec := e.Recorded
	step := Step{To: rec.Position, Last: rec.Mark()}
	if rec.Stream.Category() == quarantine.Category {
		if s, ok := e.Envelope.Event.(quarantine.EventSkipped); ok && s.Follower == l.Name() {
			if err := l.decide(ctx, s, e); err != nil {
				return true, err
			}
		}
		return true, l.commit(ctx, step)
	}
	if p, waits := l.parked[scopeOf(rec.Stream)]; waits {
		step.Wait = p.Scope
		return true, l.commit(ctx, step)
	}
	if decision, skipped := l.skips[rec.ID.String()]; skipped {
		p := l.parkedEvent(rec)
		p.Failure = l.failure(&poison{errSkipped}, p)
		step.Skipped = decided(p, decision)
		return true, l.commit(ctx, step)
	}
	return false, nil
}

var errSkipped = fault.New(fault.Rejected, "event_skipped", "This event was left out, as an operator had decided before.")

// decide follows a decision to leave something out.
func (l *lane) decide(ctx context.Context, s quarantine.EventSkipped, decision *follower.Event) error {
	key := decisionKey(s.Event, s.Group, s.Timer, s.Due)
	l.skips[key] = decision
	for _, p := range l.parked {
		if decisionKey(p.Event, p.Group, p.Timer, p.Due) == key {
			return l.unpark(ctx, p, decision)
		}
	}
	return nil
}

// decided adds to what is left out who decided that, when and why.
func decided(p Parked, decision *follower.Event) *Skipped {
	env := decision.Envelope
	return &Skipped{Parked: p, By: strings.TrimPrefix(env.Meta.Actor, "operator:"), Reason: env.Meta.Reason, At: env.RecordedAt}
}

func (l *lane) parkedEvent(rec es.Recorded) Parked {
	g, _ := rec.Stream.Group()
	return Parked{Scope: scopeOf(rec.Stream), Group: g, Stream: rec.Stream, Revision: rec.Revision, Event: rec.ID, After: l.at.Position, Failure: Failure{Event: rec.Type}}
}

func (l *lane) parkedTimer(t Timer) Parked {
	return Parked{Scope: t.Group.String(), Group: t.Group, Timer: t.Key, Due: t.Due, After: l.reached}
}

// failure says why something could not be dealt with.
func (l *lane) failure(why *poison, at Parked) Failure {
	f := Failure{
		Code: "process_failed", Message: "The process cannot deal with this.", At: l.runner.Clock(),
		Event: at.Failure.Event, Stream: at.Stream, Revision: at.Revision, Timer: at.Timer,
	}
	if known, ok := errors.AsType[*fault.Error](why.cause); ok {
		f.Code, f.Message = known.Code, known.Message
	}
	if cause := strings.TrimPrefix(fault.Cause(why.cause), f.Code+": "); cause != f.Code {
		f.Cause, f.Stack = cause, fault.StackOf(why.cause)
	}
	return f
}

// park leaves an event or a timer aside that the process cannot deal with, and with it
// what comes later in its scope. Every other practice goes on.
func (l *lane) park(ctx context.Context, s Step, p Parked, why *poison) error {
	p.Failure = l.failure(why, p)
	s.Park = &p
	if err := l.commit(ctx, s); err != nil {
		return err
	}
	l.runner.Logger.ErrorContext(ctx, "something is in the quarantine, and its practice waits", "process", l.process.Name, "failure", p.Failure.String(), "stack", p.Failure.Stack)
	return l.loadAside(ctx)
}

// tryAgain deals with what an operator asked to try again.
func (l *lane) tryAgain(ctx context.Context) error {
	if len(l.parked) == 0 {
		return nil
	}
	if err := l.loadAside(ctx); err != nil {
		return err
	}
	for _, p := range l.parked {
		if p.Retry {
			if err := l.unpark(ctx, p, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// unpark deals with what waits in a scope, event by event and timer by timer in the order
// in which it would have been done, up to the checkpoint; with a decision, without the one
// that is parked. Each step is kept, so that a crash goes on where it was. It parks the
// scope again where one of them cannot be dealt with.
func (l *lane) unpark(ctx context.Context, p Parked, decision *follower.Event) error {
	if l.at.Position.Before(l.reached) {
		if err := l.commit(ctx, Step{To: l.reached}); err != nil {
			return err
		}
	}
	if decision != nil {
		s := Step{To: l.reached, Skipped: decided(p, decision)}
		if p.Timer != "" {
			s.Fired = &Timer{Group: p.Group, Key: p.Timer, Due: p.Due}
		}
		p.Event, p.Timer, p.Due, p.Retry = id.Event{}, "", time.Time{}, true
		s.Moved = &p
		if err := l.commit(ctx, s); err != nil {
			return err
		}
	}
	waiting := p.Waiting
	for rec, err := range l.runner.Source.ReadAll(ctx, l.process.Categories, p.After) {
		if err != nil {
			return fmt.Errorf("read what waits: %w", err)
		}
		if l.reached.Before(rec.Position) {
			break
		}
		if scopeOf(rec.Stream) != p.Scope {
			continue
		}
		if other, skipped := l.skips[rec.ID.String()]; skipped {
			left := l.parkedEvent(rec)
			left.Failure = l.failure(&poison{errSkipped}, left)
			if err := l.commit(ctx, Step{To: l.reached, Skipped: decided(left, other)}); err != nil {
				return err
			}
			continue
		}
		next := l.parkedEvent(rec)
		next.ID, next.Waiting, next.Retry, next.Failure = p.ID, max(0, waiting-1), true, p.Failure
		if rec.ID == p.Event {
			next.Waiting = waiting
		}
		waiting = next.Waiting
		err = l.catchUp(ctx, follower.Decode(l.runner.Registry, rec), next)
		if poisoned, ok := errors.AsType[*poison](err); ok {
			if timer, is := errors.AsType[*timerError](err); is {
				event := next
				next = l.parkedTimer(timer.timer)
				next.ID, next.After, next.Waiting = p.ID, p.After, event.Waiting+1
				poisoned = timer.poison
			} else {
				next.After = p.After
			}
			next.Failure.Event, next.Retry = rec.Type, false
			next.Failure = l.failure(poisoned, next)
			return errors.Join(l.commit(ctx, Step{To: l.reached, Moved: &next}), l.loadAside(ctx))
		}
		if err != nil {
			return err
		}
		p.After = rec.Position
	}
	if err := l.commit(ctx, Step{To: l.reached, Release: p.ID}); err != nil {
		return err
	}
	return l.loadAside(ctx)
}

// catchUp deals with one event that waited, after the timers of its practice that were due
// before it.
func (l *lane) catchUp(ctx context.Context, e *follower.Event, parked Parked) error {
	if err := l.fire(ctx, l.until(e.Recorded), parked.Group); err != nil {
		return err
	}
	why, effects, err := l.react(e)
	if err != nil {
		return err
	}
	parked.After = e.Recorded.Position
	return l.perform(ctx, why, effects, Step{To: l.reached, Events: 1, Moved: &parked})
}
