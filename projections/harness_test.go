package projections_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/memstore"
	"praxis/adapters/postgres/lease"
	"praxis/adapters/postgres/pgtest"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	skipped "praxis/domain/quarantine"
	"praxis/internal/follower"
	"praxis/internal/runtest"
	"praxis/projections"
	"praxis/projections/quarantine"
	"praxis/projections/rows"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

// The events of the tests. How tally treats each is in its Project.
type (
	counted struct {
		N int `json:"n"`
	}
	poisoned struct{}
	refused  struct{}
	deferred struct{}
	panicked struct{}
	strange  struct{}
)

func registry(t testing.TB) *es.Registry {
	t.Helper()
	r, err := es.NewRegistry(es.Plain{}, []es.Row{
		es.Define[counted]("tally.counted", 1), es.Define[poisoned]("tally.poisoned", 1),
		es.Define[refused]("tally.refused", 1), es.Define[deferred]("tally.deferred", 1),
		es.Define[panicked]("tally.panicked", 1), es.Define[strange]("tally.strange", 1),
	}, skipped.Events())
	require.NoError(t, err)
	return r
}

// tally counts the events and adds up the numbers of each stream. What it does
// to them is not idempotent, so an event applied twice, or never, shows.
type tally struct {
	name    string
	version int
	// column is one more of the table total, remark what is said about the tables.
	column, remark string
	// category is that of the events it consumes.
	category es.Category
	// healed makes it accept the events that it otherwise fails on.
	healed *atomic.Bool
	// before runs before each event is projected.
	before func(es.Envelope)
}

func newTally(name string) *tally {
	return &tally{name: name, version: 1, category: category, healed: &atomic.Bool{}, before: func(es.Envelope) {}}
}

func (p *tally) Name() string     { return p.name }
func (p *tally) Version() int     { return p.version }
func (p *tally) Tables() []string { return []string{"total", "seen"} }

func (p *tally) Categories() []es.Category { return []es.Category{p.category} }

// DDL makes the tables. seen refuses negative positions at once and position 4242
// only at commit.
func (p *tally) DDL() string {
	return `
create table total (` + p.column + `stream text primary key, events bigint not null, sum bigint not null);
create table seen (n bigint generated always as identity primary key, event uuid not null, at bigint not null check (at >= 0));
create function refuse() returns trigger language plpgsql as $$ begin if new.at = 4242 then raise exception 'no' using errcode = '23514'; end if; return null; end $$;
create constraint trigger late after insert on seen deferrable initially deferred for each row execute function refuse();
` + p.remark + `
-- +indexes
create index seen_by_event on seen (event);
`
}

// defect is a list that is too short.
func (p *tally) defect() []int64 { return nil }

var errPoison = errors.New("the name of a patient, which must not be kept")

// sighting is an event that was seen; odd has a position that no column holds.
type (
	sighting struct {
		Event id.Event `db:"event"`
		At    int64    `db:"at"`
	}
	odd struct {
		Event id.Event `db:"event"`
		At    uint64   `db:"at"`
	}
)

var (
	sums      = rows.NewTable("total", func(t *total) string { return t.Stream }, "stream")
	sightings = rows.NewLog[sighting]("seen")
	oddities  = rows.NewLog[odd]("seen")
)

func (p *tally) Project(b *rows.Batch, e es.Envelope) error {
	p.before(e)
	add := func(n int, at int64) {
		sums.Upsert(b, total{Stream: string(e.Stream), Events: 1, Sum: int64(n)}, func(t *total) { t.Events, t.Sum = t.Events+1, t.Sum+int64(n) })
		sightings.Append(b, sighting{e.ID, at})
	}
	at := int64(e.Position.Commit)
	switch event := e.Event.(type) {
	case counted:
		add(event.N, at)
	case poisoned:
		add(0, at)
		if !p.healed.Load() {
			return errPoison
		}
	case refused:
		add(0, map[bool]int64{false: -1, true: at}[p.healed.Load()])
	case deferred:
		add(0, map[bool]int64{false: 4242, true: at}[p.healed.Load()])
	case panicked:
		if !p.healed.Load() {
			_ = at + p.defect()[1]
		}
		add(0, at)
	case strange:
		oddities.Append(b, odd{e.ID, math.MaxUint64})
	}
	return nil
}

// log is an event store as the tests use it.
type log interface {
	projections.Source
	Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error)
	ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events
}

// bench is one database, one log, and the runners that a test starts on them.
type bench struct {
	t    *testing.T
	pool *pgxpool.Pool
	log  log
	// store is the log where it is in memory, which most tests use; nil otherwise.
	store    *memstore.Store
	category es.Category
	registry *es.Registry
	source   projections.Source
	models   []*tally
	// leases are those of the next runner; nil for real ones.
	leases   follower.Leases
	observer projections.Observer
	size     int
	appended int
}

