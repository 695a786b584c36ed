package projections_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
)

func TestRun_AppliesEveryEventOnce(t *testing.T) {
	t.Run("what was there before and what comes later", func(t *testing.T) {
		b := newBench(t, "one", "two")
		before := b.count(50)
		r := b.runner()
		b.start(r.Run)
		b.waitFor(r, before)
		b.requireExact("one", before)

		after := b.count(50)
		b.waitFor(r, after)
		b.requireExact("one", after)
		b.requireExact("two", after)
	})

	t.Run("after a restart it goes on where it was", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, b.count(20))
		stop()
		last := b.count(20)
		b.start(r.Run)
		b.waitFor(r, last)
		b.requireExact("one", last)
	})

	t.Run("a projection that is new catches up without holding back the others", func(t *testing.T) {
		b := newBench(t, "one", "two")
		both := b.models
		b.models = both[:1]
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, b.count(30))
		stop()

		b.models = both
		gate := make(chan struct{})
		both[1].before = func(es.Envelope) { <-gate }
		r = b.runner()
		b.start(r.Run)
		last := b.count(10)
		b.waitFor(r, last, "one")
		require.Empty(t, b.totals("two"), "the new one has not moved")
		close(gate)
		b.waitFor(r, last, "two")
		b.requireExact("two", last)
	})

	t.Run("what comes between catching up and joining the subscription is not missed", func(t *testing.T) {
		b := newBench(t, "one", "two")
		both := b.models
		b.models = both[:1]
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, b.count(10))
		stop()

		b.models = both
		require.NoError(t, projections.Install(t.Context(), b.pool, both[1]))
		_, err := b.pool.Exec(t.Context(), `update praxis.projection set status = 'stopped' where name = 'two'`)
		require.NoError(t, err)
		var between es.Position
		var first atomic.Bool
		b.source = hooked{Source: b.store, before: func(after, next es.Position) {
			// Only the feed of the new one begins at the beginning; with the eleventh event
			// it has caught up.
			if after == (es.Position{}) && next.Commit == 11 && first.CompareAndSwap(false, true) {
				between = b.count(10)
				b.waitFor(r, between, "one")
			}
		}}
		r = b.runner()
		b.start(r.Run)
		b.waitFor(r, b.count(1), "one")
		_, err = b.pool.Exec(t.Context(), `update praxis.projection set status = 'running' where name = 'two'`)
		require.NoError(t, err)
		b.waitFor(r, es.Position{Commit: 21, Prepare: 21})
		last := b.count(1)
		b.waitFor(r, last)
		require.Equal(t, es.Position{Commit: 21, Prepare: 21}, between)
		b.requireExact("two", last)
	})

	t.Run("equal statements of two schemas keep the types of each", func(t *testing.T) {
		b := newBench(t, "one")
		c := b.config()
		c.Projectors = []projections.Projector{
			newValue("words", "text", strconv.Itoa),
			newValue("numbers", "bigint", func(n int) int { return n }),
		}
		hears := &heard{}
		c.Observer, c.Source, c.BatchWait = hears, behindhand{b.store}, time.Hour
		// With a pool of one connection both would use the same prepared statement.
		one := b.pool.Config()
		one.MaxConns = 1
		var err error
		c.Pool, err = pgxpool.NewWithConfig(t.Context(), one)
		require.NoError(t, err)
		t.Cleanup(c.Pool.Close)
		r, err := projections.NewRunner(c)
		require.NoError(t, err)
		stop := b.start(r.Run)
		b.waitFor(r, b.count(b.size))
		stop()
		require.Equal(t, map[string]int{"words": 1, "numbers": 1}, hears.batches, "no batch is refused and cut up")
		var words, numbers int64
		require.NoError(t, b.pool.QueryRow(t.Context(), "select (select sum(v::bigint) from words_v1.value), (select sum(v) from numbers_v1.value)").Scan(&words, &numbers))
		require.Equal(t, []int64{28, 28}, []int64{words, numbers})
	})

	t.Run("events of other categories move the checkpoint of an idle projection", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		b.start(r.Run)
		b.waitFor(r, b.count(1))
		done, err := b.store.Append(t.Context(), es.StreamOf("other", group), es.AnyRevision, []es.Proposed{{ID: id.New[id.Event](), Type: "other.happened", Data: []byte("{}"), Metadata: []byte("{}")}})
		require.NoError(t, err)
		b.waitFor(r, done.Position)
		require.Len(t, b.totals("one"), 1)
	})

	t.Run("the status tells version, position, counts and times", func(t *testing.T) {
		b := newBench(t, "one")
		r := b.runner()
		stop := b.start(r.Run)
		last := b.count(12)
		b.waitFor(r, last)
		stop()
		b.count(3)
		status, err := r.Status(t.Context())
		require.NoError(t, err)
		require.Len(t, status, 1)
		s := status[0]
		require.False(t, s.UpdatedAt.IsZero())
		s.UpdatedAt = time.Time{}
		recorded := time.Date(2026, 1, 1, 0, 0, 12, 0, time.UTC)
		require.Equal(t, projections.Status{
			Build: "one_v1", Name: "one", Version: 1, Program: 1, State: projections.Running, Position: last,
			EventsApplied: 12, LastEventAt: &recorded, LagEvents: 3, Lag: time.Hour - 13*time.Second,
		}, s)
	})
}

