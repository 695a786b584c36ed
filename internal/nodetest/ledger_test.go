package nodetest_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"praxis/domain/es"
	"praxis/domain/id"
)

// place is where an event is.
type place struct {
	stream   es.Stream
	revision es.Revision
	position es.Position
}

func (p place) String() string {
	return fmt.Sprintf("revision %d of %s, position %s", p.revision, p.stream, p.position)
}

// Ledger is what the node has answered clients so far: acknowledgements,
// refusals, and events that were read. Everything in it must stay true for
// ever, so what contradicts it is an error of the node. All methods are safe
// for concurrent use.
type Ledger struct {
	mu        sync.Mutex
	places    map[id.Event]place
	positions map[es.Position]id.Event
	refused   map[id.Event]struct{}
	// byRevision has the events of a stream by revision, the zero id where the
	// event is not known yet.
	byRevision map[es.Stream][]id.Event
	// acknowledged is the last revision of a stream that was acknowledged.
	acknowledged map[es.Stream]es.Revision
	appends      int
	moved        chan struct{}
}

// NewLedger returns an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{
		places:       make(map[id.Event]place),
		positions:    make(map[es.Position]id.Event),
		refused:      make(map[id.Event]struct{}),
		byRevision:   make(map[es.Stream][]id.Event),
		acknowledged: make(map[es.Stream]es.Revision),
		moved:        make(chan struct{}),
	}
}

// Acknowledge takes down that the node has stored an append. The node stores an
// append whole, so its events have consecutive revisions and positions.
func (l *Ledger) Acknowledge(stream es.Stream, events []es.Proposed, done es.Appended) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, e := range events {
		behind := len(events) - 1 - i
		at := place{stream, done.Revision - es.Revision(behind), es.Position{
			Commit: done.Position.Commit - uint64(behind), Prepare: done.Position.Prepare - uint64(behind),
		}}
		if err := l.believe(e.ID, at); err != nil {
			return fmt.Errorf("an acknowledged append: %w", err)
		}
	}
	if last, known := l.acknowledged[stream]; !known || last < done.Revision {
		l.acknowledged[stream] = done.Revision
	}
	l.appends++
	close(l.moved)
	l.moved = make(chan struct{})
	return nil
}

// Refuse takes down that the node has refused an append for good: its events
// must never be seen.
func (l *Ledger) Refuse(events []es.Proposed) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		if at, known := l.places[e.ID]; known {
			return fmt.Errorf("an append is refused, but its event %s was seen at %s", e.ID, at)
		}
		l.refused[e.ID] = struct{}{}
	}
	return nil
}

// Witness takes down an event that somebody has read, and compares its content.
func (l *Ledger) Witness(e es.Recorded) error {
	if err := checkContent(e); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.believe(e.ID, place{e.Stream, e.Revision, e.Position})
}

// believe compares an event's place with everything known. The caller holds the
// lock.
func (l *Ledger) believe(event id.Event, at place) error {
	if _, refused := l.refused[event]; refused {
		return fmt.Errorf("event %s is at %s, but its append was refused", event, at)
	}
	if known, told := l.places[event]; told && known != at {
		return fmt.Errorf("event %s is at %s, but it was at %s", event, at, known)
	}
	if other, taken := l.positions[at.position]; taken && other != event {
		return fmt.Errorf("event %s is at %s, but event %s was there", event, at, other)
	}
	known := l.byRevision[at.stream]
	if missing := int(at.revision) + 1 - len(known); missing > 0 {
		known = append(known, make([]id.Event, missing)...)
	}
	if other := known[at.revision]; !other.IsZero() && other != event {
		return fmt.Errorf("event %s is at %s, but event %s was there", event, at, other)
	}
	known[at.revision] = event
	l.byRevision[at.stream], l.places[event], l.positions[at.position] = known, at, event
	return nil
}

// Acknowledged returns the last revision of the stream that was acknowledged,
// es.NoStream if none was: every later read must see it.
func (l *Ledger) Acknowledged(stream es.Stream) es.Revision {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, known := l.acknowledged[stream]; known {
		return last
	}
	return es.NoStream
}

// Appends returns how many appends were acknowledged, and a channel that is
// closed at the next one.
func (l *Ledger) Appends() (int, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.appends, l.moved
}

// Events returns how many events are known, by any answer.
func (l *Ledger) Events() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.places)
}

// Streams returns the streams with an acknowledged event, in order.
func (l *Ledger) Streams() []es.Stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.acknowledged))
}