const category = es.Category("tally")

var group = id.Derive[id.Group]("projections")

func newBench(t *testing.T, models ...string) *bench {
	t.Helper()
	store := memstore.New()
	b := newBenchOn(t, store, models...)
	b.store = store
	return b
}

func newBenchOn(t *testing.T, store log, models ...string) *bench {
	t.Helper()
	b := &bench{t: t, pool: pgtest.New(t), log: store, category: category, source: store, registry: registry(t), size: 7}
	for _, name := range models {
		b.models = append(b.models, newTally(name))
	}
	return b
}

// table names a table of a model, in its present version, in SQL.
func (b *bench) table(model, table string) string {
	b.t.Helper()
	at := slices.IndexFunc(b.models, func(m *tally) bool { return m.name == model })
	require.GreaterOrEqual(b.t, at, 0)
	return projections.Table(b.models[at], table)
}

// reset empties the log, the tables and the checkpoints.
func (b *bench) reset() {
	b.t.Helper()
	b.store, b.appended = memstore.New(), 0
	b.log, b.source = b.store, b.store
	for _, m := range b.models {
		_, err := b.pool.Exec(b.t.Context(), "delete from praxis.projection where name = $1", m.name)
		require.NoError(b.t, err)
	}
}

func (b *bench) config() projections.Config {
	c := projections.Config{
		Pool: b.pool, Source: b.source, Registry: b.registry, Categories: []es.Category{b.category, skipped.Category},
		Clock:     func() time.Time { return time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC) },
		BatchSize: b.size, RebuildBatchSize: 10, FillFrom: math.MaxInt, Observer: b.observer, Leases: b.leases,
	}
	if c.Leases == nil {
		c.Leases = lease.New(b.pool.Config().ConnConfig, lease.Config{})
	}
	for _, m := range b.models {
		m.category = b.category
		c.Projectors = append(c.Projectors, m)
	}
	return c
}

func (b *bench) runner() *projections.Runner {
	b.t.Helper()
	r, err := projections.NewRunner(b.config())
	require.NoError(b.t, err)
	return r
}

// start runs r until the test ends or the returned function is called, which
// waits for the end.
func (b *bench) start(run func(context.Context) error) (stop func()) {
	b.t.Helper()
	return runtest.Start(b.t, run)
}

// append records events in one of three streams in turn and returns the
// position of the last.
func (b *bench) append(events ...any) es.Position {
	b.t.Helper()
	var last es.Appended
	for _, e := range events {
		b.appended++
		name, data, meta, err := b.registry.Encode(e, es.Subject{}, es.Metadata{})
		require.NoError(b.t, err)
		last = b.appendRaw(es.Proposed{Type: name, Data: data, Metadata: meta})
	}
	return last.Position
}

func (b *bench) appendRaw(e es.Proposed) es.Appended {
	b.t.Helper()
	e.ID = id.New[id.Event]()
	done, err := b.log.Append(b.t.Context(), b.stream(b.appended), es.AnyRevision, []es.Proposed{e})
	require.NoError(b.t, err)
	return done
}

func (b *bench) stream(n int) es.Stream {
	return es.StreamOf(b.category, group, fmt.Sprintf("s%d", n%3))
}

// count records n events that count 1, 2, 3 …
func (b *bench) count(n int) (last es.Position) {
	b.t.Helper()
	for i := range n {
		last = b.append(counted{N: i + 1})
	}
	return last
}

// foreign records n events of another application and returns the position of
// the last.
func (b *bench) foreign(n int) (last es.Position) {
	b.t.Helper()
	for n > 0 {
		events := make([]es.Proposed, min(n, es.MaxAppendSize))
		n -= len(events)
		for i := range events {
			events[i] = es.Proposed{ID: id.New[id.Event](), Type: "other.happened", Data: []byte("{}"), Metadata: []byte("{}")}
		}
		done, err := b.log.Append(b.t.Context(), es.StreamOf("other", group), es.AnyRevision, events)
		require.NoError(b.t, err)
		last = done.Position
	}
	return last
}

// waitFor waits until the named projections are at a position.
func (b *bench) waitFor(r *projections.Runner, at es.Position, names ...string) {
	b.t.Helper()
	require.NoError(b.t, r.WaitFor(b.within(), at, names...))
}

// within bounds everything that a test waits for.
func (b *bench) within() context.Context {
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	b.t.Cleanup(cancel)
	return ctx
}

