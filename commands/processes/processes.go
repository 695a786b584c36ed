package processes

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"praxis/commands"
	"praxis/commands/notification"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Log is the event store as processes read it.
type Log interface {
	// ReadStream yields the events of a stream from a revision to its end.
	ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events
	// ReadAll yields the events of the categories after a position, up to the
	// present end of the log.
	ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events
}

// Charts lists the charts of a practice, with everything that had been recorded
// when it was asked; commands.Rosters does.
type Charts interface {
	CurrentChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error)
}

// Config is what the processes need; all of it but Appointments and Findings is required.
type Config struct {
	Engine   *commands.Engine
	Registry *es.Registry
	Log      Log
	Charts   Charts
	// Appointments lets the sweep find patients who are booked twice for one time;
	// nil looks for none.
	Appointments commands.Appointments
	// Processor moves the money.
	Processor Processor
	// Outbox takes what people are told.
	Outbox notification.Outbox
	// Findings takes what the sweep found; nil discards it.
	Findings Findings
}

// All returns every process of Praxis.
func All(c Config) []process.Process {
	return []process.Process{
		Invitations(c), Removals(c), Relinking(c), Branches(c), CareTeams(c), Succession(c), Subscription(c), Collection(c),
		Notifications(c), Sweep(c), InvoiceNumbers(c), Archives(c), Households(c), Bulks(c), Merges(c),
	}
}

// giving gives a command in a call of its process.
type giving = func(context.Context, commands.Call) error

// once gives a command on a practice.
func once[C any](e *commands.Engine, k *commands.Command[C], c C) giving {
	return func(ctx context.Context, call commands.Call) error { return outcome(k.Give(ctx, e, call, c)) }
}

// onceOn gives a command on one thing of a practice.
func onceOn[T, C any](e *commands.Engine, k *commands.CommandOn[T, C], t T, c C) giving {
	return func(ctx context.Context, call commands.Call) error { return outcome(k.Give(ctx, e, call, t, c)) }
}

// untilDone gives a command until it changes nothing more, each time with an id of
// its own; one that was carried out before a crash counts as a change.
func untilDone[C any](e *commands.Engine, k *commands.Command[C], c C) giving {
	return func(ctx context.Context, call commands.Call) error {
		for n := 0; ; n++ {
			receipt, err := k.Give(ctx, e, part(call, strconv.Itoa(n)), c)
			if err != nil || !receipt.Replayed && len(receipt.Events) == 0 {
				return err
			}
		}
	}
}

// outcome is what a process wants to know of a command that was given.
func outcome(_ commands.Receipt, err error) error { return err }

// tryAgain is how long a command rests that is to be given until an event says that
// it is done: because a rule holds it up, such as that who should take a chart does
// not work in its branch, or because the payment processor does not know yet.
const tryAgain = time.Hour

// persistently sends a command now, and asks for a timer by which to send it again.
func persistently(send process.Send, timer string, now time.Time) []process.Effect {
	return []process.Effect{send, process.SetTimer{Group: send.Group, Key: timer, Due: now.Add(tryAgain)}}
}

// timers say what follows from the timers of a process, by their kind. The key of a
// timer is its kind, or its kind and what it is about.
type timers map[string]func(t process.Timer, about string) ([]process.Effect, error)

// key is the key of a timer that is about something.
func key(kind string, about fmt.Stringer) string { return kind + ":" + about.String() }

func (all timers) fire(t process.Timer) ([]process.Effect, error) {
	kind, about, _ := strings.Cut(t.Key, ":")
	fire, known := all[kind]
	if !known {
		return nil, fmt.Errorf("the process has no timers like %s", t.Key)
	}
	return fire(t, about)
}

// about is what follows from timers that are about one thing each.
func about[I ~[16]byte](fire func(process.Timer, I) []process.Effect) func(process.Timer, string) ([]process.Effect, error) {
	return func(t process.Timer, raw string) ([]process.Effect, error) {
		which, err := id.Parse[I](raw)
		if err != nil {
			return nil, fmt.Errorf("timer %s: %w", t.Key, err)
		}
		return fire(t, which), nil
	}
}

// notBefore is the first whole microsecond, which is what timers keep, that is
// not before an instant: a rule that holds from t on holds at it.
func notBefore(t time.Time) time.Time {
	return t.UTC().Add(time.Microsecond - 1).Truncate(time.Microsecond)
}

// cancelTimers takes every timer of a process in a practice back: it has ended, and
// refuses whatever they would ask for.
func cancelTimers(g id.Group) []process.Effect {
	return []process.Effect{process.ClearTimers{Group: g}}
}

// part returns the call for one part of what it asks for, with a command id of
// its own that is the same whenever the call is repeated.
func part(call commands.Call, names ...string) commands.Call {
	call.Command = id.Derive[id.Command](append([]string{call.Command.String()}, names...)...)
	return call
}

// refused reports whether an error is a rule's no, which repeating does not
// change, and not a failure that may pass.
func refused(err error) bool { return err != nil && !MayPass(err) }

// MayPass reports whether an error is a failure that may pass, and not a rule's no.
func MayPass(err error) bool {
	passing := []fault.Kind{fault.Unavailable, fault.TooMany, fault.Conflict, fault.Internal}
	return err != nil && slices.Contains(passing, fault.KindOf(err))
}

// each shows the events of a practice's own stream. what says what they are read for.
func (c Config) each(ctx context.Context, g id.Group, what string, see func(es.Envelope)) error {
	for rec, err := range c.Log.ReadStream(ctx, group.Stream(g), 0) {
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		env, err := c.Registry.Decode(rec)
		if err != nil {
			return err
		}
		see(env)
	}
	return nil
}
