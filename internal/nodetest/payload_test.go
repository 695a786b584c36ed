package nodetest_test

import (
	"bytes"
	"fmt"
	"strings"

	"praxis/domain/es"
	"praxis/domain/id"
)

// EventType is the type of every event that nodetest writes.
const EventType = "nodetest.written"

// maxPadding bounds the part of an event that is there for its size.
const maxPadding = 600

// Propose makes n events with fresh ids. Their content follows from the id, so
// that a reader can tell whether an event is the one that was written.
func Propose(n int) []es.Proposed {
	events := make([]es.Proposed, n)
	for i := range events {
		event := id.New[id.Event]()
		events[i] = es.Proposed{ID: event, Type: EventType, Data: data(event), Metadata: metadata(event)}
	}
	return events
}

func data(event id.Event) []byte {
	size := (int(event[14])<<8 | int(event[15])) % maxPadding
	return fmt.Appendf(nil, `{"event":%q,"padding":%q}`, event, strings.Repeat("p", size))
}

func metadata(event id.Event) []byte { return fmt.Appendf(nil, `{"of":%q}`, event) }

// checkContent compares an event with what was written under its id.
func checkContent(e es.Recorded) error {
	if e.Type != EventType || !bytes.Equal(e.Data, data(e.ID)) || !bytes.Equal(e.Metadata, metadata(e.ID)) {
		return fmt.Errorf("event %s at position %s does not hold what was written", e.ID, e.Position)
	}
	return nil
}
