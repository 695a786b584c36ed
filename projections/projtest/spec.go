package projtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/memstore"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
)

// Event is an event of a spec: what happened, in which stream.
type Event struct {
	// Stream is the stream it was recorded in.
	Stream es.Stream
	// Event is one of the registered event structs, by value.
	Event any
	// Meta is its metadata; the schema version is filled in.
	Meta es.Metadata
	// At is when it was recorded; the zero time means as many seconds after midnight
	// of 1 January 2026 as events were recorded.
	At time.Time
}

// On says that an event happened in a stream.
func On(stream es.Stream, event any) Event { return Event{Stream: stream, Event: event} }

// patience bounds how long a spec waits for its events to be projected.
const patience = 30 * time.Second

// Model is the read model under test.
type Model struct {
	// Pool is a migrated database that only this spec uses; it holds the
	// projector's schema and tables.
	Pool *pgxpool.Pool
	// Registry knows the events of the spec.
	Registry *es.Registry
	// Projector is the projector under test.
	Projector projections.Projector
}

// Spec reads like a sentence: Given events, When more events, Then rows. The ids,
// positions and recording times of its events are the same in every run.
type Spec struct {
	t     testing.TB
	model Model
	log   *memstore.Store
	// categories are those of the events recorded so far; recorded is when the one
	// that is being recorded was, and count how many there are.
	categories []es.Category
	recorded   time.Time
	count      int
}

func newSpec(t testing.TB, m Model) *Spec {
	t.Helper()
	s := &Spec{t: t, model: m}
	require.NoError(t, projections.Install(t.Context(), m.Pool, m.Projector))
	s.log = memstore.New(memstore.WithClock(func() time.Time { return s.recorded }))
	return s
}

// Given starts a spec with events that were projected live.
func Given(t testing.TB, m Model, history ...Event) *Spec {
	t.Helper()
	return newSpec(t, m).When(history...)
}

// Apply projects events into the model's tables without a runner and without a
// checkpoint, in one transaction: for property tests that draw many histories
// into one database, each of a practice of its own.
func Apply(t testing.TB, m Model, events ...Event) {
	t.Helper()
	s := newSpec(t, m)
	s.record(events...)
	var all []es.Envelope
	s.each(func(e es.Envelope) { all = append(all, e) })
	s.project(all...)
}

// When projects more events live, after those before.
func (s *Spec) When(events ...Event) *Spec {
	s.t.Helper()
	if len(events) == 0 {
		return s
	}
	s.record(events...)
	r := s.runner(0)
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- r.Run(running) }()
	tail, err := s.log.Tail(ctx)
	require.NoError(s.t, err)
	waited := r.WaitFor(ctx, tail)
	stop()
	require.NoError(s.t, <-ended)
	if waited != nil {
		status, err := r.Status(ctx)
		require.NoError(s.t, err)
		require.NoError(s.t, waited, "the events are projected; failure: %v", status[0].Failure)
	}
	return s
}

// record adds events to the end of the log.
func (s *Spec) record(events ...Event) {
	s.t.Helper()
	for _, e := range events {
		s.count++
		if s.recorded = e.At; e.At.IsZero() {
			s.recorded = time.Date(2026, 1, 1, 0, 0, s.count, 0, time.UTC)
		}
		if !slices.Contains(s.categories, e.Stream.Category()) {
			s.categories = append(s.categories, e.Stream.Category())
		}
		name, data, meta, err := s.model.Registry.Encode(e.Event, es.Subject{}, e.Meta)
		require.NoError(s.t, err)
		at := es.Position{Commit: uint64(s.count), Prepare: uint64(s.count)}
		_, err = s.log.Append(s.t.Context(), e.Stream, es.AnyRevision, []es.Proposed{
			{ID: id.Derive[id.Event](string(e.Stream), name, at.String()), Type: name, Data: data, Metadata: meta},
		})
		require.NoError(s.t, err)
	}
}

