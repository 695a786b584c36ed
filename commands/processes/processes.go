package processes

import (
	"context"
	"slices"
	"time"

	"praxis/commands"
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
	// Notifier takes the letters.
	Notifier Notifier
	// Findings takes what the sweep found; nil discards it.
	Findings Findings
}

// All returns every process of Praxis.
func All(c Config) []process.Process {
	return []process.Process{
		Invitations(c.Engine), Removals(c), Relinking(c), Branches(c), Succession(c.Engine, c.Notifier), Subscription(c.Engine), Collection(c),
		Letters(c.Engine, c.Notifier), Sweep(c), InvoiceNumbers(c.Engine),
	}
}

// errForeign answers a command that another process sends: a defect.
var errForeign = fault.New(fault.Internal, "process_command_unknown", "The process does not know this command. Report it.")

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
func refused(err error) bool {
	passing := []fault.Kind{fault.Unavailable, fault.TooMany, fault.Conflict, fault.Internal}
	return err != nil && !slices.Contains(passing, fault.KindOf(err))
}
