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

// errShort says that the server claims to have delivered everything but did not
// get to the position that it had named as the end.
var errShort = errors.New("the event store ended a read before the end of the log")

// ReadStream implements commands.Store.
func (s *Store) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	options := esdb.ReadStreamOptions{Direction: esdb.Forwards, From: esdb.Revision(uint64(max(from, 0)))}
	return read(ctx, s.sup, finite, func(ctx context.Context, c *esdb.Client) (receiver[es.Recorded], error) {
		return received(c.ReadStream(ctx, string(stream), options, math.MaxInt64))
	})
}

// ReadAll implements projections.Source. The client cannot filter reads of all
// events, so this is a subscription, which it can, up to the present end: what
// belongs to other applications never leaves the server.
func (s *Store) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return s.readSelected(ctx, ofCategories(categories), after)
}

// Deleted returns the streams of the categories that somebody deleted for good
// with the server's own tools; Praxis never deletes any. Their events stay in the
// log until the server is scavenged.
func (s *Store) Deleted(ctx context.Context, categories []es.Category) ([]es.Stream, error) {
	var deleted []es.Stream
	for e, err := range s.readSelected(ctx, deletions, es.Position{}) {
		if err != nil {
			return nil, err
		}
		if slices.Contains(categories, e.Stream.Category()) {
			deleted = append(deleted, e.Stream)
		}
	}
	return deleted, nil
}

// readSelected yields a selection of the events after a position, up to the
// present end of the log.
func (s *Store) readSelected(ctx context.Context, sel selection, after es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		tail, err := s.Tail(ctx)
		if err != nil {
			yield(es.Recorded{}, err)
			return
		}
		for at := after; at.Before(tail); {
			before := at
			goOn, err := s.readUpTo(ctx, sel, &at, tail, yield)
			switch {
			case !goOn:
				return
			case err == nil, tooSlow(err) && before.Before(at):
				continue
			}
			yield(es.Recorded{}, err)
			return
		}
	}
}

// readUpTo takes a reader along one subscription until it is at the tail.
func (s *Store) readUpTo(ctx context.Context, sel selection, at *es.Position, tail es.Position, yield func(es.Recorded, error) bool) (goOn bool, err error) {
	for signal, err := range s.follow(ctx, finite, sel, *at) {
		switch {
		case err != nil:
			return true, err
		case signal.CaughtUp && at.Before(tail):
			return true, es.ErrStoreUnavailable.Because(errShort)
		case signal.Checkpoint != nil:
			*at = *signal.Checkpoint
		case signal.Event != nil:
			if tail.Before(signal.Event.Position) {
				*at = tail
				return true, nil
			}
			*at = signal.Event.Position
			if !yield(*signal.Event, nil) {
				return false, nil
			}
		}
		if !at.Before(tail) {
			return true, nil
		}
	}
	return true, nil
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
