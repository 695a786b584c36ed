package quarantine_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/quarantine"
)

var (
	noon  = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	elm   = id.Derive[id.Group]("elm")
	scope = "chart-1"
)

// event is an entry of a read model for an event.
func event(follower, scope string, of *id.Group, revision es.Revision) quarantine.Entry {
	e := id.New[id.Event]()
	return quarantine.Entry{
		Follower: "projection " + follower + "_v1", Subject: "projection " + follower, Scope: scope, Status: quarantine.Parked, Group: of,
		Stream: es.Stream(scope), Revision: revision, Event: &e, AfterCommit: 7, AfterPrepare: 6,
		Failure: json.RawMessage(`{"code": "projector_failed"}`), ParkedAt: noon,
	}
}

// timer is an entry of a process for a timer.
func timer(key string, due time.Time) quarantine.Entry {
	return quarantine.Entry{
		Follower: "process renewal", Subject: "process renewal", Scope: elm.String(), Status: quarantine.Parked, Group: &elm,
		Timer: key, Due: &due, Failure: json.RawMessage(`{"code": "process_failed"}`), ParkedAt: noon,
	}
}

// park parks an entry and returns it as it is kept.
func park(t *testing.T, pool *pgxpool.Pool, e quarantine.Entry) quarantine.Entry {
	t.Helper()
	require.NoError(t, quarantine.Park(t.Context(), pool, e))
	for _, kept := range list(t, pool, e.Follower) {
		if kept.Scope == e.Scope && kept.Status == quarantine.Parked {
			e.ID = kept.ID
		}
	}
	require.NotZero(t, e.ID)
	return e
}

func list(t *testing.T, pool *pgxpool.Pool, followers ...string) []quarantine.Entry {
	t.Helper()
	entries, err := quarantine.List(t.Context(), pool, followers...)
	require.NoError(t, err)
	return utc(entries)
}

// utc has entries compared by the instants that they name.
func utc(entries []quarantine.Entry) []quarantine.Entry {
	for n := range entries {
		e := &entries[n]
		e.ParkedAt = e.ParkedAt.UTC()
		for _, at := range []*time.Time{e.Due, e.SkippedAt} {
			if at != nil {
				*at = at.UTC()
			}
		}
	}
	return entries
}

func get(t *testing.T, pool *pgxpool.Pool, entry int64) quarantine.Entry {
	t.Helper()
	e, err := quarantine.Get(t.Context(), pool, entry)
	require.NoError(t, err)
	return utc([]quarantine.Entry{e})[0]
}

func TestPark(t *testing.T) {
	pool := pgtest.New(t)
	first, second, third := park(t, pool, event("roster", scope, &elm, 3)), park(t, pool, event("billing", scope, nil, 4)), park(t, pool, timer("quiet", noon))
	t.Run("what is parked is kept as it was given, the first parked first", func(t *testing.T) {
		require.Equal(t, []quarantine.Entry{first, second, third}, list(t, pool))
		require.Equal(t, second, get(t, pool, second.ID))
		require.Equal(t, es.Position{Commit: 7, Prepare: 6}, first.After())
		require.Equal(t, "chart-1@3", first.What())
		require.Equal(t, "timer quiet", third.What())
	})
	t.Run("it is found by its build and by the name without the version", func(t *testing.T) {
		require.Equal(t, []quarantine.Entry{first}, list(t, pool, "projection roster_v1"))
		require.Equal(t, []quarantine.Entry{first, third}, list(t, pool, "process renewal", "projection roster"))
		require.Empty(t, list(t, pool, "roster"))
	})
	t.Run("a scope waits behind one entry only", func(t *testing.T) {
		require.Error(t, quarantine.Park(t.Context(), pool, event("roster", scope, &elm, 4)))
		require.NoError(t, quarantine.Park(t.Context(), pool, event("roster", "chart-2", &elm, 4)))
	})
	t.Run("the later events that wait are counted by scope and follower", func(t *testing.T) {
		require.NoError(t, quarantine.Wait(t.Context(), pool, first.Follower, scope, 1))
		require.NoError(t, quarantine.Wait(t.Context(), pool, first.Follower, scope, 4))
		require.NoError(t, quarantine.Wait(t.Context(), pool, first.Follower, "chart-9", 4))
		require.EqualValues(t, 5, get(t, pool, first.ID).Waiting)
		require.Zero(t, get(t, pool, second.ID).Waiting)
	})
	t.Run("no entry has an id that was not given", func(t *testing.T) {
		_, err := quarantine.Get(t.Context(), pool, 4711)
		require.ErrorIs(t, err, quarantine.ErrUnknown)
	})
}

