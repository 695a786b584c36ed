package memstore

import (
	"context"
	"fmt"
	"slices"

	"praxis/domain/es"
)

// ReadStream implements commands.Store. It yields the stream as it was when the
// iteration began.
func (s *Store) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		s.mu.Lock()
		events := s.streams[stream]
		s.mu.Unlock()
		first := min(max(int(from), 0), len(events))
		s.read(ctx, events[first:], yield)
	}
}

// ReadAll implements projections.Source.
func (s *Store) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		var events []es.Recorded
		for _, e := range s.since(after) {
			if slices.Contains(categories, e.Stream.Category()) {
				events = append(events, e)
			}
		}
		s.read(ctx, events, yield)
	}
}

// Damaged implements audit.WholeLog: nothing is ever deleted or truncated here.
func (s *Store) Damaged(ctx context.Context, _ []es.Category) ([]es.Damage, error) {
	return nil, s.usable(ctx)
}

// Tail implements projections.Source.
func (s *Store) Tail(ctx context.Context) (es.Position, error) {
	if err := s.usable(ctx); err != nil {
		return es.Position{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := uint64(len(s.log))
	return es.Position{Commit: n, Prepare: n}, nil
}

// EventAt implements logidentity.Log.
func (s *Store) EventAt(ctx context.Context, at es.Position) (es.Recorded, bool, error) {
	if err := s.usable(ctx); err != nil {
		return es.Recorded{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := int(at.Commit)
	if n < 1 || n > len(s.log) || s.log[n-1].Position != at {
		return es.Recorded{}, false, nil
	}
	return s.log[n-1], true, nil
}

// since returns the events after a position, as of now. They are never changed.
func (s *Store) since(after es.Position) []es.Recorded {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, _ := slices.BinarySearchFunc(s.log, after, func(e es.Recorded, p es.Position) int {
		if p.Before(e.Position) {
			return 1
		}
		return -1
	})
	return s.log[first:]
}

func (s *Store) read(ctx context.Context, events []es.Recorded, yield func(es.Recorded, error) bool) {
	r := s.begin()
	for _, e := range events {
		if err := r.trouble(ctx); err != nil {
			yield(es.Recorded{}, err)
			return
		}
		if !yield(e, nil) {
			return
		}
		r.left--
	}
	if err := r.trouble(ctx); err != nil {
		yield(es.Recorded{}, err)
	}
}

// usable reports why nothing can be read now, if so.
func (s *Store) usable(ctx context.Context) error {
	if s.isClosed() {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	return nil
}
