package commands

import (
	"context"

	"praxis/domain/es"
)

// Store is the event store as commands need it. Its implementations are held to
// one conformance suite (adapters/storetest).
type Store interface {
	// Append adds events to the end of stream if the stream is at expected, all
	// or none, durably before it returns. Repeating an append with the same event
	// ids at the same expected revision is answered with the first result.
	// Errors: *es.WrongRevisionError; faults "event_too_large",
	// "append_too_large", es.ErrStoreUnavailable, es.ErrStoreRefusesWrites,
	// es.ErrOutcomeUnknown.
	Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error)
	// ReadStream yields the events of stream from revision from (inclusive) to
	// its end. A stream that does not exist yields none. Every read ends with
	// either the last event or one terminal error.
	ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events
}
