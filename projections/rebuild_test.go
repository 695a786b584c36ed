package projections_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/logtest"
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
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, func(projections.Progress) {
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
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
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
		idleAtWork := true
		err := b.runner().Rebuild(ctx, []string{"one"}, func(p projections.Progress) {
			if p.EventsDone == 20 {
				idleAtWork = b.until(live, "one", projections.Building).Idle
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		s := b.until(live, "one", projections.Building)
		require.False(t, s.Position.Before(es.Position{Commit: 20, Prepare: 20}))
		require.False(t, idleAtWork)
		require.True(t, s.Idle, "no process works on it")
		b.waitFor(live, b.count(5))
		require.Equal(t, s.Position, b.until(live, "one", projections.Building).Position, "the live runner leaves it alone")
		plan, err := live.Plan(t.Context(), []string{"one"})
		require.NoError(t, err)
		require.Equal(t, 50, plan[0].Events)
		require.Equal(t, int(s.EventsApplied), plan[0].EventsDone)

		var done int
		require.NoError(t, b.runner().Rebuild(t.Context(), []string{"one"}, func(p projections.Progress) { done = p.EventsDone }))
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
		require.NoError(t, b.runner().Rebuild(b.within(), []string{"one"}, nil))
		require.Equal(t, 3, cuts)
		b.requireExact("one", last)
	})

	t.Run("survives reads that break off", func(t *testing.T) {
		b := newBench(t, "one")
		last := b.count(60)
		b.store.BreakReadAfter(23, es.ErrStoreUnavailable)
		told := ""
		require.NoError(t, b.runner().Rebuild(b.within(), []string{"one"}, func(p projections.Progress) {
			told += p.Waiting
			if p.Position.Commit > 40 {
				b.store.Mend()
			}
		}))
		b.requireExact("one", last)
		require.Contains(t, told, "event_store_unavailable", "why it waited is told")
	})

	t.Run("stops at an event that cannot be applied, and changes nothing that is read until it can", func(t *testing.T) {
		b := newBench(t, "one", "two")
		b.models[1].healed.Store(true)
		r := b.runner()
		b.start(r.Run)
		b.count(25)
		b.append(refused{})
		last := b.count(5)
		b.waitFor(r, last)
		parked := b.totals("one")
		_, err := b.pool.Exec(t.Context(), "update two_v1.total set sum = 0")
		require.NoError(t, err)

		f := requireFault(t, r.Rebuild(t.Context(), nil, nil), "rebuild_failed")
		require.Contains(t, f.Message, "tally.refused")
		require.Equal(t, map[string]string{"projection": "one"}, f.Details)
		require.Equal(t, parked, b.totals("one"))
		b.requireExact("two", last)
		require.Equal(t, map[string]projections.State{"one_v1": projections.Running, "one_v1_next": projections.Stopped, "two_v1": projections.Running, "two_v1_old": projections.Kept}, b.states(r))
		requireFault(t, r.Ready(t.Context()), "events_quarantined")

		b.models[0].healed.Store(true)
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
		require.NoError(t, r.Ready(t.Context()), "nothing waits any more")
		b.requireSame("one", "two")
		last = b.count(3)
		b.waitFor(r, last)
		b.requireSame("one", "two")
		requireFault(t, r.Rollback(t.Context(), "one", nil), "rows_quarantined")
		b.requireSame("one", "two")
	})

	t.Run("two rebuilds of one projection exclude each other, of two they do not", func(t *testing.T) {
		b := newBench(t, "one", "two")
		b.count(15)
		r := b.runner()
		checked := false
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, func(projections.Progress) {
			if !checked {
				checked = true
				requireFault(t, b.runner().Rebuild(t.Context(), []string{"one"}, nil), "rebuild_in_progress")
				require.NoError(t, b.runner().Rebuild(t.Context(), []string{"two"}, nil))
			}
		}))
		require.True(t, checked)
	})

	t.Run("gives up when another process took the projection over", func(t *testing.T) {
		b := newBench(t, "one")
		b.count(45)
		err := b.runner().Rebuild(t.Context(), []string{"one"}, func(p projections.Progress) {
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
		requireFault(t, b.runner().Rebuild(t.Context(), []string{"nobody"}, nil), "unknown_projection")
		require.NoError(t, b.runner().Rebuild(t.Context(), []string{"one"}, nil))
		require.Empty(t, b.totals("one"))
	})
}

// states are those of all builds.
func (b *bench) states(r *projections.Runner) map[string]projections.State {
	b.t.Helper()
	all, err := r.Status(b.t.Context())
	require.NoError(b.t, err)
	states := map[string]projections.State{}
	for _, s := range all {
		states[s.Build] = s.State
	}
	return states
}

// reader asks for the rows of a model again and again, as queries do, and for readiness,
// until it is stopped. It requires that it never sees fewer events than before, that the
// two tables agree, and that the read model is there and ready.
func (b *bench) reader(r *projections.Runner, least es.Position) (stop func() (reads int)) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan error, 1)
	reads := 0
	go func() {
		before := int(least.Commit)
		ended <- func() error {
			for ctx.Err() == nil {
				var summed, seen int
				err := b.pool.QueryRow(b.t.Context(), "select (select sum(events)::int from one_v1.total), (select count(*) from one_v1.seen)").Scan(&summed, &seen)
				err = errors.Join(err, r.Ready(b.t.Context()), r.WaitFor(b.t.Context(), least))
				if err != nil {
					return err
				}
				if summed != seen || seen < before {
					return fmt.Errorf("%d events in one table and %d in the other after %d", summed, seen, before)
				}
				before = seen
				reads++
			}
			return nil
		}()
	}()
	return func() int {
		b.t.Helper()
		cancel()
		require.NoError(b.t, <-ended)
		return reads
	}
}

