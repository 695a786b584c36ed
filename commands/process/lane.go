package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/quarantine"
	"praxis/internal/follower"
)

// idleEvents is how many events that lead to nothing are passed over before the
// checkpoint follows. After a crash they are looked at again, which costs time
// and nothing else.
const idleEvents = 500

// lane keeps one process going while this instance leads it. It trusts the journal, not
// itself, for where the process is: after any error it loads the checkpoint.
type lane struct {
	runner  *Runner
	process Process
	// at is the checkpoint as last committed, reached the position up to which
	// every event is dealt with, passed how many of them led to nothing.
	at      Checkpoint
	reached es.Position
	passed  int
	// parked is what waits, by scope, and skips are the decisions to leave something out; nil
	// until they were read.
	parked map[string]Parked
	skips  map[string]*follower.Event
	// last is the last event up to reached, as far as one came since the checkpoint was loaded.
	last es.Mark
}

// Name implements follower.Member.
func (l *lane) Name() string { return "process " + l.process.Name }

// Categories implements follower.Member.
func (l *lane) Categories() []es.Category {
	return append(slices.Clone(l.process.Categories), quarantine.Category)
}

// Load implements follower.Member: a process that never ran is registered.
func (l *lane) Load(ctx context.Context) (es.Position, error) {
	j := l.runner.Journal
	at, ok, err := j.Load(ctx, l.process.Name)
	if err == nil && !ok {
		var from es.Position
		if l.process.FromNow {
			if from, err = l.runner.Source.Tail(ctx); err != nil {
				return from, fmt.Errorf("find the end of the log: %w", err)
			}
		}
		if err = j.Register(ctx, l.process.Name, from); err == nil {
			at, _, err = j.Load(ctx, l.process.Name)
		}
	}
	if err != nil {
		return es.Position{}, err
	}
	l.at, l.reached, l.passed, l.last = at, at.Position, 0, es.Mark{}
	return at.Position, l.loadAside(ctx)
}

// Take implements follower.Member. Before everything recorded was seen, a timer that an
// event has long taken back could fire; so timers by the clock wait for that.
func (l *lane) Take(ctx context.Context, p follower.Portion) error {
	for _, e := range p.Events {
		if err := l.event(ctx, e); err != nil {
			return err
		}
	}
	if l.reached.Before(p.UpTo) {
		l.reached = p.UpTo
	}
	if !p.Live {
		return nil
	}
	if err := l.fire(ctx, l.runner.Clock(), id.Group{}); err != nil || !p.Tick {
		return err
	}
	if l.at.Position.Before(l.reached) {
		if err := l.commit(ctx, Step{To: l.reached}); err != nil {
			return err
		}
	}
	return l.tryAgain(ctx)
}

// event deals with one event. The timers that were due when it was recorded come
// first, so that a process that was away does things in the order in which it
// would have done them.
func (l *lane) event(ctx context.Context, e *follower.Event) error {
	rec := e.Recorded
	if !l.reached.Before(rec.Position) {
		return nil
	}
	switch left, err := l.leave(ctx, e); {
	case err != nil, left:
		return err
	}
	if err := l.fire(ctx, l.until(rec), id.Group{}); err != nil {
		return err
	}
	why, effects, err := l.react(e)
	if err == nil && len(effects) == 0 {
		if l.reached, l.last, l.passed = rec.Position, rec.Mark(), l.passed+1; l.passed < idleEvents {
			return nil
		}
		return l.commit(ctx, Step{To: l.reached})
	}
	if err == nil {
		err = l.perform(ctx, why, effects, Step{To: rec.Position, Last: rec.Mark(), Events: 1})
	}
	if poisoned, ok := errors.AsType[*poison](err); ok {
		return l.park(ctx, Step{To: rec.Position, Last: rec.Mark()}, l.parkedEvent(rec), poisoned)
	}
	return err
}

// until is up to when timers are due before an event.
func (l *lane) until(rec es.Recorded) time.Time {
	if now := l.runner.Clock(); now.Before(rec.RecordedAt) {
		return now
	}
	return rec.RecordedAt
}

// fire carries out the timers that are due by an instant, one by one, in order: those of
// one practice, or, if that is zero, of all in which nothing is parked.
func (l *lane) fire(ctx context.Context, by time.Time, of id.Group) error {
	for !of.IsZero() || !l.at.NextDue.IsZero() && !l.at.NextDue.After(by) {
		t, ok, err := l.runner.Journal.Due(ctx, l.process.Name, by, of)
		switch {
		case err != nil:
			return err
		case !ok && of.IsZero():
			return ErrCheckpointConflict
		case !ok:
			return nil
		}
		t.FiredAt = l.firedAt(t)
		effects, err := l.ring(t)
		if err == nil {
			err = l.perform(ctx, causedByTimer(t), effects, Step{To: l.reached, Fired: &t})
		}
		poisoned, is := errors.AsType[*poison](err)
		switch {
		case is && of.IsZero():
			err = l.park(ctx, Step{To: l.reached}, l.parkedTimer(t), poisoned)
		case is:
			return &timerError{t, poisoned}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// firedAt is the present instant, or the timer's own where the clock is behind.
func (l *lane) firedAt(t Timer) time.Time {
	if now := l.runner.Clock().UTC(); now.After(t.Due) {
		return now
	}
	return t.Due
}

// commit takes a step.
func (l *lane) commit(ctx context.Context, s Step) error {
	if s.Last.IsZero() {
		s.Last = l.last
	}
	at, err := l.runner.Journal.Commit(ctx, l.process.Name, l.at, s)
	if err != nil {
		return err
	}
	l.at, l.reached, l.passed, l.last = at, at.Position, 0, es.Mark{}
	return nil
}
