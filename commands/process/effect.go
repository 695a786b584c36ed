package process

import (
	"context"
	"time"

	"praxis/commands"
	"praxis/domain/fault"
	"praxis/domain/id"
)

//sumtype:decl

// Effect is one thing that a process wants done. A process only ever sends
// commands and keeps timers; it never writes an event itself.
type Effect interface{ isEffect() }

// Send asks for a command in a group.
type Send struct {
	Group id.Group
	// Command is what refusals, which are kept, call the command.
	Command string
	// Give gives the command. The call names the process as the actor and must be
	// passed on as it is.
	Give func(ctx context.Context, call commands.Call) error
}

// SetTimer asks to be called back. A timer with the same key in the same group
// is replaced.
type SetTimer struct {
	Group id.Group
	// Key names the timer within the process and the group; it holds names and
	// ids, never personal data.
	Key string
	// Due is the instant, UTC, kept in whole microseconds. One that has passed
	// already fires as soon as the process has seen every event before it.
	Due time.Time
}

// ClearTimer takes a timer back; there need not be one.
type ClearTimer struct {
	Group id.Group
	Key   string
}

// ClearTimers takes every timer of the process in a group back, those too that an
// earlier effect of the same cause asks for.
type ClearTimers struct{ Group id.Group }

func (Send) isEffect()        {}
func (SetTimer) isEffect()    {}
func (ClearTimer) isEffect()  {}
func (ClearTimers) isEffect() {}

// Timer is a timer that was set.
type Timer struct {
	Group id.Group
	Key   string
	// Due is the instant, UTC, in whole microseconds.
	Due time.Time
	// FiredAt is when it is carried out, UTC: not before Due, and long after it where
	// the process was away. A timer that comes again counts from here, or it would fire
	// once for every time that was missed.
	FiredAt time.Time
	// Causation is the event or timer that set it and Correlation what that one
	// belongs to, so that a trace goes on across the wait.
	Causation, Correlation string
}

// errEffect says that a process asked for something that cannot be done.
var errEffect = fault.New(fault.Internal, "todo_malformed", "The process asks for something that cannot be done: a command or a timer without its group, its key or its time, or a timer that would fire for ever. Report the event named here.")
