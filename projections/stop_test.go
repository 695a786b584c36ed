package projections_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/id"
	skipped "praxis/domain/quarantine"
	"praxis/internal/follower"
	"praxis/internal/logtest"
	"praxis/internal/runtest"
	"praxis/projections"
	"praxis/projections/quarantine"
)

// heard is an observer that remembers.
type heard struct {
	mu      sync.Mutex
	applied map[string]int
	batches map[string]int
	retried int
	stopped []string
	parked  []string
}

func (h *heard) BatchApplied(name string, events int, _ time.Duration) {
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

func (h *heard) Parked(name string, f projections.Failure) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parked = append(h.parked, name+" "+f.Code)
}

func (h *heard) Stopped(name string, f projections.Failure) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = append(h.stopped, name+" "+f.Code)
}

func (h *heard) Swapped(string, time.Duration) {}

// parkedBy waits until a projection has something in the quarantine, and returns it.
func (b *bench) parkedBy(name string) quarantine.Entry {
	b.t.Helper()
	return runtest.Until(b.t, func(ctx context.Context) []quarantine.Entry {
		entries, err := quarantine.List(ctx, b.pool, "projection "+name)
		require.NoError(b.t, err)
		return entries
	}, func(entries []quarantine.Entry) bool {
		return len(entries) > 0 && entries[0].Status == quarantine.Parked
	})[0]
}

// failureOf reads why an entry is parked.
func failureOf(t *testing.T, e quarantine.Entry) projections.Failure {
	t.Helper()
	var f projections.Failure
	require.NoError(t, json.Unmarshal(e.Failure, &f))
	return f
}

// released waits until nothing of a projection is parked any more.
func (b *bench) released(name string) []quarantine.Entry {
	b.t.Helper()
	return runtest.Until(b.t, func(ctx context.Context) []quarantine.Entry {
		entries, err := quarantine.List(ctx, b.pool, "projection "+name)
		require.NoError(b.t, err)
		return entries
	}, func(entries []quarantine.Entry) bool {
		return !slices.ContainsFunc(entries, func(e quarantine.Entry) bool { return e.Status == quarantine.Parked })
	})
}

// skip records the decision to leave an event out.
func (b *bench) skip(e quarantine.Entry, reason string) es.Position {
	b.t.Helper()
	typ, data, metadata, err := b.registry.Encode(skipped.EventSkipped{Follower: e.Subject, Stream: e.Stream, Revision: e.Revision, Event: *e.Event},
		es.Subject{}, es.Metadata{Actor: "operator:pat", Reason: reason})
	require.NoError(b.t, err)
	done, err := b.log.Append(b.t.Context(), skipped.Stream, es.AnyRevision, []es.Proposed{{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: metadata}})
	require.NoError(b.t, err)
	return done.Position
}

