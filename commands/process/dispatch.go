package process

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"strconv"
	"time"

	"praxis/commands"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/internal/follower"
	"praxis/internal/retry"
)

// sendTries is how often a command is sent again that failed for a reason which
// may pass: lost races, and unexpected failures.
const sendTries = 5

// cause is what led to effects; their ids follow from it.
type cause struct {
	// parts name the event or the timer.
	parts                  []string
	causation, correlation string
	// fired is the timer, if it was one.
	fired *Timer
}

func causedBy(env es.Envelope) cause {
	event := env.ID.String()
	return cause{parts: []string{"event", event}, causation: event, correlation: cmp.Or(env.Meta.Correlation, event)}
}

func causedByTimer(t Timer) cause {
	due := t.Due.UTC().Format(time.RFC3339Nano)
	return cause{
		parts:     []string{"timer", t.Group.String(), t.Key, due},
		causation: t.Causation, correlation: t.Correlation, fired: &t,
	}
}

// name is how the cause stands in a refusal.
func (c cause) name() string {
	if c.fired != nil {
		return "timer " + c.fired.Key
	}
	return "event " + c.causation
}

// poison is a failure that repeating cannot help: it stops the process.
type poison struct{ cause error }

func (p *poison) Error() string { return "the process cannot go on: " + p.cause.Error() }

// react asks the process what follows from an event.
func (l *lane) react(e *follower.Event) (cause, []Effect, error) {
	if e.Err != nil {
		return cause{}, nil, &poison{e.Err}
	}
	effects, err := guarded(func() ([]Effect, error) { return l.process.OnEvent(e.Envelope) })
	if err != nil {
		return cause{}, nil, &poison{err}
	}
	return causedBy(e.Envelope), effects, nil
}

// ring asks the process what follows from a timer.
func (l *lane) ring(t Timer) ([]Effect, error) {
	if l.process.OnTimer == nil {
		return nil, &poison{errEffect}
	}
	effects, err := guarded(func() ([]Effect, error) { return l.process.OnTimer(t) })
	if err != nil {
		return nil, &poison{err}
	}
	return effects, nil
}

var errPanicked = fault.New(fault.Internal, "process_panicked", "The process has a defect that shows here. Report the event or the timer named here.")

// guarded turns a panic of one process into its failure: it must not take down
// the others.
func guarded[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errPanicked.Because(fault.Recovered(v))
		}
	}()
	return f()
}

// perform sends the commands, and then commits that they were sent together
// with everything else that the effects ask for. A crash before the commit sends
// them again under the same ids, which changes nothing.
func (l *lane) perform(ctx context.Context, c cause, effects []Effect, s Step) error {
	timers := map[timerKey]Timer{}
	for i, effect := range effects {
		switch do := effect.(type) {
		case Send:
			if err := l.send(ctx, c, i, do, &s); err != nil {
				return err
			}
		case SetTimer:
			t := Timer{
				Group: do.Group, Key: do.Key, Due: do.Due.UTC().Truncate(time.Microsecond),
				Causation: c.causation, Correlation: c.correlation,
			}
			endless := c.fired != nil && c.fired.Key == t.Key && c.fired.Group == t.Group && !t.Due.After(c.fired.Due)
			if t.Group.IsZero() || t.Key == "" || do.Due.IsZero() || endless {
				return &poison{errEffect}
			}
			timers[timerKey{t.Group, t.Key}] = t
		case ClearTimer:
			if do.Group.IsZero() || do.Key == "" {
				return &poison{errEffect}
			}
			timers[timerKey{do.Group, do.Key}] = Timer{Group: do.Group, Key: do.Key}
		case ClearTimers:
			if do.Group.IsZero() {
				return &poison{errEffect}
			}
			maps.DeleteFunc(timers, func(k timerKey, _ Timer) bool { return k.group == do.Group })
			s.ClearAll = append(s.ClearAll, do.Group)
		}
	}
	for _, t := range timers {
		if t.Due.IsZero() {
			s.Clear = append(s.Clear, t)
		} else {
			s.Set = append(s.Set, t)
		}
	}
	err := l.commit(ctx, s)
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrCheckpointConflict) && fault.KindOf(err) != fault.Unavailable {
		return &poison{err}
	}
	return err
}

type timerKey struct {
	group id.Group
	key   string
}

// derive names the i-th effect of a cause.
func (l *lane) derive(c cause, i int) id.Command {
	parts := append([]string{"process", l.process.Name}, c.parts...)
	return id.Derive[id.Command](append(parts, strconv.Itoa(i))...)
}

// send sends one command until it is accepted or refused. While a store is
// unavailable it waits and repeats for as long as that lasts.
func (l *lane) send(ctx context.Context, c cause, i int, do Send, s *Step) error {
	if do.Group.IsZero() || do.Command == "" || do.Give == nil {
		return &poison{errEffect}
	}
	call := commands.Call{
		Process: l.process.Name, Group: do.Group, Command: l.derive(c, i),
		Correlation: c.correlation, Causation: c.causation,
	}
	loop := &retry.Loop{What: "a command of a process", Logger: l.runner.Logger, Attrs: []any{"process", l.process.Name, "command", call.Command.String()}}
	for attempt := 1; ; attempt++ {
		_, err := guarded(func() (struct{}, error) { return struct{}{}, do.Give(ctx, call) })
		if err == nil {
			s.Accepted++
			loop.Worked()
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		refused := fault.From(err)
		switch kind := refused.Kind; {
		case kind == fault.Unavailable, kind == fault.TooMany:
		case (kind == fault.Conflict || kind == fault.Internal) && attempt < sendTries:
		case kind == fault.Internal:
			return &poison{err}
		default:
			l.runner.Logger.WarnContext(ctx, "a command of a process was refused", "process", l.process.Name, "command", call.Command.String(), "code", refused.Code)
			s.Refusals = append(s.Refusals, Refusal{
				Process: l.process.Name, Command: call.Command, Name: do.Command,
				Group: do.Group, Cause: c.name(), Code: refused.Code, At: l.runner.Clock(),
			})
			return nil
		}
		loop.Failed(refused.Code)
		if err := loop.Pause(ctx); err != nil {
			return err
		}
	}
}
