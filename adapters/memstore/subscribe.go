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
		sub := subscription{store: s, categories: categories, at: after, yield: yield}
		sub.left, sub.broken = s.readFault()
		for sub.catchUp(ctx) && sub.wait(ctx) {
		}
	}
}

// subscription is one running feed. Its methods report whether it goes on.
type subscription struct {
	store      *Store
	categories []es.Category
	at         es.Position
	grown      chan struct{}
	left       int
	broken     error
	yield      func(es.Signal, error) bool
}

func (f *subscription) catchUp(ctx context.Context) bool {
	f.store.mu.Lock()
	f.grown = f.store.grown
	f.store.mu.Unlock()
	passed := false
	for _, e := range f.store.since(f.at) {
		f.at = e.Position
		if passed = !slices.Contains(f.categories, e.Stream.Category()); passed {
			continue
		}
		if err := f.trouble(ctx); err != nil {
			return f.end(err)
		}
		if !f.yield(es.Signal{Event: &e}, nil) {
			return false
		}
		f.left--
	}
	if passed {
		at := f.at
		if !f.yield(es.Signal{Checkpoint: &at}, nil) {
			return false
		}
	}
	if err := f.trouble(ctx); err != nil {
		return f.end(err)
	}
	return f.yield(es.Signal{CaughtUp: true}, nil)
}

func (f *subscription) wait(ctx context.Context) bool {
	select {
	case <-f.grown:
		return true
	case <-f.store.closed:
		return f.end(errClosed)
	case <-ctx.Done():
		return f.end(fmt.Errorf("follow events: %w", ctx.Err()))
	}
}

func (f *subscription) trouble(ctx context.Context) error {
	if f.broken != nil && f.left == 0 {
		return f.broken
	}
	return f.store.usable(ctx)
}

func (f *subscription) end(err error) bool {
	f.yield(es.Signal{}, err)
	return false
}