// each calls f with every event of the log.
func (s *Spec) each(f func(es.Envelope)) {
	s.t.Helper()
	for rec, err := range s.log.ReadAll(s.t.Context(), s.categories, es.Position{}) {
		require.NoError(s.t, err)
		envelope, err := s.model.Registry.Decode(rec)
		require.NoError(s.t, err)
		f(envelope)
	}
}

// Then requires that a query in the projector's schema answers exactly these
// rows, each given as a JSON object of its columns, and that the rows of all
// tables do not depend on how they came to be. It returns the spec, so that it
// can go on.
func (s *Spec) Then(query string, rows ...string) *Spec {
	s.t.Helper()
	got := s.query(query)
	require.Len(s.t, got, len(rows), "rows of %s: %v", query, got)
	for i := range rows {
		require.JSONEq(s.t, rows[i], got[i], "row %d of %s", i+1, query)
	}
	live := s.Rows()
	for _, size := range []int{5000, 7, 1} {
		require.Equal(s.t, live, s.Rebuilt(size), "a rebuild in transactions of at most %d events gives the rows of the live run", size)
	}
	return s
}

// Rows returns every row of every table of the projector as JSON, by table, in
// an order of their own.
func (s *Spec) Rows() map[string][]string {
	s.t.Helper()
	rows := map[string][]string{}
	for _, table := range s.model.Projector.Tables() {
		rows[table] = s.query(fmt.Sprintf("select * from %s t order by to_jsonb(t)::text", pgx.Identifier{table}.Sanitize()))
	}
	return rows
}

// Rebuilt rebuilds the projection in transactions of at most size events and
// returns its rows.
func (s *Spec) Rebuilt(size int) map[string][]string {
	s.t.Helper()
	require.NoError(s.t, s.runner(size).Rebuild(s.t.Context(), []string{s.model.Projector.Name()}, nil))
	return s.Rows()
}

func (s *Spec) runner(size int) *projections.Runner {
	s.t.Helper()
	r, err := projections.NewRunner(projections.Config{
		Pool: s.model.Pool, Source: s.log, Registry: s.model.Registry,
		Projectors: []projections.Projector{s.model.Projector}, Categories: append(slices.Clone(s.categories), "none"),
		Clock:            func() time.Time { return time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC) },
		RebuildBatchSize: size, Leases: alone{},
	})
	require.NoError(s.t, err)
	return r
}

// alone leads: a spec has its database to itself.
type alone struct{}

func (alone) Lead(ctx context.Context, _ string, work func(context.Context)) error {
	work(ctx)
	return ctx.Err()
}

// project projects events in a transaction of their own.
func (s *Spec) project(events ...es.Envelope) {
	s.t.Helper()
	b := rows.NewMemory(projections.Build(s.model.Projector), 0, false).Batch()
	for _, e := range events {
		require.NoError(s.t, s.model.Projector.Project(b, e))
	}
	loads := &pgx.Batch{}
	b.Load(loads)
	s.inSchema(func(tx pgx.Tx) error {
		return errors.Join(tx.SendBatch(s.t.Context(), loads).Close(), b.Write(s.t.Context(), tx))
	})
}

// query runs a query in the projector's schema; each row comes as JSON.
func (s *Spec) query(sql string) (rows []string) {
	s.t.Helper()
	s.inSchema(func(tx pgx.Tx) error {
		found, err := tx.Query(s.t.Context(), "select to_jsonb(q)::text from ("+sql+") q")
		if err != nil {
			return err
		}
		rows, err = pgx.CollectRows(found, pgx.RowTo[string])
		return err
	})
	return rows
}

func (s *Spec) inSchema(f func(pgx.Tx) error) {
	s.t.Helper()
	err := pgx.BeginFunc(s.t.Context(), s.model.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(s.t.Context(), "select set_config('search_path', $1, true)", projections.Build(s.model.Projector)); err != nil {
			return err
		}
		return f(tx)
	})
	require.NoError(s.t, err)
}
