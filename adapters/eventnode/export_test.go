package eventnode

import "praxis/adapters/eventnode/engine"

// EventFrame gives tests the hand-written encoding of an event.
func EventFrame(e *engine.Event, idAsText bool) []byte { return eventFrame(e, idAsText) }
