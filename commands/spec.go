package commands

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Spec is everything that is true of one command, in one place. It is decided on
// the state S of the aggregate that T names and leads to its events E; C is what the
// caller asks for, and F are the facts from elsewhere that the decision rests on.
// What a Spec leaves out is the usual case; execute.go says in which order its parts
// are judged.
type Spec[T, C, F, S, E any] struct {
	// On is the aggregate that the command changes.
	On *Aggregate[T, S, E]
	// Name is the wire name, such as "invoice.record_payment". It stands in the
	// metadata of every event and in the command's fingerprint.
	Name string
	// Operation is the operation of the API that gives the command; none for what only
	// Praxis' own processes, or other commands, give.
	Operation string
	// Sample is one valid example: the reference page shows it, and the tests of the
	// operation send it. What Praxis gives by itself, such as a new id, is left out. A
	// command with an operation cannot be declared without one, unless it asks for nothing.
	Sample C
	// Needs is the permission for it. A command without one cannot be declared.
	Needs access.Capability
	// Actors says who can give it at all, beside the permission.
	Actors Actors
	// Lifecycle says in which practices it can be given.
	Lifecycle Lifecycle
	// Patient, if set, lets patients give it for their own chart.
	Patient *Portal[C]
	// FreshSignIn asks for a sign-in of the last StepUpAge.
	FreshSignIn bool
	// Denied, if set, is the answer to members who lack the permission, instead of
	// the general sentence.
	Denied *fault.Error
	// Chart, if set, names the chart that the command is about: the actor must reach
	// it, and its data key seals the personal fields of the events.
	Chart func(T, C) id.Chart
	// Resource, if set, is what the permission is asked for, instead of the
	// aggregate's own answer.
	Resource func(g id.Group, t T, c C, f F, s S) access.Resource
	// Facts reads what the decision must know from elsewhere, anew for every attempt.
	// Its error is shown only to those who may give the command, and never hides the
	// receipt of a repeated one.
	Facts func(ctx context.Context, w *World, t T, c C) (F, error)
	// Decide is the pure decision.
	Decide func(c C, s S, f F, now time.Time) ([]E, error)
	// Touches, if set, are the appointments that the command was about and left as
	// they are.
	Touches func(t T, s S, events []E, now time.Time) []booking.Held
	// First, if set, does what must be on disk before these events are: after them a
	// crash could lose it. It is done again with every attempt. In a dry run it does
	// nothing, but refuses what it would refuse.
	First func(ctx context.Context, w *World, t T, c C, f F, events []E) error
	// Around, if set, surrounds the command with commands on other streams that belong
	// to the same intention; do carries out the command itself.
	Around func(ctx context.Context, e *Engine, call Call, t T, c C, do func(Call) (Receipt, error)) (Receipt, error)
	// NoPreview keeps a dry run from telling who would gain and lose what.
	NoPreview bool
}

// Aggregate is what all commands on one kind of stream share.
type Aggregate[T, S, E any] struct {
	// Stream names the stream of a target.
	Stream func(g id.Group, t T) es.Stream
	// Chart, if set, is the chart that everything on the stream is about: its data key
	// seals the personal fields of the events.
	Chart func(t T) id.Chart
	// Key, if set, names the data key that seals the personal fields where the stream is
	// about no one chart.
	Key func(t T) id.Chart
	// Resource, if set, is what permissions are asked for; the practice as a whole
	// without it.
	Resource func(g id.Group, t T, s S) access.Resource
	// Unseen, if set, is the answer about what does not exist or may not be opened, where
	// that is no chart.
	Unseen *fault.Error
	// Closed, if set, says of the state itself that its practice has ended.
	Closed func(s S) bool
	// Preview, if set, says in a dry run what events that an actor's command
	// decided at a revision would lead to.
	Preview func(ctx context.Context, w *World, t T, at es.Revision, events []E) (Preview, error)

	states func(*Engine) *repository[S, E]
}

// Actors says who can give a command, beside the permission that it needs; the zero
// value is everybody who has that. Operators act for the installation, not for a
// practice.
type Actors struct {
	name      string
	operators bool
	// refuse, if set, refuses the others.
	refuse func(access.Subject) error
}

// The kinds of actors.
var (
	// MembersOnly refuses processes and strangers even where they have the
	// permission, because it cannot be denied.
	MembersOnly = Actors{name: "members", refuse: func(actor access.Subject) error {
		if actor.Kind != access.KindMember {
			return errUnknownGroup
		}
		return nil
	}}
	// ProcessesOnly refuses people.
	ProcessesOnly = Actors{name: "processes", refuse: func(actor access.Subject) error {
		if actor.Kind != access.KindSystem {
			return errProcessOnly
		}
		return nil
	}}
	// AlsoOperators judges operators as such, and others as who they are in the practice.
	AlsoOperators = Actors{name: "operators and members", operators: true}
)

// String names the actors.
func (a Actors) String() string { return cmp.Or(a.name, "all who may") }

// Lifecycle says in which practices a command can be given.
type Lifecycle int