// TestFoundW4_OnlyTheStreamOfThePoisonWaits: whatever is wrong with an event, its stream
// waits in order, and everything else goes on.
func TestFoundW4_OnlyTheStreamOfThePoisonWaits(t *testing.T) {
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
			"*errors.errorString", "praxis/projections.(*applier).park ",
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
			b.count(10)
			b.append(spec.bad)
			last := b.count(10)
			r := b.runner()
			b.start(r.Run)

			b.waitFor(r, last)
			b.requireExact("two", last)
			e := b.parkedBy("one")
			f := failureOf(t, e)
			require.Contains(t, f.Stack, spec.place)
			f.Stack = ""
			require.Equal(t, projections.Failure{
				Code: spec.code, Message: spec.message, Event: spec.event, Stream: b.stream(11), Revision: 3, Cause: spec.cause,
				At: time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC),
			}, f)
			require.NotContains(t, f.String(), "patient", "no data of the event is kept")
			require.Equal(t, int64(3), e.Waiting, "the events 14, 17 and 20 of its stream")
			s := b.until(r, "one", projections.Running)
			require.Equal(t, []int{1, 0}, []int{s.Parked, s.Skipped})
			require.Equal(t, last, s.Position, "the checkpoint goes on")
			of := map[string]total{}
			for _, row := range b.totals("one") {
				of[row.Stream] = row
			}
			for _, row := range b.totals("two") {
				if row.Stream == string(b.stream(11)) {
					require.Equal(t, int64(3), of[row.Stream].Events, "the events before the poison")
				} else {
					require.Equal(t, row, of[row.Stream], "everything else")
				}
			}

			require.NoError(t, quarantine.Retry(t.Context(), b.pool, e.ID))
			again := runtest.Until(t, func(context.Context) quarantine.Entry { return b.parkedBy("one") }, func(e quarantine.Entry) bool { return e.Tries == 1 })
			require.Equal(t, int64(3), again.Waiting, "in vain")
			b.models[0].healed.Store(true)
			require.NoError(t, quarantine.Retry(t.Context(), b.pool, e.ID))
			require.Empty(t, b.released("one"))
			b.requireSame("one", "two")
			b.waitFor(r, b.count(9))
			b.requireSame("one", "two")
			hears.mu.Lock()
			defer hears.mu.Unlock()
			require.Equal(t, []string{"one " + spec.code}, hears.parked)
			require.Empty(t, hears.stopped)
		})
	}

	t.Run("an event that this program cannot read parks its stream in every projection that reaches it", func(t *testing.T) {
		b := newBench(t, "one", "two")
		b.count(5)
		b.appended++
		b.appendRaw(es.Proposed{Type: "tally.unheard_of", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"1"}`)})
		last := b.count(6)
		r := b.runner()
		b.start(r.Run)
		b.waitFor(r, last)
		for _, name := range []string{"one", "two"} {
			e := b.parkedBy(name)
			require.Equal(t, "event_unreadable", failureOf(t, e).Code)
			require.Equal(t, b.stream(6), e.Stream)
			require.Equal(t, int64(2), e.Waiting)
		}
	})

	t.Run("an argument that does not fit its column parks, it is not retried for ever", func(t *testing.T) {
		b := newBench(t, "one")
		b.count(5)
		b.append(strange{})
		r := b.runner()
		b.start(r.Run)
		require.Equal(t, "projector_failed", failureOf(t, b.parkedBy("one")).Code)
	})

	t.Run("where the database is to blame the projection stops before the event, and nothing is parked", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		stop := b.start(r.Run)
		good := b.count(5)
		b.waitFor(r, good)
		stop()
		b.breakTables("one")
		b.count(1)
		b.start(r.Run)
		s := b.until(r, "one", projections.Stopped)
		require.Equal(t, good, s.Position)
		require.Equal(t, "sqlstate_42703", s.Failure.Code)
		require.Zero(t, s.Parked)
		b.mendTables("one")
		require.NoError(t, r.Resume(t.Context(), "one"))
		last := b.count(1)
		b.waitForRunning(r, last)
		b.requireExact("one", last)
	})
}

// TestFoundW4_ASkippedEventIsLeftOutForGood: a decision on record is followed by the live
// run, by a rebuild and by a fill from nothing, and what is missing is told.
func TestFoundW4_ASkippedEventIsLeftOutForGood(t *testing.T) {
	b := newBench(t, "one", "two")
	b.count(5)
	b.append(poisoned{})
	b.count(6)
	b.append(poisoned{})
	r := b.runner()
	stop := b.start(r.Run)
	b.waitFor(r, b.count(3))
	first := b.parkedBy("one")
	require.Equal(t, []any{b.stream(6), es.Revision(1), int64(3)}, []any{first.Stream, first.Revision, first.Waiting})

	b.skip(first, "written by a test of the old program")
	second := runtest.Until(t, func(ctx context.Context) []quarantine.Entry {
		entries, err := quarantine.List(ctx, b.pool, "projection one")
		require.NoError(t, err)
		return entries
	}, func(entries []quarantine.Entry) bool {
		return slices.ContainsFunc(entries, func(e quarantine.Entry) bool { return e.Status == quarantine.Skipped })
	})
	require.Len(t, second, 2)
	kept := second[slices.IndexFunc(second, func(e quarantine.Entry) bool { return e.Status == quarantine.Skipped })]
	require.Equal(t, []any{first.Stream, first.Revision, "pat", "written by a test of the old program"}, []any{kept.Stream, kept.Revision, kept.SkippedBy, kept.Reason})
	other := second[slices.IndexFunc(second, func(e quarantine.Entry) bool { return e.Status == quarantine.Parked })]
	require.Equal(t, b.stream(13), other.Stream)
	last := b.skip(other, "the same")
	require.Len(t, b.released("one"), 2)
	b.waitFor(r, last, "one")
	reflected, err := r.Reflects(t.Context(), group, "one")
	require.NoError(t, err)
	require.Equal(t, quarantine.Gap{Skipped: 2}, reflected.Gap)
	live := b.totals("one")
	require.Len(t, live, 3)
	require.Equal(t, int64(14), live[0].Events+live[1].Events+live[2].Events, "all but the two")
	stop()

	require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
	require.Equal(t, live, b.totals("one"))
	reflected, err = r.Reflects(t.Context(), group, "one")
	require.NoError(t, err)
	require.Equal(t, quarantine.Gap{Skipped: 2}, reflected.Gap)
	require.Len(t, b.parkedOf("two"), 2, "the decisions are about one read model")
}

// What waits behind the parked event is left out too where that was decided before, and
// what could not be decided stays parked.
func TestFoundW4_WhatWaitsLeavesOutWhatWasDecided(t *testing.T) {
	b := newBench(t, "one")
	b.count(2)
	b.append(poisoned{}) // the third, in the first stream
	b.count(2)
	b.append(poisoned{}) // the sixth, behind it
	b.count(3)
	of := func(revision es.Revision) quarantine.Entry {
		for rec, err := range b.log.ReadStream(t.Context(), b.stream(3), revision) {
			require.NoError(t, err)
			return quarantine.Entry{Subject: "projection one", Stream: rec.Stream, Revision: rec.Revision, Event: &rec.ID}
		}
		return quarantine.Entry{}
	}
	b.skip(of(1), "the later one, decided first")
	r := b.runner()
	b.start(r.Run)
	e := b.parkedBy("one")
	require.Equal(t, es.Revision(0), e.Revision)
	b.waitFor(r, b.skip(e, "the first"))
	all := b.released("one")
	require.Len(t, all, 2, "both are on record, once each")
	require.ElementsMatch(t, []es.Revision{0, 1}, []es.Revision{all[0].Revision, all[1].Revision})
	sum := int64(0)
	for _, row := range b.totals("one") {
		sum += row.Events
	}
	require.Equal(t, int64(7), sum)
}

// TestFoundW4_ALeaderThatComesBackKnowsWhatWasDecided: another led meanwhile and passed the
// decision to leave out an event that still waits.
func TestFoundW4_ALeaderThatComesBackKnowsWhatWasDecided(t *testing.T) {
	b := newBench(t, "one")
	b.append(poisoned{}) // in the second stream
	b.count(2)
	b.append(counted{N: 5}) // waits behind it
	r := b.runner()
	first, other := r.Members()[0], b.runner().Members()[0]
	// lead hands a member what lies after its place.
	lead := func(m follower.Member) {
		at, err := m.Load(t.Context())
		require.NoError(t, err)
		p := follower.Portion{Tick: true, UpTo: at}
		for rec, err := range b.log.ReadAll(t.Context(), m.Categories(), at) {
			require.NoError(t, err)
			p.Events, p.UpTo = append(p.Events, follower.Decode(b.registry, rec)), rec.Position
		}
		require.NoError(t, m.Take(t.Context(), p))
	}
	lead(first)
	e := b.parkedBy("one")
	for rec, err := range b.log.ReadStream(t.Context(), e.Stream, e.Revision+1) {
		require.NoError(t, err)
		b.skip(quarantine.Entry{Subject: e.Subject, Stream: e.Stream, Revision: rec.Revision, Event: &rec.ID}, "it waits, and is of no use")
	}
	lead(other)
	b.models[0].healed.Store(true)
	require.NoError(t, quarantine.Retry(t.Context(), b.pool, e.ID))
	lead(first)
	require.Len(t, b.released("one"), 1, "the decision is on record")
	for _, row := range b.totals("one") {
		require.Equal(t, int64(1), row.Events, row.Stream)
	}
	b.requireProven("one", 3)
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
		require.NoError(t, b.runner().Rebuild(t.Context(), []string{"one"}, nil))
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
	stop()
	b.breakTables("one")
	b.count(1)
	stop = b.start(r.Run)
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
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
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
	f := failureOf(t, b.parkedBy("one"))
	require.Equal(t, "panic: runtime error: index out of range [1] with length 0", f.Cause)
	require.Contains(t, f.String(), "(tally.panicked at "+string(f.Stream)+"@0) Cause: panic: runtime error: index out of range [1]")
	require.Regexp(t, `^praxis/projections_test\.\(\*tally\)\.Project \(harness_test\.go:\d+\)\n`, f.Stack, "the place of the defect comes first")
	require.Contains(t, logs.String(), f.Cause)
	require.Contains(t, logs.String(), `"stack":"praxis/projections_test.(*tally).Project (harness_test.go:`)
}