// until waits for a projection to reach a state and returns its status.
func (b *bench) until(r *projections.Runner, name string, state projections.State) projections.Status {
	b.t.Helper()
	var found projections.Status
	require.Eventually(b.t, func() bool {
		all, err := r.Status(b.t.Context())
		require.NoError(b.t, err)
		for _, s := range all {
			if s.Name == name && s.State == state {
				found = s
				return true
			}
		}
		return false
	}, 30*time.Second, 5*time.Millisecond)
	return found
}

// total is one row of a tally.
type total struct {
	Stream string `db:"stream"`
	Events int64  `db:"events"`
	Sum    int64  `db:"sum"`
}

// totals returns the rows of a projection.
func (b *bench) totals(name string) []total {
	b.t.Helper()
	rows, err := b.pool.Query(b.t.Context(), "select stream, events, sum from "+b.table(name, "total")+" order by stream")
	require.NoError(b.t, err)
	totals, err := pgx.CollectRows(rows, pgx.RowToStructByPos[total])
	require.NoError(b.t, err)
	return totals
}

// folded returns the rows that the log up to a position must lead to.
func (b *bench) folded(upTo es.Position) []total {
	b.t.Helper()
	var totals []total
	for n := range 3 {
		row := total{Stream: string(b.stream(n))}
		for rec, err := range b.log.ReadStream(b.t.Context(), b.stream(n), 0) {
			require.NoError(b.t, err)
			if upTo.Before(rec.Position) {
				break
			}
			env, err := b.registry.Decode(rec)
			require.NoError(b.t, err)
			row.Events++
			if c, ok := env.Event.(counted); ok {
				row.Sum += int64(c.N)
			}
		}
		if row.Events > 0 {
			totals = append(totals, row)
		}
	}
	return totals
}

// requireExact requires that a projection holds every event up to a position
// exactly once, in order.
func (b *bench) requireExact(name string, upTo es.Position) {
	b.t.Helper()
	require.Equal(b.t, b.folded(upTo), b.totals(name))
	b.requireOnce(name)
}

// requireSame requires that two projections hold the same.
func (b *bench) requireSame(one, other string) {
	b.t.Helper()
	require.Equal(b.t, b.totals(other), b.totals(one))
}

// waitForRunning waits for a position where the projection may still be stopped.
func (b *bench) waitForRunning(r *projections.Runner, at es.Position) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		return r.WaitFor(b.t.Context(), at) == nil
	}, 30*time.Second, 5*time.Millisecond)
}

// cut ends every session of the test's database, on the server's side, but the
// one that asks for it.
func (b *bench) cut(ctx context.Context) {
	b.sessions(ctx, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
}

// breakTables makes every write of a projection fail, whatever the event is.
func (b *bench) breakTables(name string) {
	b.sessions(b.t.Context(), "alter table "+name+"_v1.total rename column events to counted")
}

// mendTables takes that back.
func (b *bench) mendTables(name string) {
	b.sessions(b.t.Context(), "alter table "+name+"_v1.total rename column counted to events")
}

// parkedOf is what is in the quarantine of a projection.
func (b *bench) parkedOf(name string) []quarantine.Entry {
	b.t.Helper()
	entries, err := quarantine.List(b.t.Context(), b.pool, "projection "+name)
	require.NoError(b.t, err)
	return entries
}

// depose ends the session that holds the lock of the leader.
func (b *bench) depose(ctx context.Context) {
	b.sessions(ctx, `select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database
		where d.datname = current_database() and l.locktype = 'advisory' and l.granted`)
}

func (b *bench) sessions(ctx context.Context, sql string) {
	conn, err := pgx.ConnectConfig(ctx, b.pool.Config().ConnConfig)
	if err != nil {
		panic(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		panic(err)
	}
}

// requireFault requires a fault of this code.
func requireFault(t testing.TB, err error, code string) *fault.Error {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, code, f.Code)
	return f
}

// requireCounted requires that a projection holds so many events, each once.
func (b *bench) requireCounted(name string, n int) {
	b.t.Helper()
	var seen int
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "select count(*) from "+b.table(name, "seen")).Scan(&seen))
	require.Equal(b.t, n, seen)
	b.requireOnce(name)
}

// requireOnce requires that a projection holds no event twice, and all in order.
func (b *bench) requireOnce(name string) {
	b.t.Helper()
	var seen, distinct, sorted int
	err := b.pool.QueryRow(b.t.Context(), `select count(*), count(distinct event),
		count(*) filter (where at > coalesce(before, 0)) from (select *, lag(at) over (order by n) as before from `+b.table(name, "seen")+`) s`).
		Scan(&seen, &distinct, &sorted)
	require.NoError(b.t, err)
	require.Equal(b.t, seen, distinct, "no event is applied twice")
	require.Equal(b.t, seen, sorted, "events are applied in order")
}
