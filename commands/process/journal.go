package process

import (
	"context"
	"errors"
	"time"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/follower"
)

// Source is the event store as processes need it.
type Source = follower.Log

// Checkpoint is how far a process is.
type Checkpoint struct {
	// Steps counts the commits; every commit is guarded by it.
	Steps int64
	// Position covers every event whose effects are all done.
	Position es.Position
	// NextDue is when the next timer of a practice in which nothing is parked is due; zero
	// without such timers.
	NextDue time.Time
}

// Step is what one commit changes, all or nothing.
type Step struct {
	// To is the position that is reached.
	To es.Position
	// Last is the last event up to To; zero if none came since the last step.
	Last es.Mark
	// Fired, if set, is the timer that was carried out and is now gone.
	Fired *Timer
	// ClearAll names the groups of which every timer of the process is cleared,
	// before Clear and Set change single ones; Clear needs group and key only.
	ClearAll   []id.Group
	Clear, Set []Timer
	// Refusals are the commands that a rule refused.
	Refusals []Refusal
	// Park is what cannot be dealt with; from now on what comes later in its scope waits.
	Park *Parked
	// Wait names the scope in which one more event waits.
	Wait string
	// Moved is what is parked in place of an entry of the same ID, which was tried again.
	Moved *Parked
	// Release takes an entry out by its ID: everything of its scope was dealt with.
	Release int64
	// Skipped was left out on somebody's decision.
	Skipped *Skipped
	// Events and Accepted count the events handled and the commands accepted.
	Events, Accepted int
}

// Parked is an event or a timer that a process could not deal with. Everything that comes
// later in its scope waits behind it; every other practice goes on.
type Parked struct {
	ID int64
	// Scope is the practice, or the stream where that names none.
	Scope string
	// Group is the practice; zero where the stream names none.
	Group id.Group
	// Stream, Revision and Event are unset for a timer; Timer and Due for an event.
	Stream   es.Stream
	Revision es.Revision
	Event    id.Event
	Timer    string
	Due      time.Time
	// After is a place in the log before the event; after it what waits is read again.
	After   es.Position
	Failure Failure
	// Waiting counts the later events of the scope.
	Waiting int64
	// Retry says that an operator asked to try again.
	Retry bool
}

// Skipped is a parked event or timer that an operator decided to leave out.
type Skipped struct {
	Parked
	By, Reason string
	// At is when it was decided, UTC.
	At time.Time
}

// Refusal records that a rule of the practice refused a command of a process.
type Refusal struct {
	Process string     `json:"process"`
	Command id.Command `json:"command"`
	// Name is what the process calls the command.
	Name  string   `json:"name"`
	Group id.Group `json:"group"`
	// Cause is the event or the timer that led to it.
	Cause string `json:"cause"`
	// Code is the fault's code.
	Code string `json:"code"`
	// At is when it was refused, UTC.
	At time.Time `json:"at"`
}

// Failure says why a process parked something.
type Failure = follower.Failure

// ErrCheckpointConflict says that a process is no longer where its holder last saw it.
var ErrCheckpointConflict = errors.New("the process was moved on by another instance")

// Journal is the memory of the processes. Errors other than ErrCheckpointConflict are faults:
// of kind Unavailable where repeating can help, of any other kind where the
// journal will never take the step.
type Journal interface {
	// Register makes the entry of a process that has none yet.
	Register(ctx context.Context, process string, at es.Position) error
	// Load returns the checkpoint; ok is false for a process without an entry.
	Load(ctx context.Context, process string) (c Checkpoint, ok bool, err error)
	// Due returns the first of the timers that are due by an instant, in the order
	// of due, group and key: of a practice, or, if that is zero, of all in which nothing is
	// parked.
	Due(ctx context.Context, process string, by time.Time, of id.Group) (t Timer, ok bool, err error)
	// Aside returns what is parked.
	Aside(ctx context.Context, process string) ([]Parked, error)
	// Commit takes a step from a checkpoint, or returns ErrCheckpointConflict.
	Commit(ctx context.Context, process string, from Checkpoint, s Step) (Checkpoint, error)
	// Entries returns what it knows of the processes that have an entry, by name.
	Entries(ctx context.Context, processes []string) (map[string]Status, error)
	// Refusals returns the latest refusals of a process, the last first.
	Refusals(ctx context.Context, process string, most int) ([]Refusal, error)
}
