// Package quarantine is the record of events that an operator had read models or
// processes leave out, because they could not be dealt with. It imports the standard
// library and the domain's shared types.
package quarantine

import (
	"time"

	"praxis/domain/es"
	"praxis/domain/id"
)

// Category is the category of the record, and Stream its one stream: it belongs to the
// installation, as what cannot be read need not belong to a practice.
const (
	Category es.Category = "quarantine"
	Stream   es.Stream   = "quarantine-installation"
)

// Event is a fact of the record.
//
//sumtype:decl
type Event interface{ isEvent() }

// EventSkipped is recorded when an operator decided that a read model or a process leaves
// an event or a timer out. Who decided and why is in its metadata. Whatever is made of
// the log anew leaves it out again.
type EventSkipped struct {
	// Follower is the read model or process, such as "projection roster".
	Follower string `json:"follower"`
	// Stream and Revision say where the event is, and Event which one it is; unset for a
	// timer.
	Stream   es.Stream   `json:"stream,omitempty"`
	Revision es.Revision `json:"revision"`
	Event    id.Event    `json:"event,omitzero"`
	// Group is the practice whose timer it is, Timer its key and Due when it was due, UTC;
	// unset for an event.
	Group id.Group  `json:"group,omitzero"`
	Timer string    `json:"timer,omitempty"`
	Due   time.Time `json:"due,omitzero"`
}

func (EventSkipped) isEvent() {}

// Events is the table of the record's event types.
func Events() []es.Row {
	return []es.Row{es.Define[EventSkipped]("quarantine.event_skipped", 1)}
}
