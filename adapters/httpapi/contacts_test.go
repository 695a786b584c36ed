package httpapi_test

import (
	"context"
	"errors"
	"testing"
	"time"

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

// away are contacts that cannot be written.
type away struct{}

func (away) Remember(context.Context, id.Account, string, string, time.Time) error {
	return errors.New("away")
}

func (away) Of(context.Context, ...id.Account) (map[id.Account]contacts.Contact, error) {
	return nil, errors.New("away")
}

func TestNoRequestFailsBecauseItsSenderCannotBeRemembered(t *testing.T) {
	p := newStack(t, with(func(c *httpapi.Config) { c.Contacts = away{} }))
	require.NotEmpty(t, p.me("olivia").Account)
	require.Contains(t, p.logs.String(), "a contact was not kept")
	require.NotContains(t, p.logs.String(), "example.org")
}
