package logidentity_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/adapters/logidentity"
	"praxis/adapters/memstore"
	"praxis/adapters/postgres/pgtest"
	"praxis/adapters/storetest"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/eventlog"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/internal/likeserver"
)

// eachStore runs f with every kind of store; open makes another one, with a log of its own.
func eachStore(t *testing.T, f func(t *testing.T, open func() storetest.Store)) {
	connect := func(t *testing.T, c eventstore.Config) storetest.Store {
		s, err := eventstore.Open(c)
		require.NoError(t, err)
		t.Cleanup(s.Close)
		return s
	}
	t.Run("memory", func(t *testing.T) { f(t, func() storetest.Store { return memstore.New() }) })
	t.Run("the embedded node", func(t *testing.T) {
		f(t, func() storetest.Store {
			node, err := eventnode.Open(eventnode.Config{Dir: t.TempDir()})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, node.Close(context.WithoutCancel(t.Context()))) })
			return connect(t, eventstore.Config{Socket: node.Address()})
		})
	})
	for _, flavour := range likeserver.Flavours {
		t.Run("in the likeness of "+string(flavour), func(t *testing.T) {
			f(t, func() storetest.Store {
				return connect(t, eventstore.Config{URL: likeserver.Start(t, likeserver.Config{Flavour: flavour}).URL()})
			})
		})
	}
}

// category is that of the events which the followers of the tests read.
const category es.Category = "logtest"

var stream = es.StreamOf(category, id.MustParse[id.Group]("018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"))

// happen records n events more.
func happen(t testing.TB, s storetest.Store, n int) {
	t.Helper()
	for range n {
		event := es.Proposed{ID: id.New[id.Event](), Type: "logtest.happened", Data: []byte("{}"), Metadata: []byte("{}")}
		_, err := s.Append(t.Context(), stream, es.AnyRevision, []es.Proposed{event})
		require.NoError(t, err)
	}
}

// events are those of Praxis in a log.
func events(t testing.TB, s storetest.Store) (all []es.Recorded) {
	t.Helper()
	for rec, err := range s.ReadAll(t.Context(), []es.Category{category, eventlog.Category}, es.Position{}) {
		require.NoError(t, err)
		all = append(all, rec)
	}
	return all
}

// backup copies the first n events of a log, as a backup of then would hold them.
func backup(t testing.TB, from, to storetest.Store, n int) {
	t.Helper()
	for _, rec := range events(t, from)[:n] {
		event := es.Proposed{ID: rec.ID, Type: rec.Type, Data: rec.Data, Metadata: rec.Metadata}
		done, err := to.Append(t.Context(), rec.Stream, es.At(rec.Revision-1), []es.Proposed{event})
		require.NoError(t, err)
		require.Equal(t, rec.Position, done.Position, "the copy has the same positions")
	}
}

// has a follower read a log up to an event, and then to a position.
func hasRead(t testing.TB, pool *pgxpool.Pool, name string, last es.Recorded, position es.Position) {
	t.Helper()
	_, err := pool.Exec(t.Context(), `
insert into praxis.projection (build, name, version, status, events_applied, commit_position, prepare_position, event_commit, event_prepare, event_id)
values ($1, $1, 1, 'running', 1, $2, $3, $4, $5, $6)`,
		name, position.Commit, position.Prepare, last.Position.Commit, last.Position.Prepare, last.ID)
	require.NoError(t, err)
}

// clock is a clock that moves only when it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newGuard(t testing.TB, s logidentity.Log, pool *pgxpool.Pool) *logidentity.Guard {
	t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	return &logidentity.Guard{Log: s, Pool: pool, Registry: registry, Clock: newClock().Now}
}

func isRefused(t testing.TB, code string, err error, parts ...string) {
	t.Helper()
	refused := fault.From(err)
	require.NotNil(t, refused)
	require.Equal(t, code, refused.Code, refused.Error())
	require.Equal(t, fault.Unavailable, refused.Kind)
	for _, part := range parts {
		require.Contains(t, refused.Message, part)
	}
}

// emptied is a database that knows nothing.
func emptied(t testing.TB, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	_, err := pool.Exec(t.Context(), "truncate praxis.log, praxis.projection, praxis.process cascade")
	require.NoError(t, err)
	return pool
}

