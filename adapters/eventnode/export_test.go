package eventnode

import "praxis/adapters/eventnode/engine"

// Translate gives tests what a client is told about an error.
func Translate(err error) error { return translate(err) }

// EventFrame gives tests the hand-written encoding of an event.
func EventFrame(e *engine.Event, idAsText bool) []byte { return eventFrame(e, idAsText) }
