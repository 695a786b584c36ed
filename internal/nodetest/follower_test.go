package nodetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"praxis/domain/es"
)

// Follower follows some categories and sees every event of theirs once, however
// often its subscription breaks: it resumes after the last event or checkpoint
// that it was given.
type Follower struct {
	store      Store
	ledger     *Ledger
	categories []es.Category
	// moved holds a token when something was seen since it was taken last.
	moved chan struct{}

	mu       sync.Mutex
	at       es.Position
	last     map[es.Stream]es.Revision
	events   int
	restarts int
}

// NewFollower returns a follower that has seen nothing yet.
func NewFollower(store Store, ledger *Ledger, categories []es.Category) *Follower {
	return &Follower{
		store: store, ledger: ledger, categories: categories,
		moved: make(chan struct{}, 1), last: make(map[es.Stream]es.Revision),
	}
}

// Run follows until ctx ends; it fails at the first lie.
func (f *Follower) Run(ctx context.Context) error {
	for {
		for signal, err := range f.store.Subscribe(ctx, f.categories, f.position()) {
			switch {
			case ctx.Err() != nil:
				return nil
			case err != nil && !errors.Is(err, es.ErrStoreUnavailable):
				return fmt.Errorf("follow %v: %w", f.categories, err)
			case err != nil:
				continue // the feed has ended
			}
			if err := f.see(signal); err != nil {
				return fmt.Errorf("follow %v: %w", f.categories, err)
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		f.mu.Lock()
		f.restarts++
		f.mu.Unlock()
	}
}

// see takes one signal. A follower has all events of a stream, so each revision
// must come right after the one before it.
func (f *Follower) see(signal es.Signal) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case signal.Checkpoint != nil:
		if signal.Checkpoint.Before(f.at) {
			return fmt.Errorf("a checkpoint at %s came behind position %s", signal.Checkpoint, f.at)
		}
		f.at = *signal.Checkpoint
	case signal.Event != nil:
		e := *signal.Event
		if !slices.Contains(f.categories, e.Stream.Category()) {
			return fmt.Errorf("an event of stream %s came through the filter", e.Stream)
		}
		last, known := f.last[e.Stream]
		if !known {
			last = es.NoStream
		}
		if e.Revision != last+1 {
			return fmt.Errorf("revision %d of %s came after revision %d", e.Revision, e.Stream, last)
		}
		if !f.at.Before(e.Position) {
			return fmt.Errorf("position %s came after position %s", e.Position, f.at)
		}
		f.at, f.last[e.Stream] = e.Position, e.Revision
		f.events++
		select {
		case f.moved <- struct{}{}:
		default:
		}
		return f.ledger.Witness(e)
	}
	return nil
}

func (f *Follower) position() es.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

// Seen returns how many events the follower has seen and how often it had to
// subscribe again.
func (f *Follower) Seen() (events, restarts int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.events, f.restarts
}

// AwaitAll waits until the follower has seen everything that is acknowledged,
// when all writers have ended.
func (f *Follower) AwaitAll(ctx context.Context) error {
	for {
		behind := f.behind()
		if len(behind) == 0 {
			return nil
		}
		select {
		case <-f.moved:
		case <-ctx.Done():
			return fmt.Errorf("follow %v: the last events of %v never came: %w", f.categories, behind, context.Cause(ctx))
		}
	}
}

// behind returns the streams of the follower's categories that it has not seen
// up to the last acknowledged revision.
func (f *Follower) behind() []es.Stream {
	f.mu.Lock()
	defer f.mu.Unlock()
	var behind []es.Stream
	for _, stream := range f.ledger.Streams() {
		last, known := f.last[stream]
		if slices.Contains(f.categories, stream.Category()) && (!known || last < f.ledger.Acknowledged(stream)) {
			behind = append(behind, stream)
		}
	}
	return behind
}
