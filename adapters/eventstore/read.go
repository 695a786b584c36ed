package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// errShort says that the server claims to have delivered everything but did not
// get to the position that it had named as the end.
var errShort = errors.New("the event store ended a read before the end of the log")

// ReadStream implements commands.Store. Faults beside those of the store:
// "stream_truncated" (es.TruncatedError) where the beginning was cut off, and
// "stream_deleted".
func (s *Store) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	from = max(from, 0)
	options := esdb.ReadStreamOptions{Direction: esdb.Forwards, From: esdb.Revision(uint64(from))}
	events := read(ctx, s.sup, finite, func(ctx context.Context, c *esdb.Client) (receiver[es.Recorded], error) {
		return received(c.ReadStream(ctx, string(stream), options, math.MaxInt64))
	})
	return func(yield func(es.Recorded, error) bool) {
		empty := true
		for e, err := range events {
			if err == nil && empty && e.Revision > from {
				err = &es.TruncatedError{Stream: stream, First: e.Revision}
			}
			if empty = false; !yield(e, err) || err != nil {
				return
			}
		}
		// A stranger who names a practice must not find out by the time of a second read
		// that there is none; a practice's stream that was hidden is left to the audit.
		if !empty || from > 0 || stream.Category() == group.Category {
			return
		}
		// A stream without events has none yet, or all of them are hidden by its
		// metadata, which only somebody with the server's own tools writes.
		if err := s.hidden(ctx, stream); err != nil {
			yield(es.Recorded{}, err)
		}
	}
}

// hidden returns why a stream from which nothing can be read may hold events all the
// same; nil if it may not.
func (s *Store) hidden(ctx context.Context, stream es.Stream) error {
	last, err := s.last(ctx, metadataOf+stream)
	if err != nil || last == nil {
		return err
	}
	var metadata struct {
		TruncateBefore json.Number `json:"$tb"`
		MaxCount       json.Number `json:"$maxCount"`
		MaxAge         json.Number `json:"$maxAge"`
	}
	// Metadata that cannot be read hides nothing: the server passes over it as well.
	_ = json.Unmarshal(last.Data, &metadata)
	switch {
	case metadata.TruncateBefore.String() == softDeleted:
		return errDeleted
	case metadata.TruncateBefore != "" || metadata.MaxCount != "" || metadata.MaxAge != "":
		return &es.TruncatedError{Stream: stream, First: es.NoStream}
	}
	return nil
}

// last returns the last event of a stream, the only one of metadata that a server shows;
// nil without any.
func (s *Store) last(ctx context.Context, stream es.Stream) (*es.Recorded, error) {
	options := esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}
	for e, err := range read(ctx, s.sup, finite, func(ctx context.Context, c *esdb.Client) (receiver[es.Recorded], error) {
		return received(c.ReadStream(ctx, string(stream), options, 1))
	}) {
		return &e, err
	}
	return nil, nil
}

// softDeleted is the truncation by which a server marks a stream as deleted.
var softDeleted = strconv.FormatInt(math.MaxInt64, 10)

// ReadAll implements projections.Source. The client cannot filter reads of all
// events, so this is a subscription, which it can, up to the present end: what
// belongs to other applications never leaves the server.
func (s *Store) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return s.readSelected(ctx, ofCategories(categories), after)
}

// Damaged returns the streams of the categories that somebody deleted or truncated
// with the server's own tools; Praxis never does. Their events stay in the log until
// the server is scavenged. Only streams about which the server recorded such a thing
// are looked at, however many there are.
func (s *Store) Damaged(ctx context.Context, categories []es.Category) ([]es.Damage, error) {
	var suspects []es.Stream
	for e, err := range s.readSelected(ctx, tampering, es.Position{}) {
		if err != nil {
			return nil, err
		}
		stream := es.Stream(strings.TrimPrefix(string(e.Stream), metadataOf))
		if slices.Contains(categories, stream.Category()) && !slices.Contains(suspects, stream) {
			suspects = append(suspects, stream)
		}
	}
	var damaged []es.Damage
	for _, stream := range suspects {
		var truncated *es.TruncatedError
		switch err := s.whole(ctx, stream); {
		case errors.As(err, &truncated):
			damaged = append(damaged, es.Damage{Stream: stream, First: truncated.First})
		case errors.Is(err, errDeleted):
			damaged = append(damaged, es.Damage{Stream: stream, Deleted: true, First: es.NoStream})
		case err != nil:
			return nil, err
		}
	}
	return damaged, nil
}

// whole returns why a stream cannot be read from its beginning, if so.
func (s *Store) whole(ctx context.Context, stream es.Stream) error {
	for _, err := range s.ReadStream(ctx, stream, 0) {
		return err
	}
	return s.hidden(ctx, stream)
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

// EventAt implements logidentity.Log.
func (s *Store) EventAt(ctx context.Context, at es.Position) (es.Recorded, bool, error) {
	options := esdb.ReadAllOptions{Direction: esdb.Forwards, From: esdb.Position{Commit: at.Commit, Prepare: at.Prepare}}
	for e, err := range read(ctx, s.sup, finite, func(ctx context.Context, c *esdb.Client) (receiver[es.Recorded], error) {
		return received(c.ReadAll(ctx, options, 1))
	}) {
		if errors.Is(err, errFailed) || errors.Is(err, errRefused) {
			// A position of another log can lie inside a record of this one, which a server
			// may answer with an error. One that cannot be read at all says so here.
			_, err = s.Tail(ctx)
			return es.Recorded{}, false, err
		}
		return e, err == nil && e.Position == at, err
	}
	return es.Recorded{}, false, nil
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
	r := es.Recorded{
		ID:       id.Event(e.EventID),
		Stream:   es.Stream(e.StreamID),
		Revision: es.Revision(e.EventNumber),
		Position: es.Position{Commit: e.Position.Commit, Prepare: e.Position.Prepare},
		Type:     e.EventType,
		Data:     e.Data,
		Metadata: e.UserMetadata,
	}
	r.Stamp(e.CreatedDate)
	return r
}
