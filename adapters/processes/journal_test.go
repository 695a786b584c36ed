package processes_test

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/adapters/processes"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/migrations"
)

var (
	noon     = time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC)
	practice = id.Derive[id.Group]("practice")
)

func at(n uint64) es.Position { return es.Position{Commit: n, Prepare: n} }

func timer(key string, due time.Time) process.Timer {
	return process.Timer{Group: practice, Key: key, Due: due, Causation: "c", Correlation: "r"}
}

// registered is a journal with one process at position 3.
func registered(t *testing.T) (*processes.Journal, process.Checkpoint) {
	t.Helper()
	j, c, _ := registeredIn(t)
	return j, c
}

func registeredIn(t *testing.T) (*processes.Journal, process.Checkpoint, *pgxpool.Pool) {
	t.Helper()
	pool := pgtest.New(t)
	j := processes.New(pool)
	require.NoError(t, j.Register(t.Context(), "renewal", at(3)))
	c, ok, err := j.Load(t.Context(), "renewal")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, process.Checkpoint{Position: at(3)}, c)
	return j, c, pool
}

func TestJournal_Checkpoints(t *testing.T) {
	j, c, pool := registeredIn(t)

	t.Run("nothing is known of a process that never ran", func(t *testing.T) {
		_, ok, err := j.Load(t.Context(), "unheard_of")
		require.NoError(t, err)
		require.False(t, ok)
	})
	t.Run("registering again changes nothing", func(t *testing.T) {
		require.NoError(t, j.Register(t.Context(), "renewal", at(9)))
		again, _, err := j.Load(t.Context(), "renewal")
		require.NoError(t, err)
		require.Equal(t, c, again)
	})
	t.Run("whoever was overtaken changes nothing", func(t *testing.T) {
		now, err := j.Commit(t.Context(), "renewal", c, process.Step{To: at(5), Events: 1, Accepted: 2, Set: []process.Timer{timer("a", noon)}})
		require.NoError(t, err)
		require.Equal(t, process.Checkpoint{Steps: 1, Position: at(5), NextDue: noon}, now)
		_, err = j.Commit(t.Context(), "renewal", c, process.Step{To: at(4), Clear: []process.Timer{timer("a", noon)}})
		require.ErrorIs(t, err, process.ErrCheckpointConflict)
		still, _, err := j.Load(t.Context(), "renewal")
		require.NoError(t, err)
		require.Equal(t, now, still)
	})
	t.Run("one that an earlier release stopped is set going by the migration", func(t *testing.T) {
		now, _, err := j.Load(t.Context(), "renewal")
		require.NoError(t, err)
		_, err = pool.Exec(t.Context(), `update praxis.process set status = 'stopped', last_error = '{"code": "torn"}'`)
		require.NoError(t, err)
		migration, err := fs.ReadFile(migrations.FS(), "0042_processes_do_not_stop.sql")
		require.NoError(t, err)
		_, err = pool.Exec(t.Context(), string(migration))
		require.NoError(t, err)
		var status string
		require.NoError(t, pool.QueryRow(t.Context(), "select status from praxis.process where last_error is null").Scan(&status))
		require.Equal(t, "running", status, "also for a server of that release that runs beside this one")
		_, err = j.Commit(t.Context(), "renewal", now, process.Step{To: at(6)})
		require.ErrorIs(t, err, process.ErrCheckpointConflict, "its row was changed")
		again, _, err := j.Load(t.Context(), "renewal")
		require.NoError(t, err)
		require.Equal(t, now.Position, again.Position)
		_, err = j.Commit(t.Context(), "renewal", again, process.Step{To: at(6)})
		require.NoError(t, err)
	})
}

