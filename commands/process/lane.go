package process

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/retry"
)

// idleEvents is how many events that lead to nothing are passed over before the
// checkpoint follows. After a crash they are looked at again, which costs time
// and nothing else.
const idleEvents = 500

// lane runs one process while this instance leads. It trusts the journal, not
// itself, for where the process is: after any error it loads the checkpoint.
type lane struct {
	runner  *Runner
	process Process
	// at is the checkpoint as last committed, reached the position up to which
	// every event is dealt with, passed how many of them led to nothing.
	at      Checkpoint
	reached es.Position
	passed  int
	// last is the last event up to reached, as far as one came since the checkpoint was loaded.
	last es.Mark
	// loop is the trouble that it has with the stores.
	loop retry.Loop
}

// errStopped says that the process is stopped.
var errStopped = errors.New("the process is stopped")

// errFeedEnded is a feed that ended without an error and without being asked to.
var errFeedEnded = errors.New("the subscription ended")

// run keeps the process going until ctx ends.
func (l *lane) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := l.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, errStopped) {
			l.loop.Worked()
			// The only error is that of ctx, which the loop checks.
			_ = retry.Sleep(ctx, l.runner.Tick)
			continue
		}
		l.loop.Failed(err.Error())
		_ = l.loop.Pause(ctx)
	}
}

// load finds out where the process is; one that never ran is registered.
func (l *lane) load(ctx context.Context) error {
	j := l.runner.Journal
	at, ok, err := j.Load(ctx, l.process.Name)
	if err == nil && !ok {
		var from es.Position
		if l.process.FromNow {
			if from, err = l.runner.Source.Tail(ctx); err != nil {
				return fmt.Errorf("find the end of the log: %w", err)
			}
		}
		if err = j.Register(ctx, l.process.Name, from); err == nil {
			at, _, err = j.Load(ctx, l.process.Name)
		}
	}
	if err != nil {
		return err
	}
	l.at, l.reached, l.passed, l.last = at, at.Position, 0, es.Mark{}
	if at.State != Running {
		return errStopped
	}
	return nil
}

// arrival is one signal of the subscription or its end.
type arrival struct {
	signal es.Signal
	err    error
}

// follow deals with events and timers from the checkpoint on, until something
// breaks.
func (l *lane) follow(ctx context.Context) error {
	if check := l.runner.Check; check != nil {
		if err := check(ctx); err != nil {
			return err
		}
	}
	if err := l.load(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	arrivals := make(chan arrival)
	wg.Go(func() { l.subscribe(ctx, arrivals) })

	tick := time.NewTicker(l.runner.Tick)
	defer tick.Stop()
	live := false
	for {
		select {
		case a := <-arrivals:
			if a.err != nil {
				return a.err
			}
			if a.signal.CaughtUp {
				live = true
				l.loop.Worked()
			}
			if err := l.take(ctx, a.signal); err != nil {
				return err
			}
		case <-tick.C:
			// Before everything recorded was seen, a timer could fire that an event
			// has long taken back.
			if !live {
				continue
			}
			if err := l.idle(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// subscribe passes on the subscription until it or ctx ends.
func (l *lane) subscribe(ctx context.Context, to chan<- arrival) {
	pass := func(a arrival) bool {
		select {
		case to <- a:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for signal, err := range l.runner.Source.Subscribe(ctx, l.process.Categories, l.at.Position) {
		if !pass(arrival{signal, err}) || err != nil {
			return
		}
	}
	pass(arrival{err: errFeedEnded})
}

// take deals with one signal.
func (l *lane) take(ctx context.Context, s es.Signal) error {
	switch {
	case s.Event != nil:
		return l.event(ctx, *s.Event)
	case s.Checkpoint != nil:
		if l.reached.Before(*s.Checkpoint) {
			l.reached = *s.Checkpoint
		}
	case s.CaughtUp:
		return l.idle(ctx)
	}
	return nil
}

// idle fires what is due and lets the checkpoint follow, when nothing else waits.
func (l *lane) idle(ctx context.Context) error {
	if err := l.fire(ctx, l.runner.Clock()); err != nil {
		return err
	}
	if !l.at.Position.Before(l.reached) {
		return nil
	}
	return l.commit(ctx, Step{To: l.reached})
}

// event deals with one event. The timers that were due when it was recorded come
// first, so that a process that was away does things in the order in which it
// would have done them.
func (l *lane) event(ctx context.Context, rec es.Recorded) error {
	if !l.reached.Before(rec.Position) {
		return nil
	}
	before := rec.RecordedAt
	if now := l.runner.Clock(); now.Before(before) {
		before = now
	}
	if err := l.fire(ctx, before); err != nil {
		return err
	}
	at := Failure{Event: rec.Type, Stream: rec.Stream, Revision: rec.Revision}
	why, effects, err := l.react(rec)
	if err != nil {
		return l.orStop(ctx, err, at)
	}
	if len(effects) == 0 {
		if l.reached, l.last, l.passed = rec.Position, rec.Mark(), l.passed+1; l.passed < idleEvents {
			return nil
		}
		return l.commit(ctx, Step{To: l.reached})
	}
	return l.orStop(ctx, l.perform(ctx, why, effects, Step{To: rec.Position, Last: rec.Mark(), Events: 1}), at)
}

// fire carries out the timers that are due by an instant, one by one, in order.
func (l *lane) fire(ctx context.Context, by time.Time) error {
	for !l.at.NextDue.IsZero() && !l.at.NextDue.After(by) {
		t, ok, err := l.runner.Journal.Due(ctx, l.process.Name, by)
		if err != nil {
			return err
		}
		if !ok {
			return ErrCheckpointConflict
		}
		t.FiredAt = l.firedAt(t)
		effects, err := l.ring(t)
		if err == nil {
			err = l.perform(ctx, causedByTimer(t), effects, Step{To: l.reached, Fired: &t})
		}
		if err != nil {
			return l.orStop(ctx, err, Failure{Timer: t.Key})
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

// orStop stops the process if the error is one that repeating cannot help: it
// stays before the event or the timer that it cannot deal with.
func (l *lane) orStop(ctx context.Context, err error, f Failure) error {
	poisoned, ok := errors.AsType[*poison](err)
	if !ok {
		return err
	}
	f.At = l.runner.Clock()
	f.Code, f.Message = "process_failed", "The process cannot deal with this."
	if known, ok := errors.AsType[*fault.Error](poisoned.cause); ok {
		f.Code, f.Message = known.Code, known.Message
	}
	if cause := strings.TrimPrefix(fault.Cause(poisoned.cause), f.Code+": "); cause != f.Code {
		f.Cause, f.Stack = cause, fault.StackOf(poisoned.cause)
	}
	if err := l.runner.Journal.Stop(ctx, l.process.Name, l.at, f); err != nil {
		return err
	}
	l.runner.Logger.ErrorContext(ctx, "process stopped", "process", l.process.Name, "failure", f.String(), "stack", f.Stack)
	return errStopped
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
	l.loop.Worked()
	return nil
}
