package eventstore

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"praxis/domain/es"
	"praxis/domain/id"
)

// page is how many events one question for all events asks for.
const page = 4096

// errShort says that the server ended a read of all events before the position
// that it had named as their end.
var errShort = errors.New("the event store ended a read before the end of the log")

// ReadStream implements commands.Store.
func (s *Store) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	options := esdb.ReadStreamOptions{Direction: esdb.Forwards, From: esdb.Revision(uint64(max(from, 0)))}
	return read(ctx, s.sup, finite, func(ctx context.Context, c *esdb.Client) (receiver[es.Recorded], error) {
		return received(c.ReadStream(ctx, string(stream), options, math.MaxInt64))
	})
}

// ReadAll implements projections.Source. The client cannot filter such reads,
// so every event up to the present end is received, in pages.
func (s *Store) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		tail, err := s.Tail(ctx)
		if err != nil {
			yield(es.Recorded{}, err)
			return
		}
		for after.Before(tail) {
			before := after
			for e, err := range s.readPage(ctx, after) {
				if err != nil {
					yield(es.Recorded{}, err)
					return
				}
				// A page begins with the event at its position, not after it.
				if !after.Before(e.Position) {
					continue
				}
				if tail.Before(e.Position) {
					return
				}
				after = e.Position
				if slices.Contains(categories, e.Stream.Category()) && !yield(e, nil) {
					return
				}
			}
			if after == before {
				yield(es.Recorded{}, es.ErrStoreUnavailable.Because(errShort))
				return
			}
		}
	}
}

func (s *Store) readPage(ctx context.Context, from es.Position) es.Events {
	options := esdb.ReadAllOptions{Direction: esdb.Forwards, From: allPosition(from)}
	return read(ctx, s.sup, finite, func(ctx context.Context, c *esdb.Client) (receiver[es.Recorded], error) {
		return received(c.ReadAll(ctx, options, page))
	})
}

// Tail implements projections.Source.
func (s *Store) Tail(ctx context.Context) (es.Position, error) {
	options := esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}
	for e, err := range read(ctx, s.sup, finite, func(ctx context.Context, c *esdb.Client) (receiver[es.Recorded], error) {
		return received(c.ReadAll(ctx, options, 1))
	}) {
		return e.Position, err
	}
	return es.Position{}, nil
}

// allPosition is where a read or subscription after p begins.
func allPosition(p es.Position) esdb.AllPosition {
	if p == (es.Position{}) {
		return esdb.Start{}
	}
	return esdb.Position{Commit: p.Commit, Prepare: p.Prepare}
}

// received wraps the client's read. A stream that does not exist is empty.
func received(stream *esdb.ReadStream, err error) (receiver[es.Recorded], error) {
	if err != nil {
		return receiver[es.Recorded]{}, err
	}
	next := func() (es.Recorded, error) {
		resolved, err := stream.Recv()
		if streamMissing(err) {
			err = io.EOF
		}
		if err != nil {
			return es.Recorded{}, err
		}
		return recorded(resolved.OriginalEvent()), nil
	}
	return receiver[es.Recorded]{next: next, stop: stream.Close}, nil
}

func recorded(e *esdb.RecordedEvent) es.Recorded {
	return es.Recorded{
		ID:         id.Event(e.EventID),
		Stream:     es.Stream(e.StreamID),
		Revision:   es.Revision(e.EventNumber),
		Position:   es.Position{Commit: e.Position.Commit, Prepare: e.Position.Prepare},
		Type:       e.EventType,
		Data:       e.Data,
		Metadata:   e.UserMetadata,
		RecordedAt: e.CreatedDate.UTC(),
	}
}
