package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/internal/runtest"
	"praxis/internal/stores"
	"praxis/projections"
)

// onEach runs f with a bench on every kind of event store.
func onEach(t *testing.T, f func(t *testing.T, b *bench, k stores.Kind), models ...string) {
	t.Helper()
	stores.Each(t, func(t *testing.T, k stores.Kind) {
		b := newBenchOn(t, k.Open(t), models...)
		b.category = stores.Category()
		f(t, b, k)
	})
}

// tail is the end of the log.
func (b *bench) tail() es.Position {
	b.t.Helper()
	at, err := b.log.Tail(b.t.Context())
	require.NoError(b.t, err)
	return at
}

func TestRun_OnEveryKindOfStore(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench, k stores.Kind) {
		before := b.count(30)
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, before)
		b.requireExact("one", before)
		after := b.count(30)
		b.waitFor(r, after)
		b.requireExact("one", after)
		b.requireExact("two", after)

		t.Run("a restart goes on where it was, past what others wrote meanwhile", func(t *testing.T) {
			b.foreign(20)
			stop()
			b.foreign(2_500)
			last := b.count(10)
			b.foreign(20)
			r = b.runner()
			b.start(r.Run)
			b.waitFor(r, last)
			b.waitFor(r, b.tail())
			b.requireExact("one", last)
			b.requireExact("two", last)
			require.NoError(t, r.Ready(t.Context()))
		})

		t.Run("it stays exact while others write as much as it reads", func(t *testing.T) {
			var last es.Position
			for range 20 {
				b.foreign(30)
				last = b.count(3)
				if k.Like != nil {
					k.Like.DropSlow()
				}
			}
			b.waitFor(r, last)
			b.requireExact("one", last)
			b.requireExact("two", last)
		})

		t.Run("a rebuild makes the same rows beside the live run", func(t *testing.T) {
			live := b.totals("one")
			_, err := b.pool.Exec(t.Context(), "update one_v1.total set sum = 0")
			require.NoError(t, err)
			var fractions []float64
			require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, func(p projections.Progress) { fractions = append(fractions, p.Fraction) }))
			require.Equal(t, live, b.totals("one"))
			require.InDelta(t, 1, fractions[len(fractions)-1], 0)
			last := b.count(3)
			b.waitFor(r, last)
			b.requireExact("one", last)
		})
	}, "one", "two")
}

func TestRun_AnotherProcessTakesOverOnEveryKindOfStore(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench, _ stores.Kind) {
		first, second := b.runner(), b.runner()
		stop := b.start(first.Run)
		b.waitFor(first, b.count(10))
		b.start(second.Run)
		b.foreign(3_000)
		stop()
		last := b.count(10)
		b.waitFor(second, last)
		b.requireExact("one", last)
	}, "one")
}

// TestFoundR2_AStartAfterManyForeignEventsIsReady: what the server is asked for is
// one filtered pass, none of the foreign events is sent, and what Praxis writes
// afterwards is seen at once.
func TestFoundR2_AStartAfterManyForeignEventsIsReady(t *testing.T) {
	const foreign = 20_000
	stores.Likenesses(t, func(t *testing.T, k stores.Kind) {
		b := newBenchOn(t, k.Open(t), "one", "two", "three")
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, b.count(10))
		stop()
		require.NoError(t, k.Like.Foreign(t.Context(), foreign))

		k.Like.ResetTraffic()
		r = b.runner()
		b.start(r.Run)
		runtest.Until(t, func(ctx context.Context) []es.Position {
			var at []es.Position
			for _, m := range b.models {
				position, err := r.Position(ctx, m.name)
				require.NoError(t, err)
				at = append(at, position)
			}
			return at
		}, func(at []es.Position) bool {
			for _, p := range at {
				if p.Before(b.tail()) {
					return false
				}
			}
			return true
		})
		asked := k.Like.Traffic()
		require.Equal(t, int64(1), asked.Subscriptions, "one pass for all")
		require.InDelta(t, foreign, asked.Considered, 50)
		require.Zero(t, asked.Delivered, "the server keeps the foreign events for itself")

		require.NoError(t, r.Ready(t.Context()))
		status, err := r.Status(t.Context())
		require.NoError(t, err)
		for _, s := range status {
			require.False(t, s.LagUnknown)
			require.Zero(t, s.LagEvents)
		}
		last := b.count(1)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.NoError(t, r.WaitFor(ctx, last))
		b.requireCounted("one", 11)
		require.InDelta(t, foreign, k.Like.Traffic().Considered, 60, "and nothing is looked at twice")
	})
}

// TestFoundR3_ADeletedStreamStopsNoReadModel: somebody tombstones one of our own
// streams with the server's tools.
func TestFoundR3_ADeletedStreamStopsNoReadModel(t *testing.T) {
	stores.Likenesses(t, func(t *testing.T, k stores.Kind) {
		b := newBenchOn(t, k.Open(t), "one")
		r := b.runner()
		b.start(r.Run)
		b.waitFor(r, b.count(9))
		require.NoError(t, k.Like.TombstoneStream(t.Context(), string(b.stream(0))))
		b.appended++ // The next one goes into another stream.
		last := b.append(counted{N: 5})
		b.waitFor(r, last)
		require.NoError(t, r.Ready(t.Context()))
		b.requireCounted("one", 10)
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
		b.requireCounted("one", 10)
	})
}
