package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/projections"
)

// behindhand is a source whose subscriptions never say that they have caught up.
type behindhand struct{ projections.Source }

func (s behindhand) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		for signal, err := range s.Source.Subscribe(ctx, categories, after) {
			if !signal.CaughtUp && !yield(signal, err) {
				return
			}
		}
	}
}

func TestRun_Batches(t *testing.T) {
	wait := func(b *bench, d time.Duration) *projections.Runner {
		c := b.config()
		c.BatchWait = d
		r, err := projections.NewRunner(c)
		require.NoError(b.t, err)
		return r
	}

	t.Run("once caught up, a single event never waits for others", func(t *testing.T) {
		b := newBench(t, "one")
		r := wait(b, time.Hour)
		b.start(r.Run)
		for range 3 {
			b.waitFor(r, b.count(1))
		}
	})

	t.Run("a full batch never waits", func(t *testing.T) {
		b := newBench(t, "one")
		b.source = behindhand{b.store}
		r := wait(b, time.Hour)
		b.start(r.Run)
		b.waitFor(r, b.count(b.size))
	})

	t.Run("a batch that is not full waits for its time only", func(t *testing.T) {
		b := newBench(t, "one")
		b.source = behindhand{b.store}
		r := wait(b, 10*time.Millisecond)
		b.start(r.Run)
		last := b.count(b.size - 1)
		b.waitFor(r, last)
		b.requireExact("one", last)
	})
}

func TestRun_AStuckProjectionHoldsBackNoOther(t *testing.T) {
	b := newBench(t, "one", "two")
	r := b.runner()
	b.start(r.Run)
	b.waitFor(r, b.count(5))

	tx, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "lock table one_v1.total in access exclusive mode")
	require.NoError(t, err)
	// More than the inbox of the stuck one holds.
	last := b.count(30 * b.size)
	b.waitFor(r, last, "two")
	b.requireExact("two", last)
	require.NoError(t, tx.Rollback(t.Context()))

	b.waitFor(r, last, "one")
	b.requireExact("one", last)
	last = b.count(1)
	b.waitFor(r, last)
	b.requireExact("one", last)
}
