package lookups_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/lookups"
	"praxis/adapters/memstore"
	"praxis/adapters/postgres/lease"
	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/internal/runtest"
	"praxis/projections"
	"praxis/projections/roster"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var (
	_ commands.Rosters      = lookups.Lookups{}
	_ commands.Appointments = lookups.Lookups{}
)

var instant = time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)

func clock() time.Time { return instant }

// practice is a log with a roster that follows it only while it runs.
type practice struct {
	t        *testing.T
	group    id.Group
	store    *memstore.Store
	registry *es.Registry
	runner   *projections.Runner
	rosters  lookups.Lookups
}

func newPractice(t *testing.T) *practice {
	t.Helper()
	p := &practice{t: t, group: id.New[id.Group](), store: memstore.New(memstore.WithClock(clock))}
	t.Cleanup(p.store.Close)
	pool := pgtest.New(t)
	var err error
	p.registry, err = es.NewRegistry(es.Plain{}, chart.Events())
	require.NoError(t, err)
	p.runner, err = projections.NewRunner(projections.Config{
		Pool: pool, Source: p.store, Registry: p.registry, Projectors: []projections.Projector{roster.Projector{}},
		Categories: []es.Category{chart.Category}, Clock: clock, Leases: lease.New(pool.Config().ConnConfig, lease.Config{}),
	})
	require.NoError(t, err)
	require.NoError(t, projections.Install(t.Context(), pool, roster.Projector{}))
	p.rosters = lookups.Lookups{Pool: pool, Log: p.store, Freshness: p.runner}
	return p
}

// open records a chart and returns its facts.
func (p *practice) open() group.ChartFacts {
	p.t.Helper()
	f := group.ChartFacts{Chart: id.New[id.Chart](), Primary: id.New[id.Member](), Branch: id.New[id.Branch]()}
	typ, data, meta, err := p.registry.Encode(
		chart.Created{Chart: f.Chart, Group: p.group, FamilyName: "Cole", Branch: f.Branch, Primary: f.Primary, PrimaryRule: chart.ByChoice},
		es.Subject{Group: p.group, Chart: f.Chart}, es.Metadata{OccurredAt: instant},
	)
	require.NoError(p.t, err)
	_, err = p.store.Append(p.t.Context(), chart.Stream(p.group, f.Chart), es.AnyRevision,
		[]es.Proposed{{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: meta}})
	require.NoError(p.t, err)
	return f
}

// follow runs the roster until the test ends.
func (p *practice) follow() {
	runtest.Start(p.t, p.runner.Run)
}

func TestRosters(t *testing.T) {
	p := newPractice(t)
	opened := p.open()

	t.Run("a roster that lags knows what it knows", func(t *testing.T) {
		charts, err := p.rosters.ChartsOf(t.Context(), p.group)
		require.NoError(t, err)
		require.Empty(t, charts)
	})
	t.Run("AMB-14 what must be current is not answered from the past", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := p.rosters.CurrentChartsOf(ctx, p.group)
		require.Error(t, err)
		ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err = p.rosters.CurrentChartsOf(ctx, p.group)
		require.ErrorIs(t, err, fault.New(fault.Unavailable, "read_model_behind", ""))
	})
	t.Run("AMB-14 it waits until everything recorded is in the roster", func(t *testing.T) {
		p.follow()
		charts, err := p.rosters.CurrentChartsOf(t.Context(), p.group)
		require.NoError(t, err)
		require.Equal(t, []group.ChartFacts{opened}, charts)
		second := p.open()
		charts, err = p.rosters.CurrentChartsOf(t.Context(), p.group)
		require.NoError(t, err)
		require.ElementsMatch(t, []group.ChartFacts{opened, second}, charts)
	})
}