func TestFoundW3_NoReaderNoticesARebuild(t *testing.T) {
	b := newBench(t, "one", "two")
	c := b.config()
	// It is one o'clock, and the events come from seconds after midnight on: the first of
	// them must never be unseen.
	c.ReadyLag = 59*time.Minute + 30*time.Second
	r, err := projections.NewRunner(c)
	require.NoError(t, err)
	b.start(r.Run)
	last := b.count(60)
	b.waitFor(r, last)
	stop := b.reader(r, last)
	during := 0
	for range 5 {
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, func(projections.Progress) {
			if during++; during%2 == 0 {
				last = b.count(1)
			}
		}))
		require.NoError(t, r.Rollback(t.Context(), "one", nil))
	}
	b.waitFor(r, last)
	require.Positive(t, stop())
	require.Less(t, 5, during)
	b.requireExact("one", last)
}

// reads is a source that counts the events that it gave.
type reads struct {
	projections.Source
	given atomic.Int64
}

func (s *reads) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		for rec, err := range s.Source.ReadAll(ctx, categories, after) {
			s.given.Add(1)
			if !yield(rec, err) {
				return
			}
		}
	}
}

func TestRebuild_OfAllIsOnePass(t *testing.T) {
	b := newBench(t, "one", "two", "three")
	last := b.count(60)
	source := &reads{Source: b.store}
	b.source = source
	done := 0
	require.NoError(t, b.runner().Rebuild(t.Context(), nil, func(p projections.Progress) { done = p.EventsDone }))
	require.Equal(t, int64(60), source.given.Load())
	require.Equal(t, 180, done)
	for _, m := range b.models {
		b.requireExact(m.name, last)
	}
}

// interrupted is a source that tells when a read of it is over.
type interrupted struct {
	projections.Source
	over func()
}

func (s *interrupted) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		for rec, err := range s.Source.ReadAll(ctx, categories, after) {
			if !yield(rec, err) {
				return
			}
		}
		s.over()
	}
}

// TestRebuild_TheSwapAppliesWhatIsReadAndTheNewRowsLack: whatever came after each
// filling is in the rows that are read, and nobody follows the log any more when the
// new rows take their place.
func TestRebuild_TheSwapAppliesWhatIsReadAndTheNewRowsLack(t *testing.T) {
	b := newBench(t, "one")
	live := b.runner()
	stop := b.start(live.Run)
	last := b.count(5)
	b.waitFor(live, last)
	fillings := 0
	b.source = &interrupted{b.store, func() {
		if fillings++; fillings > 2 {
			return
		}
		last = b.count(3)
		b.waitFor(live, last)
		last = b.foreign(2)
		b.waitFor(live, last)
		if fillings == 2 {
			stop()
		}
	}}
	require.NoError(t, b.runner().Rebuild(t.Context(), nil, nil))
	require.Equal(t, 3, fillings, "one, one after the indexes were made, and the swap's own")
	b.requireExact("one", last)
	at, err := live.Position(t.Context(), "one")
	require.NoError(t, err)
	require.Equal(t, last, at)
}

func TestRebuild_WaitsForWhoeverReads(t *testing.T) {
	b := newBench(t, "one")
	logs := &logtest.Buffer{}
	c := b.config()
	c.Logger = slog.New(slog.NewTextHandler(logs, nil))
	r, err := projections.NewRunner(c)
	require.NoError(t, err)
	b.start(r.Run)
	last := b.count(5)
	b.waitFor(r, last)
	reading, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = reading.Rollback(t.Context()) }()
	count := func() (n int) {
		require.NoError(t, reading.QueryRow(t.Context(), "select count(*) from one_v1.seen").Scan(&n))
		return n
	}
	require.Equal(t, 5, count())
	ended := make(chan error, 1)
	go func() { ended <- r.Rebuild(t.Context(), nil, nil) }()
	require.Eventually(t, func() bool { return strings.Contains(logs.String(), "SQLSTATE 55P03") }, 30*time.Second, 5*time.Millisecond)
	last = b.count(1)
	b.waitFor(r, last)
	b.requireExact("one", last)
	require.Equal(t, 6, count())
	require.NoError(t, reading.Commit(t.Context()))
	require.NoError(t, <-ended)
	b.requireExact("one", last)
	require.Contains(t, b.states(r), "one_v1_old")
}

