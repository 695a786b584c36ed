package follower

import (
	"context"
	"errors"

	"praxis/domain/es"
)

// Log is the event store as followers need it.
type Log interface {
	// ReadStream yields the events of one stream from a revision on.
	ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events
	// Subscribe yields every event of the categories after a position (the zero
	// Position: from the beginning), in order, exactly once, and goes on with new ones
	// until ctx ends. A feed that breaks ends with a terminal error; subscribing again
	// after the last seen position neither loses nor repeats an event. A position need
	// not be that of an event, see es.Signal. What the store records for itself, such
	// as that a stream was deleted, is no event here.
	Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed
	// ReadAll yields the events of the categories after a position, up to the end of
	// the log as it is now. The store leaves out the others; passing over many of them
	// takes it time.
	ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events
	// Tail returns the position of the last event of the log, of whatever category,
	// other applications' included; the zero Position for an empty log.
	Tail(ctx context.Context) (es.Position, error)
}

// Event is an event on its way to the members, read and decoded once for all.
type Event struct {
	Recorded es.Recorded
	// Envelope is the decoded event, unless Err says why it cannot be decoded.
	Envelope es.Envelope
	Err      error
}

// Decode decodes one recorded event; an error stays with it until a member reaches it.
func Decode(registry *es.Registry, rec es.Recorded) *Event {
	e := &Event{Recorded: rec}
	e.Decode(registry)
	return e
}

// Decode decodes an event of which only Recorded is set.
func (e *Event) Decode(registry *es.Registry) { e.Envelope, e.Err = registry.Decode(e.Recorded) }

// Portion is what a member is handed at once.
type Portion struct {
	// Events are of the member's categories, in order; there may be none.
	Events []*Event
	// UpTo is at or after the last of Events: the member was handed everything of its
	// categories up to there.
	UpTo es.Position
	// Live says that everything recorded so far was handed over, to the knowledge of
	// the subscription.
	Live bool
	// Tick comes about every Config.Tick, with events or without: time for what is due by
	// the clock, and for keeping a place that moved over nothing.
	Tick bool
}

// Member is what follows the log: it turns events into rows, or into effects. It
// keeps its own place, together with what it makes of the events, so that each
// event counts once whatever breaks. Its methods are called by one goroutine at a
// time, and only while this process leads the member's group.
type Member interface {
	// Name is unique among all members and stable. It is also the name of the group
	// that is led: where several processes follow, each member is led by one of them.
	Name() string
	// Categories lists the stream categories of the events that it is handed.
	Categories() []es.Category
	// Load finds out where the member is: every event up to there is dealt with.
	// ErrNotNow says that it must not go on at present.
	Load(ctx context.Context) (es.Position, error)
	// Take deals with a portion. After any error Load is asked where the member is
	// now, and what lies after that is handed over again. ErrNotNow says that it must
	// not go on.
	Take(ctx context.Context, p Portion) error
}

// ErrNotNow is the answer of a member that must not go on at present: it is stopped,
// or belongs to another. It is asked again every second.
var ErrNotNow = errors.New("the member does not follow the log at present")

// ErrEndTerm is wrapped by errors of a member that only a new term of leadership can
// mend, such as a database that was emptied: it begins with Config.Prepare.
var ErrEndTerm = errors.New("the term of leadership has to end")
