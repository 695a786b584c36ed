package projections_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/internal/logtest"
	"praxis/projections"
)

// heard is an observer that remembers.
type heard struct {
	mu      sync.Mutex
	applied map[string]int
	batches map[string]int
	retried int
	stopped []string
}

func (h *heard) BatchApplied(name string, events int, _, _ time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.applied == nil {
		h.applied, h.batches = map[string]int{}, map[string]int{}
	}
	h.applied[name] += events
	h.batches[name]++
}

func (h *heard) Retried(string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.retried++
}

func (h *heard) Stopped(name string, f projections.Failure) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = append(h.stopped, name+" "+f.Code)
}

func TestRun_StopsTheLine(t *testing.T) {
	for name, spec := range map[string]struct {
		bad     any
		code    string
		message string
		event   string
		cause   string
		// place is the function of ours in which it happened.
		place string
	}{
		"an event that the projector refuses": {
			poisoned{},
			"projector_failed", "The projector cannot turn this event into rows.", "tally.poisoned",
			"*errors.errorString", "praxis/projections.(*applier).stop ",
		},
		"an event on which the projector panics": {
			panicked{},
			"projector_panicked", "The projector has a defect that shows at this event. Report the event named here.", "tally.panicked",
			"panic: runtime error: index out of range [1] with length 0", "praxis/projections_test.(*tally).Project (harness_test.go:",
		},
		"rows that Postgres refuses": {
			refused{}, "sqlstate_23514", "Postgres refused the rows of this event, table seen, constraint seen_at_check.", "tally.refused", "", "",
		},
		"rows that Postgres refuses only at commit": {
			deferred{}, "sqlstate_23514", "Postgres refused the rows of this event.", "tally.deferred", "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "one", "two")
			b.models[1].healed.Store(true)
			hears := &heard{}
			b.observer = hears
			good := b.count(10)
			b.append(spec.bad)
			last := b.count(10)
			r := b.runner()
			b.start(r.Run)

			b.waitFor(r, last, "two")
			b.requireExact("two", last)
			s := b.until(r, "one", projections.Stopped)
			require.Equal(t, good, s.Position, "the checkpoint stays before the event")
			require.Contains(t, s.Failure.Stack, spec.place)
			s.Failure.Stack = ""
			require.Equal(t, &projections.Failure{
				Code: spec.code, Message: spec.message, Event: spec.event, Stream: b.stream(11), Revision: 3, Cause: spec.cause,
				At: time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC),
			}, s.Failure)
			require.NotContains(t, s.Failure.String(), "patient", "no data of the event is kept")
			b.requireExact("one", good)

			b.models[0].healed.Store(true)
			require.NoError(t, r.Resume(t.Context(), "one"))
			b.waitFor(r, last)
			b.requireSame("one", "two")
			hears.mu.Lock()
			defer hears.mu.Unlock()
			require.Equal(t, []string{"one " + spec.code}, hears.stopped)
			require.Equal(t, map[string]int{"one": 21, "two": 21}, hears.applied)
		})
	}

	t.Run("an event that this program cannot read stops every projection that reaches it", func(t *testing.T) {
		b := newBench(t, "one", "two")
		good := b.count(5)
		b.appended++
		b.appendRaw(es.Proposed{Type: "tally.unheard_of", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"1"}`)})
		b.count(5)
		r := b.runner()
		b.start(r.Run)
		for _, name := range []string{"one", "two"} {
			s := b.until(r, name, projections.Stopped)
			require.Equal(t, "event_unreadable", s.Failure.Code)
			require.Equal(t, "tally.unheard_of", s.Failure.Event)
			require.Equal(t, good, s.Position)
			require.Equal(t, 6, s.LagEvents)
		}
	})

	t.Run("an argument that does not fit its column stops, it is not retried for ever", func(t *testing.T) {
		b := newBench(t, "one")
		good := b.count(5)
		b.append(strange{})
		r := b.runner()
		b.start(r.Run)
		s := b.until(r, "one", projections.Stopped)
		require.Equal(t, good, s.Position)
		require.Equal(t, "projector_failed", s.Failure.Code)
	})

	t.Run("a failure at the very first event", func(t *testing.T) {
		b := newBench(t, "one")
		b.append(refused{})
		r := b.runner()
		b.start(r.Run)
		s := b.until(r, "one", projections.Stopped)
		require.Equal(t, es.Position{}, s.Position)
		require.Empty(t, b.totals("one"))
	})
}

func TestRun_RetriesTransientErrors(t *testing.T) {
	t.Run("connections that are cut between and inside transactions", func(t *testing.T) {
		b := newBench(t, "one", "two")
		hears := &heard{}
		b.observer = hears
		b.size = 3
		cuts := 0
		b.models[0].before = func(e es.Envelope) {
			// Cut every connection of this database but the one that cuts.
			if e.Position.Commit%10 == 0 && cuts < 4 {
				cuts++
				b.cut(t.Context())
			}
		}
		r := b.runner()
		b.start(r.Run)
		last := b.count(60)
		b.waitFor(r, last)
		require.Equal(t, 4, cuts)
		b.requireExact("one", last)
		b.requireExact("two", last)
	})

	t.Run("what may pass and what may not", func(t *testing.T) {
		for code, passes := range map[string]bool{
			"40001": true, "40P01": true, "08006": true, "53300": true, "57P01": true, "57014": true, "55P03": true,
			"25006": true, "58030": true, "23505": false, "42P01": false, "22P02": false, "0A000": false, "25P02": false,
		} {
			require.Equal(t, passes, projections.Transient(fmt.Errorf("apply: %w", &pgconn.PgError{Code: code})), code)
		}
		require.True(t, projections.Transient(&net.OpError{Op: "read", Err: context.DeadlineExceeded}))
		require.False(t, projections.Transient(errPoison))
	})
}

// lostAnswer makes a model, once it reaches an event, move its checkpoint to a
// position as a commit would whose answer was lost. The rows of that commit are
// left out, so that the test sees which events are applied after it.
func (b *bench) lostAnswer(event, to int) {
	var once sync.Once
	b.models[0].before = func(e es.Envelope) {
		if e.Position.Commit != uint64(event) {
			return
		}
		once.Do(func() {
			b.sessions(b.t.Context(), fmt.Sprintf("update praxis.projection set commit_position = %[1]d, prepare_position = %[1]d", to))
		})
	}
}

// seen lists the positions of the events applied to a projection, in order.
func (b *bench) seen(name string) []int {
	b.t.Helper()
	rows, err := b.pool.Query(b.t.Context(), "select at from "+b.table(name, "seen")+" order by n")
	require.NoError(b.t, err)
	seen, err := pgx.CollectRows(rows, pgx.RowTo[int])
	require.NoError(b.t, err)
	return seen
}

func TestRun_NeverRepeatsACommitWhoseAnswerWasLost(t *testing.T) {
	t.Run("live", func(t *testing.T) {
		b := newBench(t, "one")
		last := b.count(21)
		b.lostAnswer(11, 12)
		c := b.config()
		// Full batches only: 1 to 7, 8 to 14 (interrupted), 15 to 21.
		c.Source, c.BatchWait = behindhand{b.store}, time.Hour
		r, err := projections.NewRunner(c)
		require.NoError(t, err)
		b.start(r.Run)
		b.waitFor(r, last)
		require.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 16, 17, 18, 19, 20, 21}, b.seen("one"))
	})

	t.Run("in a rebuild", func(t *testing.T) {
		b := newBench(t, "one")
		b.count(20)
		b.lostAnswer(11, 15)
		require.NoError(t, b.runner().Rebuild(t.Context(), "one", nil))
		require.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 17, 18, 19, 20}, b.seen("one"))
	})
}

func TestResume_Refuses(t *testing.T) {
	b := newBench(t, "one")
	r := b.runner()
	requireFault(t, r.Resume(t.Context(), "nobody"), "unknown_projection")
	requireFault(t, r.Resume(t.Context(), "one"), "projection_not_stopped")
	stop := b.start(r.Run)
	b.waitFor(r, b.count(1))
	requireFault(t, r.Resume(t.Context(), "one"), "projection_not_stopped")
	b.append(poisoned{})
	b.until(r, "one", projections.Stopped)
	stop()
	b.models[0].version = 2
	requireFault(t, b.runner().Resume(t.Context(), "one"), "projection_not_stopped")
}

func TestRun_EveryVersionHasABuildOfItsOwn(t *testing.T) {
	t.Run("two servers of two versions each follow and read their own", func(t *testing.T) {
		b := newBench(t, "one", "two")
		older := b.runner()
		b.start(older.Run)
		b.waitFor(older, b.count(4))

		next := newTally("one")
		next.version = 2
		c := b.config()
		c.Projectors = []projections.Projector{next, b.models[1]}
		newer, err := projections.NewRunner(c)
		require.NoError(t, err)
		b.start(newer.Run)
		for range 3 {
			last := b.count(4)
			b.waitFor(older, last)
			b.waitFor(newer, last)
			b.requireExact("one", last)
			b.requireExact("two", last)
			b.models[0].version = 2
			b.requireExact("one", last)
			b.models[0].version = 1
		}
		require.Equal(t, []string{"one_v2", "two_v1", "one_v1"}, b.builds(newer))
		require.Equal(t, []string{"one_v1", "two_v1", "one_v2"}, b.builds(older))
	})

	t.Run("one that no program needs can be dropped, and nothing else", func(t *testing.T) {
		b := newBench(t, "one")
		older := b.runner()
		stop := b.start(older.Run)
		b.waitFor(older, b.count(4))
		stop()
		b.models[0].version = 2
		newer := b.runner()
		stop = b.start(newer.Run)
		last := b.count(1)
		b.waitFor(newer, last)
		stop()
		requireFault(t, newer.Drop(t.Context(), "one_v2"), "build_in_use")
		requireFault(t, newer.Drop(t.Context(), "praxis"), "unknown_build")
		require.NoError(t, newer.Drop(t.Context(), "one_v1"))
		requireFault(t, newer.Drop(t.Context(), "one_v1"), "unknown_build")
		require.Equal(t, []string{"one_v2"}, b.builds(newer))
		b.requireExact("one", last)
		var left bool
		require.NoError(t, b.pool.QueryRow(t.Context(), "select exists (select from pg_namespace where nspname = 'one_v1')").Scan(&left))
		require.False(t, left)
		b.models[0].version = 1
		older = b.runner()
		b.start(older.Run)
		b.waitFor(older, last)
		b.requireExact("one", last)
	})

	t.Run("a version that comes back goes on with its rows", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, b.count(4))
		stop()
		b.models[0].version = 2
		newer := b.runner()
		stop = b.start(newer.Run)
		b.waitFor(newer, b.count(2))
		stop()
		b.models[0].version = 1
		b.start(r.Run)
		last := b.count(1)
		b.waitFor(r, last)
		b.requireExact("one", last)
	})

	t.Run("tables of another shape stop it until a rebuild", func(t *testing.T) {
		b := newBench(t, "one")
		first := b.count(4)
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, first)
		stop()
		b.models[0].column = "unasked text,"
		r = b.runner()
		b.start(r.Run)
		s := b.until(r, "one", projections.Stopped)
		require.Equal(t, "projection_shape_differs", s.Failure.Code)
		require.Contains(t, s.Failure.Message, "praxis projections rebuild")
		requireFault(t, r.Resume(t.Context(), "one"), "projection_shape_differs")
		last := b.count(4)
		require.NoError(t, r.Rebuild(t.Context(), "one", nil))
		b.waitFor(r, last)
		b.requireExact("one", last)
		_, err := b.pool.Exec(t.Context(), "select unasked from one_v1.total")
		require.NoError(t, err)
	})

	t.Run("comments and indexes are no shape", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, b.count(4))
		stop()
		b.models[0].remark = "-- said twice\ncomment on table total is 'It''s one; row';\n"
		r = b.runner()
		b.start(r.Run)
		b.waitFor(r, b.count(1))
	})
}

// builds lists the builds that a runner reports.
func (b *bench) builds(r *projections.Runner) (builds []string) {
	b.t.Helper()
	all, err := r.Status(b.t.Context())
	require.NoError(b.t, err)
	for _, s := range all {
		builds = append(builds, s.Build)
	}
	return builds
}

func TestFoundO2_WhatAProjectorPanickedOnAndWhereIsKeptAndLogged(t *testing.T) {
	b := newBench(t, "one")
	logs := &logtest.Buffer{}
	c := b.config()
	c.Logger = slog.New(slog.NewJSONHandler(logs, nil))
	r, err := projections.NewRunner(c)
	require.NoError(t, err)
	b.append(panicked{})
	b.start(r.Run)
	s := b.until(r, "one", projections.Stopped)
	require.Equal(t, "panic: runtime error: index out of range [1] with length 0", s.Failure.Cause)
	require.Contains(t, s.Failure.String(), "(tally.panicked at "+string(s.Failure.Stream)+"@0) Cause: panic: runtime error: index out of range [1]")
	require.Regexp(t, `^praxis/projections_test\.\(\*tally\)\.Project \(harness_test\.go:\d+\)\n`, s.Failure.Stack, "the place of the defect comes first")
	require.Contains(t, logs.String(), s.Failure.Cause)
	require.Contains(t, logs.String(), `"stack":"praxis/projections_test.(*tally).Project (harness_test.go:`)
}
