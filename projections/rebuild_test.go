package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/projections"
)

func TestRebuild(t *testing.T) {
	t.Run("makes wrong rows right while the live runner goes on with the others", func(t *testing.T) {
		b := newBench(t, "one", "two")
		r := b.runner()
		b.start(r.Run)
		b.waitFor(r, b.count(45))
		_, err := b.pool.Exec(t.Context(), "update one_v1.total set sum = 0; delete from one_v1.seen where n % 2 = 0")
		require.NoError(t, err)

		var during es.Position
		meanwhile := false
		require.NoError(t, r.Rebuild(t.Context(), "one", func(projections.Progress) {
			if !meanwhile {
				meanwhile = true
				during = b.count(5)
				b.waitFor(r, during, "two")
			}
		}))
		last := b.count(5)
		b.waitFor(r, last)
		b.requireExact("one", last)
		b.requireExact("two", last)
	})

	t.Run("works without a live runner and leaves the projection running", func(t *testing.T) {
		b := newBench(t, "one")
		last := b.count(25)
		r := b.runner()
		require.NoError(t, r.Rebuild(t.Context(), "one", nil))
		b.requireExact("one", last)
		s := b.until(r, "one", projections.Running)
		require.Equal(t, last, s.Position)
		require.Equal(t, int64(25), s.EventsApplied)
	})

	t.Run("goes on where it was when it was interrupted", func(t *testing.T) {
		b := newBench(t, "one", "two")
		live := b.runner()
		b.start(live.Run)
		b.waitFor(live, b.count(45))

		ctx, cancel := context.WithCancel(t.Context())
		err := b.runner().Rebuild(ctx, "one", func(p projections.Progress) {
			if p.EventsDone == 20 {
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		s := b.until(live, "one", projections.Rebuilding)
		require.False(t, s.Position.Before(es.Position{Commit: 20, Prepare: 20}))
		b.waitFor(live, b.count(5), "two")
		require.Equal(t, s.Position, b.until(live, "one", projections.Rebuilding).Position, "the live runner leaves it alone")

		var done int
		require.NoError(t, b.runner().Rebuild(t.Context(), "one", func(p projections.Progress) { done = p.EventsDone }))
		require.Equal(t, 50-int(s.Position.Commit), done, "nothing is done twice")
		last := b.count(1)
		b.waitFor(live, last)
		b.requireExact("one", last)
	})

	t.Run("survives connections that are cut", func(t *testing.T) {
		b := newBench(t, "one")
		last := b.count(60)
		cuts := 0
		b.models[0].before = func(e es.Envelope) {
			if e.Position.Commit%20 == 0 && cuts < 3 {
				cuts++
				b.cut(t.Context())
			}
		}
		require.NoError(t, b.runner().Rebuild(b.within(), "one", nil))
		require.Equal(t, 3, cuts)
		b.requireExact("one", last)
	})

	t.Run("survives reads that break off", func(t *testing.T) {
		b := newBench(t, "one")
		last := b.count(60)
		b.store.BreakReadAfter(23, es.ErrStoreUnavailable)
		require.NoError(t, b.runner().Rebuild(b.within(), "one", func(p projections.Progress) {
			if p.Position.Commit > 40 {
				b.store.Mend()
			}
		}))
		b.requireExact("one", last)
	})

	t.Run("stops at an event that cannot be applied, names it, and can be resumed", func(t *testing.T) {
		b := newBench(t, "one")
		good := b.count(25)
		b.append(refused{})
		b.count(5)
		r := b.runner()
		f := requireFault(t, r.Rebuild(t.Context(), "one", nil), "rebuild_failed")
		require.Contains(t, f.Message, "tally.refused")
		require.Equal(t, good, b.until(r, "one", projections.Stopped).Position)
		b.requireExact("one", good)
		b.models[0].healed.Store(true)
		require.NoError(t, r.Resume(t.Context(), "one"))
		b.start(r.Run)
		last := b.count(1)
		b.waitFor(r, last)
		b.requireExact("one", last)
	})

	t.Run("two rebuilds of one projection exclude each other, of two they do not", func(t *testing.T) {
		b := newBench(t, "one", "two")
		b.count(15)
		r := b.runner()
		checked := false
		require.NoError(t, r.Rebuild(t.Context(), "one", func(projections.Progress) {
			if !checked {
				checked = true
				requireFault(t, b.runner().Rebuild(t.Context(), "one", nil), "rebuild_in_progress")
				require.NoError(t, b.runner().Rebuild(t.Context(), "two", nil))
			}
		}))
		require.True(t, checked)
	})

	t.Run("gives up when another process took the projection over", func(t *testing.T) {
		b := newBench(t, "one")
		b.count(45)
		err := b.runner().Rebuild(t.Context(), "one", func(p projections.Progress) {
			if p.EventsDone > 10 {
				return
			}
			_, err := b.pool.Exec(t.Context(), "update praxis.projection set epoch = epoch + 1")
			require.NoError(t, err)
		})
		requireFault(t, err, "rebuild_superseded")
	})

	t.Run("of nothing", func(t *testing.T) {
		b := newBench(t, "one")
		requireFault(t, b.runner().Rebuild(t.Context(), "nobody", nil), "unknown_projection")
		require.NoError(t, b.runner().Rebuild(t.Context(), "one", nil))
		require.Empty(t, b.totals("one"))
	})
}

// TestFoundR11_ProgressCountsWhatWillBeRead: most of the log is of other
// applications, and what counts is how many events of Praxis are done.
func TestFoundR11_ProgressCountsWhatWillBeRead(t *testing.T) {
	b := newBench(t, "one", "two")
	b.count(20)
	b.foreign(500)
	b.count(20)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b.models[0].before = func(es.Envelope) { now = now.Add(100 * time.Millisecond) }
	c := b.config()
	c.Clock = func() time.Time { return now }
	r, err := projections.NewRunner(c)
	require.NoError(t, err)
	rebuild := func() (all []projections.Progress) {
		t.Helper()
		require.NoError(t, r.Rebuild(t.Context(), "one", func(p projections.Progress) { all = append(all, p) }))
		return all
	}
	at := func(n uint64) es.Position { return es.Position{Commit: n, Prepare: n} }

	require.Equal(t, []projections.Progress{
		{Position: at(10), EventsDone: 10, Rate: 10},
		{Position: at(20), EventsDone: 20, Rate: 10},
		{Position: at(530), EventsDone: 30, Rate: 10},
		{Position: at(540), EventsDone: 40, Rate: 10},
	}, rebuild(), "as long as no read model holds anything, nobody knows how much there is")

	require.Equal(t, []projections.Progress{
		{Position: at(10), EventsDone: 10, Events: 40, Fraction: 0.25, Rate: 10, ETA: 3 * time.Second},
		{Position: at(20), EventsDone: 20, Events: 40, Fraction: 0.5, Rate: 10, ETA: 2 * time.Second},
		{Position: at(530), EventsDone: 30, Events: 40, Fraction: 0.75, Rate: 10, ETA: time.Second},
		{Position: at(540), EventsDone: 40, Events: 40, Fraction: 1, Rate: 10, ETA: 0},
	}, rebuild())

	require.NoError(t, r.Rebuild(t.Context(), "two", nil))
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, r.Rebuild(ctx, "one", func(p projections.Progress) {
		if p.EventsDone == 20 {
			cancel()
		}
	}), context.Canceled)
	b.models[0].before = func(es.Envelope) {}
	goesOn := rebuild()
	require.InDelta(t, 1, goesOn[len(goesOn)-1].Fraction, 0)
	require.Less(t, 0.5, goesOn[0].Fraction, "what the interrupted run did counts")
	require.Equal(t, goesOn[0].Events, goesOn[len(goesOn)-1].EventsDone)
}
