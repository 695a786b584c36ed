package projections_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/internal/runtest"
	"praxis/projections"
)

// apart is how far the positions of two neighbouring events are from each other
// in a log of bytes.
const apart = 1_000

// offsets is a source whose positions are offsets into a log of bytes, and whose
// subscriptions name, while they catch up, the place after the last event that
// was looked at, with prepare 0, as an EventStoreDB does. It counts what it was
// asked for.
type offsets struct {
	projections.Source

	mu sync.Mutex
	// feeds are where subscriptions began, and reads how many reads of the log there were.
	feeds []es.Position
	reads int
	// stuck, if set, holds every read of the log until it or its context ends.
	stuck chan struct{}
}

func outside(p es.Position) es.Position {
	return es.Position{Commit: p.Commit * apart, Prepare: p.Prepare * apart}
}

func inside(p es.Position) es.Position {
	n := p.Commit / apart
	if p.Prepare < p.Commit {
		n = (p.Commit - 1) / apart
	}
	return es.Position{Commit: n, Prepare: n}
}

func (o *offsets) Tail(ctx context.Context) (es.Position, error) {
	at, err := o.Source.Tail(ctx)
	return outside(at), err
}

func (o *offsets) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	o.mu.Lock()
	o.reads++
	stuck := o.stuck
	o.mu.Unlock()
	return func(yield func(es.Recorded, error) bool) {
		if stuck != nil {
			select {
			case <-stuck:
			case <-ctx.Done():
				yield(es.Recorded{}, es.ErrStoreUnavailable.Because(ctx.Err()))
				return
			}
		}
		for rec, err := range o.Source.ReadAll(ctx, categories, inside(after)) {
			rec.Position = outside(rec.Position)
			if !yield(rec, err) {
				return
			}
		}
	}
}

func (o *offsets) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	o.mu.Lock()
	o.feeds = append(o.feeds, after)
	o.mu.Unlock()
	return func(yield func(es.Signal, error) bool) {
		live := false
		for signal, err := range o.Source.Subscribe(ctx, categories, inside(after)) {
			switch {
			case signal.Event != nil:
				moved := *signal.Event
				moved.Position = outside(moved.Position)
				signal.Event = &moved
			case signal.Checkpoint != nil && live:
				// Few events of others are no reason for a checkpoint once it is live.
				continue
			case signal.Checkpoint != nil:
				signal.Checkpoint = &es.Position{Commit: (signal.Checkpoint.Commit + 1) * apart}
			}
			live = live || signal.CaughtUp
			if !yield(signal, err) {
				return
			}
		}
	}
}

func (o *offsets) asked() (feeds []es.Position, reads int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	feeds, reads = o.feeds, o.reads
	o.feeds, o.reads = nil, 0
	return feeds, reads
}

// TestFoundR1_AStretchOfForeignEventsIsPassedOverOnceForAll: the checkpoint that a
// server names in the middle of nothing is kept as it is, by all read models, and
// going on from it loses and repeats nothing.
func TestFoundR1_AStretchOfForeignEventsIsPassedOverOnceForAll(t *testing.T) {
	b := newBench(t, "one", "two", "three")
	server := &offsets{Source: b.store}
	b.source = server
	r := b.runner()
	stop := b.start(r.Run)
	b.waitFor(r, outside(b.count(10)))
	stop()

	b.foreign(5_000)
	server.asked()
	r = b.runner()
	stop = b.start(r.Run)
	passed := es.Position{Commit: 5_011 * apart}
	// Waiting for a position would look for events itself, and count among the reads.
	require.Eventually(t, func() bool {
		return !slices.ContainsFunc(b.models, func(m *tally) bool {
			position, err := r.Position(t.Context(), m.name)
			return err != nil || position != passed
		})
	}, 30*time.Second, 5*time.Millisecond)
	feeds, reads := server.asked()
	require.Equal(t, []es.Position{outside(at(10))}, feeds, "one pass, from where all of them were")
	require.Zero(t, reads)
	for _, m := range b.models {
		position, err := r.Position(t.Context(), m.name)
		require.NoError(t, err)
		require.Equal(t, passed, position)
	}
	stop()

	last := b.count(3)
	require.Equal(t, at(5_013), last)
	server.asked()
	r = b.runner()
	b.start(r.Run)
	b.waitFor(r, outside(last))
	feeds, _ = server.asked()
	require.Equal(t, []es.Position{passed}, feeds)
	for _, m := range b.models {
		var events, first int64
		require.NoError(t, b.pool.QueryRow(t.Context(), "select count(*), count(distinct event) from "+b.table(m.name, "seen")).Scan(&events, &first))
		require.Equal(t, []int64{13, 13}, []int64{events, first}, "nothing is lost and nothing repeated")
	}
}

func at(n uint64) es.Position { return es.Position{Commit: n, Prepare: n} }

