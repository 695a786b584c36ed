package memstore

import (
	"context"
	"fmt"
	"slices"

	"praxis/domain/es"
)

// Subscribe implements projections.Source. A checkpoint follows whenever events
// of other categories were passed over, and CaughtUp whenever the end is reached.
func (s *Store) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		r := s.begin()
		for at := after; ; {
			s.mu.Lock()
			grown := s.grown
			s.mu.Unlock()
			var goesOn bool
			if at, goesOn = r.catchUp(ctx, categories, at, yield); !goesOn {
				return
			}
			select {
			case <-grown:
			case <-s.closed:
				yield(es.Signal{}, errClosed)
				return
			case <-ctx.Done():
				yield(es.Signal{}, fmt.Errorf("follow events: %w", ctx.Err()))
				return
			}
		}
	}
}

// catchUp yields what there is after a position. It returns where that ends, and
// whether the subscription goes on.
func (r *reading) catchUp(ctx context.Context, categories []es.Category, at es.Position, yield func(es.Signal, error) bool) (es.Position, bool) {
	passed := false
	for _, e := range r.store.since(at) {
		at = e.Position
		if passed = !slices.Contains(categories, e.Stream.Category()); passed {
			continue
		}
		if err := r.trouble(ctx); err != nil {
			yield(es.Signal{}, err)
			return at, false
		}
		if !yield(es.Signal{Event: &e}, nil) {
			return at, false
		}
		r.left--
	}
	if passed && !yield(es.Signal{Checkpoint: &at}, nil) {
		return at, false
	}
	if err := r.trouble(ctx); err != nil {
		yield(es.Signal{}, err)
		return at, false
	}
	return at, yield(es.Signal{CaughtUp: true}, nil)
}
