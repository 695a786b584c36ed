package processes_test

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards/simulated"
	"praxis/adapters/collecting"
	"praxis/adapters/contacts"
	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/adapters/lookups"
	"praxis/adapters/mail"
	"praxis/adapters/postgres/lease"
	"praxis/adapters/postgres/pgtest"
	journal "praxis/adapters/processes"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/internal/runtest"
	"praxis/projections"
	"praxis/projections/all"
	readmodel "praxis/projections/roster"
)

// TestAll_OnTheRealStores runs every process and every read model on the embedded
// node and Postgres: an invitation expires when its time has come, the charts
// of a closed branch and those of a leaver move, and a rebuild of the roster makes nothing of it happen again.
func TestAll_OnTheRealStores(t *testing.T) {
	logger := slog.New(slog.DiscardHandler)
	node, err := eventnode.Open(eventnode.Config{Dir: t.TempDir(), Logger: logger})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, node.Close(context.WithoutCancel(t.Context()))) })
	store, err := eventstore.Open(eventstore.Config{Socket: node.Address(), Logger: logger})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	pool := pgtest.New(t)
	var offset atomic.Int64
	clock := func() time.Time {
		return time.Now().UTC().Add(time.Duration(offset.Load()))
	}
	models, err := projections.NewRunner(projections.Config{
		Pool: pool, Source: store, Registry: registry, Projectors: all.Projectors(), Categories: catalog.Categories(), Clock: clock, Logger: logger,
		Leases: lease.New(pool.Config().ConnConfig, lease.Config{}),
	})
	require.NoError(t, err)
	require.NoError(t, projections.Install(t.Context(), pool, all.Projectors()...))
	book, err := contacts.New(pool)
	require.NoError(t, err)
	charts := lookups.Lookups{Pool: pool, Log: store, Freshness: models}
	engine := commands.NewEngine(commands.Config{Store: store, Registry: registry, Clock: clock, Logger: logger, Rosters: charts})
	runner, err := process.NewRunner(process.Config{
		Source: store, Registry: registry, Journal: journal.New(pool), Clock: clock, Tick: 5 * time.Millisecond,
		Leases: lease.New(pool.Config().ConnConfig, lease.Config{}),
		Processes: processes.All(processes.Config{
			Engine: engine, Registry: registry, Log: store, Charts: charts, Processor: collecting.Cards{Processor: simulated.Processor{}},
			Outbox: mail.Outbox{Pool: pool, Clock: clock, Contacts: book},
		}),
	})
	require.NoError(t, err)
	runtest.Start(t, models.Run)
	runtest.Start(t, runner.Run)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)

	g, owner, ann := id.New[id.Group](), person("owner"), person("ann")
	by := func(who someone) commands.Call {
		return commands.Call{Account: who.account, Email: who.email, Group: g, Command: id.New[id.Command]()}
	}
	owner.member = id.New[id.Member]()
	main := id.New[id.Branch]()
	_, err = commands.CreateGroup.Give(ctx, engine, by(owner), group.CreateGroup{
		Group: g, Name: "Elm Street", Owner: owner.member, OwnerIsClinician: true, BillingZone: "America/New_York",
		Currency: "USD", DefaultBranch: main, DefaultBranchName: "Main",
	})
	require.NoError(t, err)
	invite := func(who someone) id.Invitation {
		t.Helper()
		i := id.New[id.Invitation]()
		_, err := commands.InviteMember.Give(ctx, engine, by(owner), commands.Invite{ValidDays: 7, InviteMember: group.InviteMember{
			Invitation: i, EmailHash: commands.EmailHash(who.email), Role: access.User, Clinician: true,
		}})
		require.NoError(t, err)
		return i
	}
	receipt, err := commands.AcceptInvitation.Give(ctx, engine, by(ann), invite(ann))
	require.NoError(t, err)
	ann.member = receipt.Events[0].Event.(group.MemberJoined).Member
	c := id.New[id.Chart]()
	_, err = commands.CreateChart.Give(ctx, engine, by(ann), chart.CreateChart{Chart: c, Primary: ann.member, Patient: chart.Demographics{FamilyName: "Doe"}})
	require.NoError(t, err)
	unanswered := invite(person("bob"))

	// until waits for an event of the practice and returns it with who caused it.
	until := func(want group.Event) string {
		t.Helper()
		for feed, err := range store.Subscribe(ctx, []es.Category{group.Category}, es.Position{}) {
			require.NoError(t, err)
			if feed.Event == nil {
				continue
			}
			env, err := registry.Decode(*feed.Event)
			require.NoError(t, err)
			if env.Event == any(want) {
				return env.Meta.Actor
			}
		}
		require.FailNow(t, "it never happened")
		return ""
	}
	harbour := id.New[id.Branch]()
	_, err = commands.CreateBranch.Give(ctx, engine, by(owner), group.CreateBranch{Branch: harbour, Name: "Harbour"})
	require.NoError(t, err)
	_, err = commands.SetClinicianBranches.Give(ctx, engine, by(owner), group.SetClinicianBranches{Clinician: ann.member, Branches: []id.Branch{main, harbour}})
	require.NoError(t, err)
	_, err = commands.AssignBranch.Give(ctx, engine, by(owner), c, chart.AssignBranch{Branch: harbour})
	require.NoError(t, err)
	_, err = charts.CurrentChartsOf(ctx, g)
	require.NoError(t, err)
	_, err = commands.CloseBranch.Give(ctx, engine, by(owner), group.CloseBranch{Branch: harbour, MovedTo: main})
	require.NoError(t, err)
	require.Equal(t, "system:branches", until(group.BranchVacated{Branch: harbour, ChartsMoved: 1}))
	_, err = commands.StartMemberRemoval.Give(ctx, engine, by(owner), group.StartMemberRemoval{Member: ann.member, Rehoming: group.Rehoming{Default: owner.member}})
	require.NoError(t, err)
	require.Equal(t, "system:removals", until(group.MemberRemoved{Member: ann.member, ChartsMoved: 1}))
	offset.Store(int64(8 * day))
	require.Equal(t, "system:invitations", until(group.InvitationExpired{Invitation: unanswered}))

	before, err := store.Tail(ctx)
	require.NoError(t, err)
	require.NoError(t, models.Rebuild(ctx, []string{readmodel.Name}, nil))
	facts, err := charts.CurrentChartsOf(ctx, g)
	require.NoError(t, err)
	require.Equal(t, owner.member, facts[0].Primary)
	runtest.Until(t, func(ctx context.Context) []process.Status {
		report, err := runner.Status(ctx)
		require.NoError(t, err)
		return report
	}, func(report []process.Status) bool { // Every process goes on and has seen everything.
		return !slices.ContainsFunc(report, func(s process.Status) bool { return s.UpdatedAt.IsZero() || !s.CaughtUp })
	})
	after, err := store.Tail(ctx)
	require.NoError(t, err)
	require.Equal(t, before, after, "a rebuild makes nothing happen")
}
