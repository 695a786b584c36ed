package eventstore_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"praxis/adapters/memstore"
	"praxis/domain/es"
	"praxis/domain/id"
)

// The stores in this file are broken on purpose, each in one way.

// losing acknowledges every seventh append without storing it.
type losing struct {
	*memstore.Store
	appends atomic.Int32
}

func (s *losing) Append(ctx context.Context, stream es.Stream, at es.Expected, events []es.Proposed) (es.Appended, error) {
	if s.appends.Add(1)%7 == 0 {
		return es.Appended{Revision: es.Revision(at) + es.Revision(len(events))}, nil
	}
	return s.Store.Append(ctx, stream, at, events)
}

// reordering shows the last two events of a stream in the wrong order.
type reordering struct{ *memstore.Store }

func (s *reordering) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		var all []es.Recorded
		for e, err := range s.Store.ReadStream(ctx, stream, from) {
			if err != nil {
				yield(e, err)
				return
			}
			all = append(all, e)
		}
		if n := len(all); n > 1 {
			all[n-2], all[n-1] = all[n-1], all[n-2]
		}
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// lagging acknowledges an append and shows it only once the next one comes.
type lagging struct {
	*memstore.Store
	mu   sync.Mutex
	seen map[es.Stream]int
}

func (s *lagging) Append(ctx context.Context, stream es.Stream, at es.Expected, events []es.Proposed) (es.Appended, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done, err := s.Store.Append(ctx, stream, at, events)
	if err == nil {
		if s.seen == nil {
			s.seen = map[es.Stream]int{}
		}
		s.seen[stream] = int(done.Revision)
	}
	return done, err
}

func (s *lagging) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	s.mu.Lock()
	shown := s.seen[stream]
	s.mu.Unlock()
	return func(yield func(es.Recorded, error) bool) {
		for e, err := range s.Store.ReadStream(ctx, stream, from) {
			if int(e.Revision) >= shown && err == nil || !yield(e, err) {
				return
			}
		}
	}
}

// careless ignores the expected revision.
type careless struct{ *memstore.Store }

func (s *careless) Append(ctx context.Context, stream es.Stream, _ es.Expected, events []es.Proposed) (es.Appended, error) {
	return s.Store.Append(ctx, stream, es.AnyRevision, events)
}

// spiteful refuses an append at the wrong revision and keeps it all the same.
type spiteful struct{ *memstore.Store }

func (s *spiteful) Append(ctx context.Context, stream es.Stream, at es.Expected, events []es.Proposed) (es.Appended, error) {
	done, err := s.Store.Append(ctx, stream, at, events)
	var wrong *es.WrongRevisionError
	if errors.As(err, &wrong) {
		hidden := slices.Clone(events)
		for i := range hidden {
			hidden[i].ID = id.New[id.Event]()
		}
		if _, err := s.Store.Append(ctx, stream, es.AnyRevision, hidden); err != nil {
			return es.Appended{}, err
		}
	}
	return done, err
}