// established returns a log, and has the followers of a database read five events of it,
// as after a server has run; the identity is the first event.
func established(t testing.TB, open func() storetest.Store, pool *pgxpool.Pool) storetest.Store {
	t.Helper()
	emptied(t, pool)
	log := open()
	require.NoError(t, newGuard(t, log, pool).Check(t.Context()))
	happen(t, log, 5)
	all := events(t, log)
	hasRead(t, pool, "behind", all[2], all[2].Position)
	hasRead(t, pool, "roster", all[5], all[5].Position)
	require.NoError(t, newGuard(t, log, pool).Check(t.Context()))
	return log
}

func TestFoundW1_ALogIsTheOneThatWasReadOrNothingIsReadFromIt(t *testing.T) {
	pool := pgtest.New(t)
	eachStore(t, func(t *testing.T, open func() storetest.Store) {
		t.Run("of many who open a log at once one gives it its identity", func(t *testing.T) {
			log := open()
			emptied(t, pool)
			var all sync.WaitGroup
			guards := make([]*logidentity.Guard, 8)
			for n := range guards {
				guards[n] = newGuard(t, log, pool)
				all.Go(func() { _ = guards[n].Check(context.WithoutCancel(t.Context())) })
			}
			all.Wait()
			require.Len(t, events(t, log), 1)
			for _, g := range guards {
				require.NoError(t, g.Check(t.Context()))
				require.Equal(t, guards[0].ID(), g.ID())
				require.False(t, g.ID().IsZero())
			}
		})
		t.Run("an installation from before gets one and keeps what it read", func(t *testing.T) {
			log := open()
			emptied(t, pool)
			happen(t, log, 3)
			at := events(t, log)[2].Position
			_, err := pool.Exec(t.Context(), `insert into praxis.projection (build, name, version, status, commit_position, prepare_position) values ('roster', 'roster', 1, 'running', $1, $2)`, at.Commit, at.Prepare)
			require.NoError(t, err)
			require.NoError(t, newGuard(t, log, pool).Check(t.Context()))
			require.Len(t, events(t, log), 4)
		})
		t.Run("a log that grew is the same log", func(t *testing.T) {
			log := established(t, open, pool)
			g := newGuard(t, log, pool)
			for range 3 {
				happen(t, log, 2)
				require.NoError(t, g.Check(t.Context()))
			}
		})
		t.Run("a log that was set back is said", func(t *testing.T) {
			log := established(t, open, pool)
			older := open()
			backup(t, log, older, 4)
			isRefused(t, "log_set_back", newGuard(t, older, pool).Check(t.Context()), "read model roster.", "`praxis restore`")
			require.Len(t, events(t, older), 4, "nothing was written to it")
		})
		t.Run("also one that was set back and written to since", func(t *testing.T) {
			log := established(t, open, pool)
			older := open()
			backup(t, log, older, 4)
			happen(t, older, 4)
			isRefused(t, "log_event_replaced", newGuard(t, older, pool).Check(t.Context()), "read model roster.")
		})
		t.Run("and one that was set back to before what any follower has read", func(t *testing.T) {
			log := established(t, open, pool)
			older := open()
			backup(t, log, older, 2)
			happen(t, older, 8)
			isRefused(t, "log_event_replaced", newGuard(t, older, pool).Check(t.Context()), "read models behind, roster.")
		})
		t.Run("another log is said, whatever it holds", func(t *testing.T) {
			established(t, open, pool)
			other := open()
			isRefused(t, "log_differs", newGuard(t, other, pool).Check(t.Context()))
			require.Empty(t, events(t, other), "an empty log is not given an identity for a database that knows another one")

			other = established(t, open, pool)
			established(t, open, pool)
			happen(t, other, 9)
			isRefused(t, "log_differs", newGuard(t, other, pool).Check(t.Context()))
		})
		t.Run("an empty database takes any log", func(t *testing.T) {
			log := established(t, open, pool)
			g := newGuard(t, log, emptied(t, pool))
			require.NoError(t, g.Check(t.Context()))
			require.Len(t, events(t, log), 6)
		})
		t.Run("a process that has read further counts as a read model does", func(t *testing.T) {
			log := established(t, open, pool)
			end := events(t, log)[5]
			_, err := pool.Exec(t.Context(), `insert into praxis.process (name, commit_position, prepare_position, event_commit, event_prepare, event_id) values ('removals', $1, $2, $1, $2, $3)`,
				end.Position.Commit+10, end.Position.Prepare+10, id.New[id.Event]())
			require.NoError(t, err)
			isRefused(t, "log_set_back", newGuard(t, log, pool).Check(t.Context()), "process removals.")
		})
		t.Run("a checkpoint that a store names between events is none beyond the log", func(t *testing.T) {
			log := established(t, open, pool)
			last := events(t, log)[5]
			for signal, err := range log.Subscribe(t.Context(), []es.Category{"nothing"}, es.Position{}) {
				require.NoError(t, err)
				if signal.Checkpoint != nil {
					hasRead(t, pool, fmt.Sprint("idle", signal.Checkpoint.Commit), last, *signal.Checkpoint)
				}
				if signal.CaughtUp {
					break
				}
			}
			require.NoError(t, newGuard(t, log, pool).Check(t.Context()))
			hasRead(t, pool, "far", last, es.Position{Commit: last.Position.Commit + 1<<20})
			isRefused(t, "log_set_back", newGuard(t, log, pool).Check(t.Context()), "read model far.")
		})
	})
}