// The lifecycles.
const (
	// OpenGroup has been founded and not closed.
	OpenGroup Lifecycle = iota
	// ClosedToo is for what records something that happened outside of the practice, or
	// frees somebody from it.
	ClosedToo
	// NewGroup is for the founding: only a person founds.
	NewGroup
	// NoGroup is for what belongs to none: only operators may.
	NoGroup
	// AnyGroup is ClosedToo that is done also for one that was never founded.
	AnyGroup
)

// String names the practices.
func (l Lifecycle) String() string {
	return [...]string{"open", "open or closed", "new", "none", "any"}[l]
}

// Portal is how patients give a command for their own chart.
type Portal[C any] struct {
	// Operation is the operation of the API for patients.
	Operation string
	// Needs is the permission of a patient, instead of the staff's.
	Needs access.Capability
	// Used reports that the command comes from the patient.
	Used func(C) bool
}

// None are the facts of a command that is decided on its aggregate alone.
type None struct{}

// alone is the decision of a command that needs no facts.
func alone[C, S, E any](decide func(C, S, time.Time) ([]E, error)) func(C, S, None, time.Time) ([]E, error) {
	return func(c C, s S, _ None, now time.Time) ([]E, error) { return decide(c, s, now) }
}

// Description is what is known of a command without giving it.
type Description struct {
	Name, Operation string
	// Needs is the permission of the staff.
	Needs access.Capability
	// PatientOperation and PatientNeeds are the same for patients; none if they cannot
	// give it.
	PatientOperation string
	PatientNeeds     access.Capability
	Actors           Actors
	Lifecycle        Lifecycle
	FreshSignIn      bool
	// Sample is one valid example of what the caller asks for; without an Operation it
	// can be the empty command, and its JSON only names that.
	Sample any
}

// declared are the commands of the program, in the order of the source files.
var declared []Description

// Command is a command on the practice of the call; C is what the caller asks for.
type Command[C any] struct {
	Description
	give func(ctx context.Context, e *Engine, call Call, c C) (Receipt, error)
}

// Give gives the command to an engine. It is safe for concurrent use. Faults: those of
// the decision, and what execute.go refuses before it.
func (k *Command[C]) Give(ctx context.Context, e *Engine, call Call, c C) (Receipt, error) {
	return k.give(ctx, e, call, c)
}

// CommandOn is a command on one thing of the practice, such as a chart, that T names.
type CommandOn[T, C any] struct {
	Description
	give func(ctx context.Context, e *Engine, call Call, t T, c C) (Receipt, error)
}

// Give is Command.Give.
func (k *CommandOn[T, C]) Give(ctx context.Context, e *Engine, call Call, t T, c C) (Receipt, error) {
	return k.give(ctx, e, call, t, c)
}

// declare makes a command on the practice known.
func declare[C, F, S, E any](s Spec[id.Group, C, F, S, E]) *Command[C] {
	return declareFrom(s, func(call Call, c C) (Call, id.Group, C, error) { return call, call.Group, c, nil })
}

// declareOn makes a command on one thing of the practice known.
func declareOn[T, C, F, S, E any](s Spec[T, C, F, S, E]) *CommandOn[T, C] {
	return &CommandOn[T, C]{s.describe(), s.do}
}

// declareFrom makes a command known that complete makes of what is asked for and of who
// asks: it says which thing the command is on.
func declareFrom[I, T, C, F, S, E any](s Spec[T, C, F, S, E], complete func(Call, I) (Call, T, C, error)) *Command[I] {
	return &Command[I]{s.describe(), func(ctx context.Context, e *Engine, call Call, asked I) (Receipt, error) {
		call, t, c, err := complete(call, asked)
		if err != nil {
			return Receipt{}, err
		}
		return s.do(ctx, e, call, t, c)
	}}
}

// describe lists the command. It panics for one that lacks a part, so that the program
// does not start, and names the part.
func (s *Spec[T, C, F, S, E]) describe() Description {
	require := func(part string, given bool) {
		if !given {
			panic("commands: the command " + cmp.Or(s.Name, s.Operation) + " is declared without its " + part)
		}
	}
	require("Name", s.Name != "")
	require("permission: say in Needs which one it takes", s.Needs != "")
	require("aggregate: say On what it is", s.On != nil)
	require("decision: say in Decide what it leads to", s.Decide != nil)
	sample := reflect.ValueOf(s.Sample)
	require("Sample: give one valid example", s.Operation == "" || sample.NumField() == 0 || !sample.IsZero())
	d := Description{
		Name: s.Name, Operation: s.Operation, Needs: s.Needs, Actors: s.Actors, Lifecycle: s.Lifecycle,
		FreshSignIn: s.FreshSignIn, Sample: s.Sample,
	}
	if s.Patient != nil {
		d.PatientOperation, d.PatientNeeds = s.Patient.Operation, s.Patient.Needs
	}
	declared = append(declared, d)
	return d
}

// Declared describes every command of the program.
func Declared() []Description { return slices.Clone(declared) }
