// Package eventlog is what the event log says about itself: which log it is. It
// imports the standard library and the domain's shared types.
package eventlog

import (
	"praxis/domain/es"
	"praxis/domain/id"
)

// Category is the category of the log's own stream, and Stream that stream. It holds
// one event, written at es.NoStream, so that of many who write it one succeeds.
const (
	Category es.Category = "log"
	Stream   es.Stream   = "log-identity"
)

// Event is a fact about the log.
//
//sumtype:decl
type Event interface{ isEvent() }

// Identified gives the log its identity: whatever is made of the log remembers the id,
// and can tell whether it is still this log. A copy of the log has the same one.
type Identified struct {
	Log id.Log `json:"log"`
}

func (Identified) isEvent() {}

// Events is the table of the log's own event types.
func Events() []es.Row {
	return []es.Row{es.Define[Identified]("log.identified", 1)}
}
