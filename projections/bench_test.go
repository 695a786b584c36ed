package projections_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/memstore"
	"praxis/adapters/postgres/lease"
	"praxis/adapters/postgres/pgtest"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
)

// ledger is a read model as most are: one upsert per event, ten events to a row.
type ledger struct{}

func (ledger) Name() string { return "ledger" }
func (ledger) Version() int { return 1 }
func (ledger) DDL() string {
	return "create table total (stream text primary key, events bigint not null)"
}
func (ledger) Tables() []string { return []string{"total"} }

func (ledger) Categories() []es.Category { return []es.Category{category} }

type streamed struct {
	Stream string `db:"stream"`
	Events int64  `db:"events"`
}

var ledgerTotals = rows.NewTable("total", func(t *streamed) string { return t.Stream }, "stream")

func (ledger) Project(b *rows.Batch, e es.Envelope) error {
	ledgerTotals.Upsert(b, streamed{string(e.Stream), 1}, func(t *streamed) { t.Events++ })
	return nil
}

// benchRunner is a runner over a log of n events in n/10 streams.
func benchRunner(b *testing.B, n int) (*projections.Runner, *memstore.Store) {
	b.Helper()
	pool := pgtest.New(b)
	reg := registry(b)
	store := memstore.New()
	for i := range n {
		name, data, meta, err := reg.Encode(counted{N: i}, es.Subject{}, es.Metadata{Actor: "member:1", Group: group})
		require.NoError(b, err)
		_, err = store.Append(b.Context(), es.StreamOf(category, group, fmt.Sprint(i%max(1, n/10))), es.AnyRevision,
			[]es.Proposed{{ID: id.New[id.Event](), Type: name, Data: data, Metadata: meta}})
		require.NoError(b, err)
	}
	r, err := projections.NewRunner(projections.Config{
		Pool: pool, Source: store, Registry: reg, Categories: []es.Category{category},
		Projectors: []projections.Projector{ledger{}}, Clock: time.Now, Leases: lease.New(pool.Config().ConnConfig, lease.Config{}),
	})
	require.NoError(b, err)
	return r, store
}

// BenchmarkRebuild measures a rebuild by upserts, store reads left out.
func BenchmarkRebuild(b *testing.B) {
	const n = 50_000
	r, _ := benchRunner(b, n)
	for b.Loop() {
		require.NoError(b, r.Rebuild(b.Context(), []string{"ledger"}, nil))
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkLiveLag measures the time from an append to its rows, one event at a
// time on an idle system.
func BenchmarkLiveLag(b *testing.B) {
	r, store := benchRunner(b, 1)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	require.NoError(b, r.WaitFor(ctx, es.Position{Commit: 1, Prepare: 1}))
	reg := registry(b)
	var lags []time.Duration
	for b.Loop() {
		name, data, meta, err := reg.Encode(counted{N: 1}, es.Subject{}, es.Metadata{})
		require.NoError(b, err)
		started := time.Now()
		done, err := store.Append(ctx, es.StreamOf(category, group), es.AnyRevision, []es.Proposed{{ID: id.New[id.Event](), Type: name, Data: data, Metadata: meta}})
		require.NoError(b, err)
		require.NoError(b, r.WaitFor(ctx, done.Position))
		lags = append(lags, time.Since(started))
	}
	slices.Sort(lags)
	b.ReportMetric(float64(lags[len(lags)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(lags[len(lags)*99/100].Microseconds())/1000, "p99-ms")
	cancel()
	require.NoError(b, <-ended)
}
