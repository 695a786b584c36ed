package processes_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/adapters/postgres/lease"
	"praxis/adapters/postgres/pgtest"
	"praxis/adapters/processes"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/booking"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/internal/likeserver"
	"praxis/internal/runtest"
	"praxis/internal/stores"
)

// TestRunner_OnTheRealStores runs a process through the client of EventStoreDB, on
// every kind of store, stops it, and lets another go on: a practice that was founded
// gets online booking after a day, once.
func TestRunner_OnTheRealStores(t *testing.T) {
	stores.Each(t, greetsOnce)
}

func greetsOnce(t *testing.T, k stores.Kind) {
	store := k.Open(t)
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	pool := pgtest.New(t)
	var offset atomic.Int64
	clock := func() time.Time {
		return time.Now().UTC().Add(time.Duration(offset.Load()))
	}
	engine := commands.NewEngine(commands.Config{Store: store, Registry: registry, Clock: clock})

	greeter := process.Process{
		Name: "greeter", Categories: []es.Category{group.Category}, FromNow: true,
		OnEvent: func(env es.Envelope) ([]process.Effect, error) {
			if env.Revision != 0 {
				return nil, nil
			}
			g, _ := env.Stream.Group()
			return []process.Effect{process.SetTimer{Group: g, Key: "greet", Due: env.RecordedAt.Add(24 * time.Hour)}}, nil
		},
		OnTimer: func(timer process.Timer) ([]process.Effect, error) {
			return []process.Effect{process.Send{Group: timer.Group, Command: "turn on", Give: func(ctx context.Context, call commands.Call) error {
				_, err := commands.TurnOnlineBooking.Give(ctx, engine, call, true)
				return err
			}}}, nil
		},
	}
	// live runs the process until its status is as said.
	live := func(holds func(process.Status) bool) {
		t.Helper()
		r, err := process.NewRunner(process.Config{
			Source: store, Registry: registry, Journal: processes.New(pool), Processes: []process.Process{greeter},
			Clock: clock, Tick: 5 * time.Millisecond, Leases: lease.New(pool.Config().ConnConfig, lease.Config{}),
		})
		require.NoError(t, err)
		stop := runtest.Start(t, r.Run)
		runtest.Until(t, func(ctx context.Context) process.Status {
			report, err := r.Status(ctx)
			require.NoError(t, err)
			return report[0]
		}, holds)
		stop()
	}

	live(func(s process.Status) bool { return s.CaughtUp && !s.UpdatedAt.IsZero() })
	g := id.New[id.Group]()
	_, err = commands.CreateGroup.Give(t.Context(), engine, commands.Call{Account: id.New[id.Account](), Group: g, Command: id.New[id.Command]()}, group.CreateGroup{
		Group: g, Name: "Elm Street", Owner: id.New[id.Member](), BillingZone: "America/New_York",
		Currency: "USD", DefaultBranch: id.New[id.Branch](), DefaultBranchName: "Main",
	})
	require.NoError(t, err)
	// What others wrote meanwhile is passed over.
	stores.Foreign(t, store, 3_000)
	live(func(s process.Status) bool { return s.Timers == 1 && s.CaughtUp })
	offset.Store(int64(25 * time.Hour))
	live(func(s process.Status) bool { return s.Fired == 1 })
	live(func(s process.Status) bool { return s.CaughtUp && s.Timers == 0 && s.Accepted == 1 })

	var actors []string
	for rec, err := range store.ReadStream(t.Context(), booking.PolicyStream(g), 0) {
		require.NoError(t, err)
		env, err := registry.Decode(rec)
		require.NoError(t, err)
		actors = append(actors, env.Meta.Actor)
	}
	require.Equal(t, []string{"system:greeter"}, actors)
}

// TestFoundR2_AProcessThatCannotSeeInTimeIsUnknown: a status answers within a second
// whatever lies between a process and its next event.
func TestFoundR2_AProcessThatCannotSeeInTimeIsUnknown(t *testing.T) {
	server := likeserver.Start(t, likeserver.Config{Pace: 1_000})
	store := stores.Kind{Config: eventstore.Config{URL: server.URL()}}.Open(t)
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	require.NoError(t, server.Foreign(t.Context(), 5_000))
	runner, err := process.NewRunner(process.Config{
		Source: store, Registry: registry, Journal: processes.New(pgtest.New(t)), Clock: time.Now,
		Processes: []process.Process{{
			Name: "idler", Categories: []es.Category{group.Category},
			OnEvent: func(es.Envelope) ([]process.Effect, error) { return nil, nil },
		}},
	})
	require.NoError(t, err)
	report, err := runner.Status(t.Context())
	require.NoError(t, err)
	require.True(t, report[0].LagUnknown)
	require.False(t, report[0].CaughtUp)
	require.Zero(t, report[0].Lag)
	require.Less(t, server.Traffic().Considered, int64(5_000), "it does not look to the end")
}
