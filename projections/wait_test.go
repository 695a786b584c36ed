package projections_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/projections"
)

func TestWaitFor(t *testing.T) {
	t.Run("returns when the rows are there, in the process that leads and in any other", func(t *testing.T) {
		b := newBench(t, "one")
		leads, other := b.runner(), b.runner()
		b.start(leads.Run)
		for range 20 {
			at := b.count(1)
			b.waitFor(other, at)
			b.requireExact("one", at)
			at = b.count(1)
			b.waitFor(leads, at)
			b.requireExact("one", at)
		}
	})

	t.Run("is unavailable when the context ends first", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		f := requireFault(t, r.WaitFor(ctx, b.count(1)), "read_model_behind")
		require.Equal(t, fault.Unavailable, f.Kind)
		require.Equal(t, map[string]string{"projection": "one"}, f.Details)
		require.ErrorIs(t, f, context.DeadlineExceeded)
	})

	t.Run("costs one query, however many wait for what never comes", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		const waiters = 400
		before := b.pool.Stat().AcquireCount()
		var all sync.WaitGroup
		for range waiters {
			all.Go(func() { _ = r.WaitFor(ctx, es.Position{Commit: 1 << 40, Prepare: 1 << 40}) })
		}
		all.Wait()
		require.Less(t, b.pool.Stat().AcquireCount()-before, int64(waiters), "each alone would look several times")
	})

	t.Run("gives up at once on a stopped projection, unless it is far enough", func(t *testing.T) {
		b := newBench(t, "one", "two")
		b.models[1].healed.Store(true)
		r := b.runner()
		b.start(r.Run)
		good := b.count(3)
		b.waitFor(r, good)
		b.breakTables("one")
		last := b.count(1)
		b.until(r, "one", projections.Stopped)
		require.NoError(t, r.WaitFor(t.Context(), good, "one"))
		b.waitFor(r, last, "two")
		f := requireFault(t, r.WaitFor(t.Context(), last), "read_model_behind")
		require.Contains(t, f.Message, "one is stopped")
	})

	t.Run("knows only its own projections", func(t *testing.T) {
		b := newBench(t, "one")
		requireFault(t, b.runner().WaitFor(t.Context(), es.Position{}, "nobody"), "unknown_projection")
	})
}

func TestReady(t *testing.T) {
	b := newBench(t, "one", "two")
	r := b.runner()
	require.Equal(t, map[string]string{"one": "not started yet", "two": "not started yet"},
		requireFault(t, r.Ready(t.Context()), "read_models_filling").Details)

	b.models[1].healed.Store(true)
	stop := b.start(r.Run)
	b.waitFor(r, b.count(2))
	require.NoError(t, r.Ready(t.Context()))
	b.breakTables("one")
	last := b.count(1)
	b.until(r, "one", projections.Stopped)
	b.waitFor(r, last, "two")
	stop()
	b.count(1)
	// The fourth event was recorded at 00:00:04; the clock says one o'clock.
	unready := requireFault(t, r.Ready(t.Context()), "read_models_not_ready")
	require.Equal(t, map[string]string{
		"one": "stopped: sqlstate_42703: Postgres refused the rows of this event. (tally.counted at " + string(b.stream(3)) + "@0)",
		"two": "behind by 59m56s",
	}, unready.Details)
	require.Equal(t, "The read model one is stopped: Postgres refused the rows of this event (sqlstate_42703, at an event tally.counted). The read model two is behind by 59m56s. `praxis projections status` says more.", unready.Message)
	require.NotContains(t, unready.Message, b.stream(3).Entity(), "no ids where everybody may look")
	requireFault(t, b.runner().Ready(t.Context()), "read_models_filling")
}

// TestFoundW4_ReadinessSaysWhatWaits: a read model that has something in the quarantine
// serves, and says so.
func TestFoundW4_ReadinessSaysWhatWaits(t *testing.T) {
	b := newBench(t, "one", "two")
	b.models[1].healed.Store(true)
	r := b.runner()
	b.start(r.Run)
	b.append(poisoned{})
	b.waitFor(r, b.count(5))
	f := requireFault(t, r.Ready(t.Context()), "events_quarantined")
	require.Equal(t, map[string]string{"one": "1 stream waits"}, f.Details)
	require.Equal(t, "The read model one lets 1 stream wait behind an event that it cannot apply; everything else goes on. `praxis quarantine list` says more.", f.Message)
}

func TestStatus_CountsLagUpToItsCap(t *testing.T) {
	b := newBench(t, "one")
	name, data, meta, err := b.registry.Encode(counted{N: 1}, es.Subject{}, es.Metadata{})
	require.NoError(t, err)
	for range 10_001 {
		b.appendRaw(es.Proposed{Type: name, Data: data, Metadata: meta})
	}
	status, err := b.runner().Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, 10_000, status[0].LagEvents)
	require.True(t, status[0].LagCapped)
	require.Equal(t, projections.State(""), status[0].State)
}