func TestJournal_Timers(t *testing.T) {
	j, c := registered(t)
	commit := func(s process.Step) {
		t.Helper()
		var err error
		c, err = j.Commit(t.Context(), "renewal", c, s)
		require.NoError(t, err)
	}
	due := func(by time.Time) string {
		t.Helper()
		first, ok, err := j.Due(t.Context(), "renewal", by, id.Group{})
		require.NoError(t, err)
		if !ok {
			return ""
		}
		return first.Key
	}
	second := noon.Add(time.Microsecond)
	commit(process.Step{To: at(4), Set: []process.Timer{timer("b", second), timer("c", noon), timer("a", second)}})
	require.Equal(t, noon, c.NextDue)
	require.Empty(t, due(noon.Add(-time.Microsecond)))
	first, ok, err := j.Due(t.Context(), "renewal", second, id.Group{})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, timer("c", noon), first, "nothing of a timer is lost")

	commit(process.Step{To: at(4), Fired: &first})
	require.Equal(t, second, c.NextDue)
	require.Equal(t, "a", due(second), "equal times go by key")
	commit(process.Step{To: at(4), Set: []process.Timer{timer("a", noon.Add(time.Hour))}})
	require.Equal(t, "b", due(second), "a timer that is set again moves")
	commit(process.Step{To: at(4), Clear: []process.Timer{{Group: practice, Key: "b"}, {Group: practice, Key: "never set"}}})
	require.Empty(t, due(second))
	fired := timer("a", noon.Add(time.Hour))
	commit(process.Step{To: at(4), Fired: &fired, Set: []process.Timer{timer("a", noon.Add(2*time.Hour))}})
	require.Equal(t, noon.Add(2*time.Hour), c.NextDue, "a timer that fires may set itself anew")

	other := timer("a", noon.Add(3*time.Hour))
	other.Group = id.Derive[id.Group]("another practice")
	commit(process.Step{To: at(4), Set: []process.Timer{timer("b", noon), other}})
	commit(process.Step{To: at(4), ClearAll: []id.Group{practice}, Set: []process.Timer{timer("c", noon.Add(4*time.Hour))}})
	require.Empty(t, due(noon.Add(2*time.Hour)), "every timer of the practice is cleared")
	require.Equal(t, other.Due, c.NextDue, "those of another practice stay, and what the same step sets too")
	commit(process.Step{To: at(4), Fired: &other})
	require.Equal(t, noon.Add(4*time.Hour), c.NextDue)
}

func TestJournal_AStepIsTakenWholeOrNotAtAll(t *testing.T) {
	j, c := registered(t)
	step := process.Step{
		To: at(9), Set: []process.Timer{timer("a", noon)},
		Refusals: []process.Refusal{{Command: id.Derive[id.Command]("c"), Name: "n", Group: practice, Cause: "event e", Code: "no", At: noon}},
	}
	step.Refusals = append(step.Refusals, step.Refusals[0])
	_, err := j.Commit(t.Context(), "renewal", c, step)
	require.Equal(t, "process_journal_refused", fault.From(err).Code)
	require.NotEqual(t, fault.Unavailable, fault.KindOf(err), "repeating cannot help")
	same, _, err := j.Load(t.Context(), "renewal")
	require.NoError(t, err)
	require.Equal(t, c, same)
	refusals, err := j.Refusals(t.Context(), "renewal", 10)
	require.NoError(t, err)
	require.Empty(t, refusals)

	step.Refusals = step.Refusals[:1]
	_, err = j.Commit(t.Context(), "renewal", c, step)
	require.NoError(t, err)
	entries, err := j.Entries(t.Context(), []string{"renewal", "unheard_of"})
	require.NoError(t, err)
	require.Len(t, entries, 1)
	e := entries["renewal"]
	require.Equal(t, []int64{0, 0, 1, 0, 1}, []int64{e.Events, e.Accepted, e.Refused, e.Fired, e.Timers})
}

func TestJournal_TellsWhatRepeatingCanHelp(t *testing.T) {
	j, c := registered(t)
	_, err := j.Commit(t.Context(), "renewal", c, process.Step{To: at(4), Set: []process.Timer{timer("", noon)}})
	require.Equal(t, "process_journal_refused", fault.From(err).Code)
	require.NotContains(t, err.Error(), practice.String(), "a server's text quotes values")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = j.Commit(ended, "renewal", c, process.Step{To: at(4)})
	require.Equal(t, "process_journal_unavailable", fault.From(err).Code)
}