// TestFoundR2_WhatNobodyCanTellInTimeIsUnknown: whoever asks how far the read
// models are is answered within a second, whatever lies in the log.
func TestFoundR2_WhatNobodyCanTellInTimeIsUnknown(t *testing.T) {
	b := newBench(t, "one", "two")
	server := &offsets{Source: b.store}
	b.source = server
	r := b.runner()
	stop := b.start(r.Run)
	last := outside(b.count(10))
	b.waitFor(r, last)
	stop()
	b.foreign(3)

	t.Run("the status shows everything else", func(t *testing.T) {
		server.stuck = make(chan struct{})
		defer func() { server.stuck = nil }()
		status, err := r.Status(t.Context())
		require.NoError(t, err)
		require.Len(t, status, 2)
		for _, s := range status {
			require.Equal(t, last, s.Position)
			require.Equal(t, int64(10), s.EventsApplied)
			require.True(t, s.LagUnknown)
			require.False(t, s.LagCapped)
			require.Zero(t, s.LagEvents)
			require.Zero(t, s.Lag)
		}
	})

	t.Run("readiness names the read models and why", func(t *testing.T) {
		server.stuck = make(chan struct{})
		defer func() { server.stuck = nil }()
		unready := requireFault(t, r.Ready(t.Context()), "read_models_not_ready")
		require.Equal(t, map[string]string{
			"one": "unknown how far behind: the event store did not say in time what lies after position 10000.10000",
			"two": "unknown how far behind: the event store did not say in time what lies after position 10000.10000",
		}, unready.Details)
	})

	t.Run("a read model that holds nothing is taken for one that is being filled", func(t *testing.T) {
		server.stuck = make(chan struct{})
		defer func() { server.stuck = nil }()
		b.sessions(t.Context(), "update praxis.projection set commit_position = 0, prepare_position = 0, events_applied = 0 where name = 'one'")
		fresh := b.runner()
		requireFault(t, fresh.Ready(t.Context()), "read_models_filling")
		requireFault(t, fresh.Ready(t.Context()), "read_models_filling")
		b.sessions(t.Context(), "update praxis.projection set commit_position = 10000, prepare_position = 10000, events_applied = 10 where name = 'one'")
	})

	t.Run("events of others do not count", func(t *testing.T) {
		b.foreign(100)
		// It does not look again at once after a look that took too long.
		status := runtest.Until(t, func(ctx context.Context) []projections.Status {
			status, err := r.Status(ctx)
			require.NoError(t, err)
			return status
		}, func(status []projections.Status) bool { return !status[0].LagUnknown })
		for _, s := range status {
			require.False(t, s.LagUnknown)
			require.Zero(t, s.LagEvents)
		}
		require.NoError(t, r.Ready(t.Context()))
	})
}

// TestFoundR2_ThePositionOfAForeignEventIsReached: whoever waits for the end of the
// log must not wait for Praxis to write the next event.
func TestFoundR2_ThePositionOfAForeignEventIsReached(t *testing.T) {
	b := newBench(t, "one", "two")
	server := &offsets{Source: b.store}
	b.source = server
	r := b.runner()
	b.start(r.Run)
	own := outside(b.count(10))
	b.waitFor(r, own)

	foreign := outside(b.foreign(3))
	b.waitFor(r, foreign)
	for _, name := range []string{"one", "two"} {
		position, err := r.Position(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, own, position, "no checkpoint came: few events of others are no reason for one")
	}

	t.Run("but not before the events of Praxis ahead of it", func(t *testing.T) {
		gate := make(chan struct{})
		b.models[0].before = func(es.Envelope) { <-gate }
		b.count(1)
		beyond := outside(b.foreign(3))
		b.waitFor(r, beyond, "two")
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		requireFault(t, r.WaitFor(ctx, beyond, "one"), "read_model_behind")
		close(gate)
		b.waitFor(r, beyond)
	})

	t.Run("nor beyond the end of the log", func(t *testing.T) {
		end, err := server.Tail(t.Context())
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		requireFault(t, r.WaitFor(ctx, es.Position{Commit: end.Commit + 1, Prepare: end.Prepare + 1}), "read_model_behind")
	})
}

// TestRun_ProjectionsThatAreNearShareOneFeed holds what starts a feed of its own.
func TestRun_ProjectionsThatAreNearShareOneFeed(t *testing.T) {
	b := newBench(t, "one", "two", "three")
	server := &offsets{Source: b.store}
	b.source = server
	all := b.models
	r := b.runner()
	stop := b.start(r.Run)
	b.waitFor(r, outside(b.count(20)))
	stop()

	t.Run("the least of them is where it begins", func(t *testing.T) {
		b.models = all[:1]
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, outside(b.count(20)))
		stop()
		b.models = all
		server.asked()
		r = b.runner()
		stop = b.start(r.Run)
		b.waitFor(r, outside(at(40)))
		feeds, _ := server.asked()
		require.Equal(t, []es.Position{outside(at(20))}, feeds)
		stop()
		for _, m := range all {
			b.requireCounted(m.name, 40)
		}
	})

	t.Run("those far behind share another, which ends when it has caught up", func(t *testing.T) {
		_, err := b.pool.Exec(t.Context(), `update praxis.projection set events_applied = 20000 where name = 'one';
			update praxis.projection set commit_position = 0, prepare_position = 0, events_applied = 0 where name <> 'one';
			truncate two_v1.total, two_v1.seen, three_v1.total, three_v1.seen`)
		require.NoError(t, err)
		server.asked()
		r := b.runner()
		b.start(r.Run)
		last := outside(b.count(1))
		b.waitFor(r, last)
		runtest.Until(t, func(ctx context.Context) []es.Position {
			b.waitFor(r, outside(b.count(1)))
			feeds, _ := server.asked()
			return feeds
		}, func(feeds []es.Position) bool { return len(feeds) == 0 })
		for _, m := range all {
			b.requireOnce(m.name)
		}
	})
}