// value keeps each number in a column of a type of its own.
type value[T any] struct {
	name   string
	column string
	of     func(int) T
	log    *rows.Log[kept[T]]
}

type kept[T any] struct {
	V T `db:"v"`
}

func newValue[T any](name, column string, of func(int) T) value[T] {
	return value[T]{name, column, of, rows.NewLog[kept[T]]("value")}
}

func (v value[T]) Name() string   { return v.name }
func (value[T]) Version() int     { return 1 }
func (v value[T]) DDL() string    { return "create table value (v " + v.column + " not null)" }
func (value[T]) Tables() []string { return []string{"value"} }

func (value[T]) Categories() []es.Category { return []es.Category{category} }

func (v value[T]) Project(b *rows.Batch, e es.Envelope) error {
	if c, ok := e.Event.(counted); ok {
		v.log.Append(b, kept[T]{v.of(c.N)})
	}
	return nil
}

// hooked is a source that calls before ahead of each event, with where the
// subscription began and where the event lies.
type hooked struct {
	projections.Source
	before func(after, next es.Position)
}

func (h hooked) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		for signal, err := range h.Source.Subscribe(ctx, categories, after) {
			if err == nil && signal.Event != nil {
				h.before(after, signal.Event.Position)
			}
			if !yield(signal, err) {
				return
			}
		}
	}
}

// faulty is a source whose subscriptions misbehave: each breaks after some
// events, delivers every event twice and repeats that it has caught up.
type faulty struct {
	projections.Source
	after int
}

var errDropped = errors.New("the connection was dropped")

func (f faulty) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		left := f.after
		for signal, err := range f.Source.Subscribe(ctx, categories, after) {
			if err == nil && signal.Event != nil {
				if left--; left < 0 {
					yield(es.Signal{}, errDropped)
					return
				}
			}
			for range 2 {
				if !yield(signal, err) {
					return
				}
			}
			if err == nil && !yield(es.Signal{CaughtUp: true}, nil) {
				return
			}
		}
	}
}

func TestRun_SurvivesABrokenSubscription(t *testing.T) {
	t.Run("dropped connections, duplicates and repeated signals lose and double nothing", func(t *testing.T) {
		b := newBench(t, "one", "two")
		b.source = faulty{Source: b.store, after: 9}
		b.count(20)
		r := b.runner()
		b.start(r.Run)
		last := b.count(25)
		b.waitFor(r, last)
		b.requireExact("one", last)
		b.requireExact("two", last)
	})

	t.Run("reads that break off while a projection catches up alone", func(t *testing.T) {
		b := newBench(t, "one", "two")
		both := b.models
		b.models = both[:1]
		r := b.runner()
		stop := b.start(r.Run)
		last := b.count(40)
		b.waitFor(r, last)
		stop()
		b.models = both
		// Fewer than a batch at a time still get on.
		b.store.BreakReadAfter(3, es.ErrStoreUnavailable)
		r = b.runner()
		b.start(r.Run)
		b.waitFor(r, last)
		b.store.Mend()
		b.requireExact("two", last)
	})
}

func TestRun_RowsDoNotDependOnBatches(t *testing.T) {
	b := newBench(t, "one")
	rapid.Check(t, func(rt *rapid.T) {
		b.reset()
		sizes := rapid.SliceOfN(rapid.IntRange(1, 20), 1, 4).Draw(rt, "events between restarts")
		b.size = rapid.IntRange(1, 25).Draw(rt, "batch size")
		r := b.runner()
		var last es.Position
		for _, n := range sizes {
			last = b.count(n)
			stop := b.start(r.Run)
			b.waitFor(r, last)
			stop()
		}
		live := b.totals("one")
		require.Equal(rt, b.folded(last), live, "live equals fold")
		c := b.config()
		c.RebuildBatchSize = rapid.IntRange(1, 25).Draw(rt, "rebuild batch size")
		again, err := projections.NewRunner(c)
		require.NoError(rt, err)
		require.NoError(rt, again.Rebuild(t.Context(), []string{"one"}, nil))
		require.Equal(rt, live, b.totals("one"), "rebuild equals live")
		b.requireExact("one", last)
	})
}
