package erasure_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/contacts"
	"praxis/adapters/erasure"
	"praxis/adapters/mail"
	"praxis/adapters/memstore"
	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/notification"
	"praxis/domain/access"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

func TestForget(t *testing.T) {
	now := time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	pool := pgtest.New(t)
	book, err := contacts.New(pool)
	require.NoError(t, err)
	post := mail.Outbox{Pool: pool, Clock: clock, Contacts: book, Link: notification.Link{Template: "https://praxis.example.com/{group}/{invitation}", IsPage: true}}
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	store := memstore.New(memstore.WithClock(clock))
	t.Cleanup(store.Close)
	engine := commands.NewEngine(commands.Config{Store: store, Registry: registry, Clock: clock, Logger: slog.New(slog.DiscardHandler), Outbox: post})
	owner, ada, practice := id.Derive[id.Account]("owner"), id.Derive[id.Account]("ada"), id.Derive[id.Group]("practice")
	by := func(a id.Account, command string) commands.Call {
		return commands.Call{Account: a, Group: practice, AuthenticatedAt: now, Command: id.Derive[id.Command](command)}
	}
	_, err = commands.CreateGroup.Give(t.Context(), engine, by(owner, "found"), group.CreateGroup{
		Group: practice, Name: "Elm Street", Owner: id.Derive[id.Member]("owner"), BillingZone: "UTC", Currency: "USD",
		DefaultBranch: id.Derive[id.Branch]("main"), DefaultBranchName: "Main",
	})
	require.NoError(t, err)
	invite := func(address string) {
		t.Helper()
		_, err := commands.InviteMember.Give(t.Context(), engine, by(owner, "invite "+address), commands.Invite{ValidDays: 7, Address: address, InviteMember: group.InviteMember{
			Invitation: id.Derive[id.Invitation](address), EmailHash: commands.EmailHash(address), Role: access.SuperAdmin,
		}})
		require.NoError(t, err)
	}
	for _, a := range []id.Account{owner, ada} {
		require.NoError(t, book.Remember(t.Context(), a, "old@example.org", "Ada", now))
	}
	known := func(a id.Account) bool {
		t.Helper()
		found, err := book.Of(t.Context(), a)
		require.NoError(t, err)
		return len(found) == 1
	}
	e := erasure.Erasure{Engine: engine, Contacts: book, Outbox: post}
	refused := func(r erasure.Request, code string) {
		t.Helper()
		was, err := e.Forget(t.Context(), r)
		require.Equal(t, code, fault.From(err).Code)
		require.False(t, was)
		require.True(t, known(r.Account))
	}
	refused(erasure.Request{Account: owner}, "membership_active")

	invite("new@example.org")
	refused(erasure.Request{Account: ada, Address: "New@example.org"}, "invitation_open")
	was, err := e.Forget(t.Context(), erasure.Request{Account: ada, DryRun: true})
	require.NoError(t, err)
	require.True(t, was, "nobody said that this address is hers")
	require.True(t, known(ada), "a dry run erases nothing")

	invite("old@example.org")
	refused(erasure.Request{Account: ada}, "invitation_open")

	now = now.Add(7 * 24 * time.Hour)
	for _, want := range []bool{true, false} {
		was, err = e.Forget(t.Context(), erasure.Request{Account: ada, Address: "new@example.org"})
		require.NoError(t, err)
		require.Equal(t, want, was)
		require.False(t, known(ada))
	}
	require.True(t, known(owner))

	was, err = e.Forget(t.Context(), erasure.Request{Account: id.Derive[id.Account]("nobody")})
	require.NoError(t, err)
	require.False(t, was)
}
