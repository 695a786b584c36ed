package logcopy

import (
	"context"
	"encoding/json"
	"errors"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
	"praxis/adapters/eventstore"
	"praxis/domain/es"
)

// Node is the store of an embedded node in this process, with its way to take many appends
// at once.
type Node struct {
	*eventstore.Store
	Node *eventnode.Node
}

// Start implements Starter.
func (n Node) Start(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (func(context.Context) error, error) {
	if err := es.CheckAppend(stream, events); err != nil {
		return nil, err
	}
	a := engine.Append{Stream: string(stream), Expected: engine.Expected(expected)}
	for _, e := range events {
		a.Events = append(a.Events, engine.NewEvent{ID: e.ID.UUID(), Type: e.Type, IsJSON: json.Valid(e.Data), Metadata: e.Metadata, Data: e.Data})
	}
	pending, err := n.Node.Start(ctx, a)
	if err != nil {
		return nil, translated(stream, expected, err)
	}
	return func(ctx context.Context) error {
		_, err := pending.Wait(ctx)
		return translated(stream, expected, err)
	}, nil
}

// translated returns an error of the node as every store has it.
func translated(stream es.Stream, expected es.Expected, err error) error {
	wrong, isWrong := errors.AsType[*engine.WrongExpectedRevisionError](err)
	_, isRefused := errors.AsType[*engine.WritesRefusedError](err)
	switch {
	case isWrong:
		return &es.WrongRevisionError{Stream: stream, Expected: expected, Actual: es.Revision(wrong.Current)}
	case errors.Is(err, engine.ErrOutcomeUnknown):
		return es.ErrOutcomeUnknown.Because(err)
	case isRefused:
		return es.ErrStoreRefusesWrites.Because(err)
	case errors.Is(err, engine.ErrNotProcessed):
		return es.ErrStoreUnavailable.Because(err)
	}
	return err
}
