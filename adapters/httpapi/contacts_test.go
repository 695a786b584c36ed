package httpapi_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/contacts"
	"praxis/adapters/httpapi"
	"praxis/domain/id"
)

func TestWhoSignsInIsKnown(t *testing.T) {
	p := newStack(t)
	account, err := id.Parse[id.Account](p.me("olivia").Account)
	require.NoError(t, err)
	book, err := contacts.New(p.pool)
	require.NoError(t, err)
	known, err := book.Of(t.Context(), account)
	require.NoError(t, err)
	require.Equal(t, map[id.Account]contacts.Contact{account: {Address: "olivia@example.org", Name: "olivia", UpdatedAt: p.clock.Now()}}, known)
	require.NotContains(t, p.logs.String(), "example.org")
}

func TestWhoLeftOrNeverJoinedIsForgotten(t *testing.T) {
	p := newStack(t).found("olivia", true)
	const contact = "/v1/me/contact"
	known := func(subject string) bool {
		t.Helper()
		book, err := contacts.New(p.pool)
		require.NoError(t, err)
		account := id.Derive[id.Account]("nobody")
		err = p.pool.QueryRow(t.Context(), "select account from praxis.contacts where address = $1", subject+"@example.org").Scan(&account)
		if errors.Is(err, pgx.ErrNoRows) {
			return false
		}
		require.NoError(t, err)
		found, err := book.Of(t.Context(), account)
		require.NoError(t, err)
		return len(found) == 1
	}
	forget := func(subject string, options ...option) answer {
		t.Helper()
		return p.send(subject, http.MethodDelete, contact, nil, options...)
	}
	p.run(t, "who never joined, and the next request makes them known again", func(t *testing.T) {
		p.me("zoe")
		require.True(t, known("zoe"))
		require.Equal(t, "dry_run", forget("zoe", asDryRun).receipt().Outcome)
		require.True(t, known("zoe"))
		tail := p.tail()
		require.Equal(t, "done", forget("zoe").receipt().Outcome)
		require.False(t, known("zoe"))
		require.Equal(t, tail, p.tail(), "events know nothing of it")
		p.me("zoe")
		require.True(t, known("zoe"))
	})
	p.run(t, "not who is invited, until the invitation is declined, taken back or over", func(t *testing.T) {
		for _, end := range []func(i string){
			func(i string) { p.post("zoe", p.path("/invitations/", i, "/decline"), nil).done() },
			func(i string) { p.post("olivia", p.path("/invitations/", i, "/revoke"), nil).done() },
			func(string) { p.clock.Pass(60 * 24 * time.Hour) },
		} {
			i := p.invite("zoe", "user", true)
			forget("zoe").refused(http.StatusUnprocessableEntity, "invitation_open")
			require.True(t, known("zoe"))
			end(i)
			require.Equal(t, "done", forget("zoe").receipt().Outcome)
			require.False(t, known("zoe"))
		}
	})
	p.run(t, "not a member, until they have left", func(t *testing.T) {
		p.join("carla", "user", true)
		forget("carla").refused(http.StatusUnprocessableEntity, "membership_active")
		require.True(t, known("carla"))
		p.remove("carla")
		require.Equal(t, "done", forget("carla").receipt().Outcome)
		require.False(t, known("carla"))
		require.True(t, known("olivia"), "nobody else is forgotten")
	})
	require.NotContains(t, p.logs.String(), "example.org")
}

func TestNoRequestFailsBecauseItsSenderCannotBeRemembered(t *testing.T) {
	away, err := pgxpool.New(t.Context(), "postgres://praxis@127.0.0.1:1/praxis") // nothing listens there
	require.NoError(t, err)
	t.Cleanup(away.Close)
	book, err := contacts.New(away)
	require.NoError(t, err)
	p := newStack(t, with(func(c *httpapi.Config) { c.Contacts = book }))
	require.NotEmpty(t, p.me("olivia").Account)
	require.Contains(t, p.logs.String(), "keeping contacts fails")
	require.NotContains(t, p.logs.String(), "example.org")
}