// exchanged is a log that can be exchanged under whoever uses it.
type exchanged struct {
	logidentity.Log
	away bool
}

func (e *exchanged) Append(ctx context.Context, stream es.Stream, expected es.Expected, all []es.Proposed) (es.Appended, error) {
	if e.away {
		return es.Appended{}, es.ErrStoreUnavailable
	}
	return e.Log.Append(ctx, stream, expected, all)
}

func TestFoundW1_NothingIsDecidedOnALogThatIsNotTheRightOne(t *testing.T) {
	pool := pgtest.New(t)
	open := func() storetest.Store { return memstore.New() }
	proposed := func() []es.Proposed {
		return []es.Proposed{{ID: id.New[id.Event](), Type: "logtest.happened", Data: []byte("{}"), Metadata: []byte("{}")}}
	}
	use := func(t *testing.T, s logidentity.Guarded) (appended, read error) {
		t.Helper()
		_, appended = s.Append(t.Context(), stream, es.AnyRevision, proposed())
		for _, err := range s.ReadStream(t.Context(), stream, 0) {
			read = err
		}
		return appended, read
	}
	t.Run("neither by a server that starts", func(t *testing.T) {
		log := established(t, open, pool)
		older := open()
		backup(t, log, older, 4)
		appended, read := use(t, logidentity.Guarded{Store: older, Guard: newGuard(t, older, pool)})
		isRefused(t, "log_set_back", appended)
		isRefused(t, "log_set_back", read)
		require.Len(t, events(t, older), 4)
	})
	t.Run("nor by one under which the log is exchanged", func(t *testing.T) {
		log := established(t, open, pool)
		older := open()
		backup(t, log, older, 4)
		under := &exchanged{Log: log}
		g, mended := newGuard(t, under, pool), 0
		g.Mended = func() { mended++ }
		s := logidentity.Guarded{Store: under, Guard: g}
		appended, read := use(t, s)
		require.NoError(t, appended)
		require.NoError(t, read)

		under.away = true
		_, err := s.Append(t.Context(), stream, es.AnyRevision, proposed())
		isRefused(t, "event_store_unavailable", err)
		under.away, under.Log = false, older
		appended, read = use(t, s)
		isRefused(t, "log_set_back", appended)
		isRefused(t, "log_set_back", read)
		require.Len(t, events(t, older), 4)

		require.Zero(t, mended)
		under.Log = log
		require.NoError(t, g.Check(t.Context()))
		require.Equal(t, 1, mended, "what remembers the other log forgets it")
		appended, read = use(t, s)
		require.NoError(t, appended)
		require.NoError(t, read)
		require.Equal(t, 1, mended)
	})
	t.Run("also where nothing failed in between, within seconds", func(t *testing.T) {
		log := established(t, open, pool)
		older := open()
		backup(t, log, older, 4)
		under := &exchanged{Log: log}
		g := newGuard(t, under, pool)
		now := newClock()
		g.Clock = now.Now
		require.NoError(t, g.Ready(t.Context()))
		under.Log = older
		require.NoError(t, g.Ready(t.Context()), "readiness does not ask every time")
		now.pass(3 * time.Second)
		isRefused(t, "log_set_back", g.Ready(t.Context()))
	})
	t.Run("what cannot be found out refuses nothing", func(t *testing.T) {
		log := established(t, open, pool)
		broken := pgtest.New(t)
		broken.Close()
		appended, read := use(t, logidentity.Guarded{Store: log, Guard: newGuard(t, log, broken)})
		require.NoError(t, appended)
		require.NoError(t, read)
		require.NoError(t, newGuard(t, log, pool).Check(t.Context()))
	})
}