// TestRebuild_GoesOnWhereverItIsCut cuts rebuilds off after times that grow, in the
// middle of filling, indexing or swapping, by their context or by their connections,
// while the live run goes on and readers read.
func TestRebuild_GoesOnWhereverItIsCut(t *testing.T) {
	b := newBench(t, "one", "two")
	live := b.runner()
	b.start(live.Run)
	last := b.count(80)
	b.waitFor(live, last)
	for round := range 4 {
		for after := time.Millisecond; ; after += 2 * time.Millisecond {
			ctx, cancel := context.WithCancel(t.Context())
			cut, wasCut := cancel, make(chan struct{})
			if round%2 == 1 {
				cut = func() { b.cut(ctx) }
			}
			timer := time.AfterFunc(after, func() { defer close(wasCut); cut() })
			err := b.runner().Rebuild(ctx, nil, nil)
			if !timer.Stop() {
				<-wasCut
			}
			cancel()
			last = b.count(2)
			if err == nil {
				break
			}
			// Postgres may notice a little later that the one before has gone.
			if fault.From(err).Code != "rebuild_in_progress" {
				require.True(t, projections.Transient(err), "%v", err)
			}
		}
		b.waitFor(live, last)
		b.requireExact("one", last)
		b.requireExact("two", last)
		require.Equal(t, map[string]projections.State{
			"one_v1": projections.Running, "one_v1_old": projections.Kept, "two_v1": projections.Running, "two_v1_old": projections.Kept,
		}, b.states(live))
	}
}

func TestRollback(t *testing.T) {
	t.Run("gives the former rows back, with what came since, and can be undone", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		b.start(r.Run)
		b.waitFor(r, b.count(20))
		_, err := b.pool.Exec(t.Context(), "update one_v1.total set sum = sum + 1000")
		require.NoError(t, err)
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
		last := b.count(3)
		b.waitFor(r, last)
		b.requireExact("one", last)

		require.NoError(t, r.Rollback(t.Context(), "one", nil))
		b.waitFor(r, last)
		right, wrong := b.folded(last), b.totals("one")
		for n := range right {
			right[n].Sum += 1000
		}
		require.Equal(t, right, wrong)
		b.requireOnce("one")

		require.NoError(t, r.Rollback(t.Context(), "one", nil))
		last = b.count(1)
		b.waitFor(r, last)
		b.requireExact("one", last)
	})

	t.Run("of nothing", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		requireFault(t, r.Rollback(t.Context(), "nobody", nil), "unknown_projection")
		requireFault(t, r.Rollback(t.Context(), "one", nil), "nothing_to_roll_back")
		b.count(3)
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
		require.NoError(t, r.Drop(t.Context(), "one_v1_old"))
		requireFault(t, r.Rollback(t.Context(), "one", nil), "nothing_to_roll_back")
	})

	t.Run("not to rows of another shape", func(t *testing.T) {
		b := newBench(t, "one")
		b.count(3)
		require.NoError(t, b.runner().Rebuild(t.Context(), nil, nil))
		b.models[0].column = "unasked text,"
		require.NoError(t, b.runner().Rebuild(t.Context(), nil, nil))
		requireFault(t, b.runner().Rollback(t.Context(), "one", nil), "projection_shape_differs")
	})
}

func TestPlan(t *testing.T) {
	b := newBench(t, "one", "two")
	r := b.runner()
	_, err := r.Plan(t.Context(), []string{"nobody"})
	requireFault(t, err, "unknown_projection")
	plans, err := r.Plan(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, []projections.Plan{{Name: "one", Build: "one_v1"}, {Name: "two", Build: "two_v1"}}, plans)
	require.Empty(t, b.builds(r)[2:], "nothing is made")

	b.count(7)
	require.NoError(t, r.Rebuild(t.Context(), []string{"two"}, nil))
	require.NoError(t, r.Rebuild(t.Context(), []string{"two"}, nil))
	plans, err = r.Plan(t.Context(), []string{"two"})
	require.NoError(t, err)
	require.Equal(t, 7, plans[0].Events)
	require.Positive(t, plans[0].Bytes)
	require.Positive(t, plans[0].Freed)
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
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, func(p projections.Progress) { all = append(all, p) }))
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

	require.NoError(t, r.Rebuild(t.Context(), []string{"two"}, nil))
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, r.Rebuild(ctx, []string{"one"}, func(p projections.Progress) {
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
