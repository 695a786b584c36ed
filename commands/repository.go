package commands

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"praxis/domain/es"
	"praxis/domain/id"
)

// repository loads the states of one kind of aggregate. It caches folded states
// by revision, so that a warm load reads only the tail of its stream, and keeps
// beside each state which commands led to it.
type repository[S, E any] struct {
	aggregate es.Aggregate[S, E]
	store     Store
	registry  *es.Registry
	cache     *lru.Cache[es.Stream, *folded[S]]
}

func newRepository[S, E any](a es.Aggregate[S, E], store Store, registry *es.Registry, size int) *repository[S, E] {
	return &repository[S, E]{aggregate: a, store: store, registry: registry, cache: newCache[es.Stream, *folded[S]](size)}
}

// folded is a state at a revision. Decisions read it under the read lock, new
// events change it in place under the write lock.
type folded[S any] struct {
	mu       sync.RWMutex
	state    S
	revision es.Revision
	commands map[id.Command]outcome
	// writing holds a token while a command of this process is between reading the
	// stream and appending to it.
	writing chan struct{}
}

// outcome is what a command that is already in the stream led to.
type outcome struct {
	revision    es.Revision
	position    es.Position
	fingerprint string
}

// empty is the state of a stream without events.
func (r *repository[S, E]) empty() *folded[S] {
	return &folded[S]{state: r.aggregate.New(), revision: es.NoStream, commands: map[id.Command]outcome{}, writing: make(chan struct{}, 1)}
}

// cached returns the entry of a stream and whether it holds any event yet.
func (r *repository[S, E]) cached(stream es.Stream) (entry *folded[S], warm bool) {
	entry, ok := r.cache.Get(stream)
	if !ok {
		entry = r.empty()
		if earlier, raced, _ := r.cache.PeekOrAdd(stream, entry); raced {
			entry = earlier
		}
		return entry, false
	}
	entry.mu.RLock()
	defer entry.mu.RUnlock()
	return entry, entry.revision != es.NoStream
}

// refresh reads the stream's tail and folds it into the entry.
func (r *repository[S, E]) refresh(ctx context.Context, stream es.Stream, entry *folded[S]) error {
	entry.mu.RLock()
	from := entry.revision + 1
	entry.mu.RUnlock()
	return r.history(ctx, stream, from, func(es.Envelope) bool { return true }, entry)
}

// history reads a stream from a revision on, up to its end or to the first event that
// is not wanted, and folds it into the entries. What was read before an error stays
// folded: a state at an earlier revision is one, too.
func (r *repository[S, E]) history(ctx context.Context, stream es.Stream, from es.Revision, wanted func(es.Envelope) bool, entries ...*folded[S]) error {
	for events, err := range decoded(r.registry, r.store.ReadStream(ctx, stream, from)) {
		if err != nil {
			return fmt.Errorf("load %s: %w", stream, err)
		}
		end := slices.IndexFunc(events, func(env es.Envelope) bool { return !wanted(env) })
		if end >= 0 {
			events = events[:end]
		}
		for _, entry := range entries {
			if err := r.absorb(entry, events); err != nil {
				return err
			}
		}
		if end >= 0 {
			return nil
		}
	}
	return nil
}

// absorb folds events into the entry, each exactly once and in order: another
// request may have folded some of them meanwhile.
func (r *repository[S, E]) absorb(entry *folded[S], tail []es.Envelope) error {
	if len(tail) == 0 {
		return nil
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	for _, env := range tail {
		if env.Revision <= entry.revision {
			continue
		}
		if env.Revision != entry.revision+1 {
			return fmt.Errorf("stream %s jumps from revision %d to %d", env.Stream, entry.revision, env.Revision)
		}
		event, ok := env.Event.(E)
		if !ok {
			return fmt.Errorf("stream %s holds a foreign event %s at revision %d", env.Stream, env.Type, env.Revision)
		}
		r.aggregate.Evolve(&entry.state, event)
		entry.revision = env.Revision
		entry.commands[env.Meta.Command] = outcome{
			revision: env.Revision, position: env.Position, fingerprint: env.Meta.Fingerprint,
		}
	}
	return nil
}

// read returns the entry of a stream, read to its tail.
func (r *repository[S, E]) read(ctx context.Context, stream es.Stream) (*folded[S], error) {
	entry, _ := r.cached(stream)
	return entry, r.refresh(ctx, stream, entry)
}

// view reads the stream to its tail and lets f look at the state. f must not
// keep parts of the state that later events change.
func (r *repository[S, E]) view(ctx context.Context, stream es.Stream, f func(S, es.Revision)) error {
	entry, err := r.read(ctx, stream)
	if err != nil {
		return err
	}
	entry.mu.RLock()
	defer entry.mu.RUnlock()
	f(entry.state, entry.revision)
	return nil
}

// lookUp reads the stream to its tail and returns what f finds in the state, under the
// same condition as view.
func lookUp[A, S, E any](ctx context.Context, r *repository[S, E], stream es.Stream, f func(S) A) (found A, err error) {
	err = r.view(ctx, stream, func(s S, _ es.Revision) { found = f(s) })
	return found, err
}

// asOf folds what a stream held at an instant: up to the first
// event that was recorded later.
func (r *repository[S, E]) asOf(ctx context.Context, stream es.Stream, at time.Time) (S, es.Revision, error) {
	past := r.empty()
	err := r.history(ctx, stream, 0, func(env es.Envelope) bool { return !env.RecordedAt.After(at) }, past)
	return past.state, past.revision, err
}

// tryOut returns what a stream held at a revision, and what it would hold with further
// events. Cached states cannot be tried out, because folding changes them in place: the
// history is folded anew, which dry runs alone pay for.
func (r *repository[S, E]) tryOut(ctx context.Context, stream es.Stream, at es.Revision, events []E) (before, after S, err error) {
	was, is := r.empty(), r.empty()
	if err = r.history(ctx, stream, 0, func(env es.Envelope) bool { return env.Revision <= at }, was, is); err != nil {
		return before, after, err
	}
	for _, event := range events {
		r.aggregate.Evolve(&is.state, event)
	}
	return was.state, is.state, nil
}
