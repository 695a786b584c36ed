package projections_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/projections"
)

func TestRebuild_IsHeldToARate(t *testing.T) {
	for rate, least := range map[int]time.Duration{0: 0, 10: 5900 * time.Millisecond, 100: 500 * time.Millisecond} {
		b := newBench(t, "one", "two")
		last := b.count(60)
		var mu sync.Mutex
		started := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		now := started
		c := b.config()
		c.RebuildRate = rate
		c.Clock = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		}
		r, err := projections.NewRunner(c)
		require.NoError(t, err)
		projections.SetSleep(r, func(_ context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(d)
			return nil
		})
		require.NoError(t, r.Rebuild(t.Context(), nil, nil))
		require.Equal(t, least.Round(time.Millisecond), now.Sub(started).Round(time.Millisecond), "60 events of the log at %d per second, of which a tenth of a second's may come at once", rate)
		b.requireExact("one", last)
	}

	t.Run("and commits about every second, to show where it is and keep what is done", func(t *testing.T) {
		b := newBench(t, "one")
		b.count(130)
		c := b.config()
		c.RebuildRate, c.RebuildBatchSize = 110, 5000
		r, err := projections.NewRunner(c)
		require.NoError(t, err)
		projections.SetSleep(r, func(context.Context, time.Duration) error { return nil })
		var done []int
		require.NoError(t, r.Rebuild(t.Context(), nil, func(p projections.Progress) { done = append(done, p.EventsDone) }))
		require.Equal(t, []int{110, 130}, done)
	})

	t.Run("and ends with its context while it waits", func(t *testing.T) {
		b := newBench(t, "one")
		b.count(60)
		c := b.config()
		c.RebuildRate = 1
		r, err := projections.NewRunner(c)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		projections.SetSleep(r, func(ctx context.Context, _ time.Duration) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		})
		require.ErrorIs(t, r.Rebuild(ctx, nil, nil), context.Canceled)
	})
}