func TestRetry(t *testing.T) {
	pool := pgtest.New(t)
	e := park(t, pool, event("roster", scope, &elm, 3))
	e.Waiting = 2
	require.NoError(t, quarantine.Wait(t.Context(), pool, e.Follower, scope, 2))
	t.Run("it is asked for once or more often", func(t *testing.T) {
		for range 2 {
			require.NoError(t, quarantine.Retry(t.Context(), pool, e.ID))
		}
		e.Retry = true
		require.Equal(t, e, get(t, pool, e.ID))
	})
	t.Run("going on within a scope is no try in vain", func(t *testing.T) {
		next := id.New[id.Event]()
		e.Event, e.Revision, e.AfterCommit, e.Waiting = &next, 4, 9, 1
		require.NoError(t, quarantine.Move(t.Context(), pool, e))
		require.Equal(t, e, get(t, pool, e.ID))
	})
	t.Run("waiting for an operator again is", func(t *testing.T) {
		e.Retry, e.Failure = false, json.RawMessage(`{"code": "sqlstate_23505"}`)
		for range 2 {
			e.Tries++
			require.NoError(t, quarantine.Move(t.Context(), pool, e))
			require.Equal(t, e, get(t, pool, e.ID))
		}
	})
	t.Run("an event may give way to a timer, and that to an event", func(t *testing.T) {
		was := e
		due := noon.Add(time.Hour)
		e.Stream, e.Revision, e.Event, e.Timer, e.Due, e.Retry = "", 0, nil, "quiet", &due, true
		require.NoError(t, quarantine.Move(t.Context(), pool, e))
		require.Equal(t, e, get(t, pool, e.ID))
		was.Retry = true
		require.NoError(t, quarantine.Move(t.Context(), pool, was))
		require.Equal(t, was, get(t, pool, e.ID))
	})
	t.Run("what was dealt with is gone, and its scope may wait anew", func(t *testing.T) {
		require.NoError(t, quarantine.Release(t.Context(), pool, e.ID))
		require.Empty(t, list(t, pool))
		require.ErrorIs(t, quarantine.Retry(t.Context(), pool, e.ID), quarantine.ErrUnknown)
		require.NotEqual(t, e.ID, park(t, pool, event("roster", scope, &elm, 9)).ID)
	})
}

// skipped is an entry that somebody decided to leave out.
func skipped(e quarantine.Entry) quarantine.Entry {
	at := noon.Add(time.Minute)
	e.Status, e.SkippedAt, e.SkippedBy, e.Reason = quarantine.Skipped, &at, "Pat Doe", "a test"
	return e
}

func TestSkip(t *testing.T) {
	pool := pgtest.New(t)
	parked := park(t, pool, event("roster", scope, &elm, 3))
	left := skipped(parked)
	for range 2 {
		require.NoError(t, quarantine.Skip(t.Context(), pool, left))
	}
	t.Run("it is kept once, beside what is parked, with who decided and why", func(t *testing.T) {
		entries := list(t, pool)
		require.Len(t, entries, 2)
		left.ID = entries[1].ID
		require.Equal(t, []quarantine.Entry{parked, left}, entries)
	})
	t.Run("of a scope more than one may be left out", func(t *testing.T) {
		require.NoError(t, quarantine.Skip(t.Context(), pool, skipped(event("roster", scope, &elm, 4))))
		require.Len(t, list(t, pool), 3)
	})
	t.Run("timers are told apart by when they were due", func(t *testing.T) {
		for _, e := range []quarantine.Entry{timer("quiet", noon), timer("quiet", noon), timer("quiet", noon.Add(time.Hour)), timer("loud", noon)} {
			require.NoError(t, quarantine.Skip(t.Context(), pool, skipped(e)))
		}
		require.Len(t, list(t, pool, "process renewal"), 3)
	})
	t.Run("what was left out is not tried again, and nothing waits behind it", func(t *testing.T) {
		require.ErrorIs(t, quarantine.Retry(t.Context(), pool, left.ID), quarantine.ErrUnknown)
		require.NoError(t, quarantine.Release(t.Context(), pool, parked.ID))
		require.NoError(t, quarantine.Wait(t.Context(), pool, left.Follower, scope, 1))
		require.Zero(t, get(t, pool, left.ID).Waiting)
	})
}

func TestForget(t *testing.T) {
	pool := pgtest.New(t)
	e := park(t, pool, event("roster", scope, &elm, 3))
	require.NoError(t, quarantine.Skip(t.Context(), pool, skipped(event("roster", "chart-2", &elm, 1))))
	other := park(t, pool, event("billing", scope, &elm, 3))
	require.NoError(t, quarantine.Forget(t.Context(), pool, e.Follower))
	require.Equal(t, []quarantine.Entry{other}, list(t, pool))
}
