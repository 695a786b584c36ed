package contacts

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/adapters/postgres"
	"praxis/domain/id"
	"praxis/domain/text"
)

// Contact is what is known of an account.
type Contact struct {
	// Address is a verified e-mail address, empty while none is known.
	Address string
	// Name is for display only, empty while unknown.
	Name string
	// UpdatedAt is when either last changed, UTC.
	UpdatedAt time.Time
}

// Book keeps the contacts of a database. It is safe for concurrent use; several
// may work on one database.
type Book struct {
	pool   *pgxpool.Pool
	recent *lru.Cache[id.Account, note]
}

// note is what a Book last wrote, or tried to write, about an account.
type note struct {
	address, name string
	// until is when it is written again although nothing changed.
	until time.Time
}

const (
	// noted is for how many accounts a Book remembers what it wrote.
	noted = 10_000
	// trusted is how long that is believed: another instance, or an erasure there,
	// may have written since.
	trusted = time.Hour
	// resting is how long an account rests whose contact could not be written, so
	// that a database that is away does not delay every request.
	resting = time.Minute
	// patience bounds one attempt at writing.
	patience = 2 * time.Second
)

// displayName is what a sign-in service calls a person. People choose it freely
// there, and cannot be asked here to choose another.
var displayName = text.Line("name", 200)

// New returns the contacts of a database.
func New(pool *pgxpool.Pool) (*Book, error) {
	recent, err := lru.New[id.Account, note](noted)
	if err != nil {
		return nil, fmt.Errorf("contacts: %w", err)
	}
	return &Book{pool: pool, recent: recent}, nil
}

// Remember keeps what a sign-in says of an account, and that there was one. What it
// does not say is left as it is known, and what is known already is not written
// again. The error carries neither the address nor the name.
func (b *Book) Remember(ctx context.Context, account id.Account, address, name string, now time.Time) error {
	name = displayName.Tidy(name)
	last, known := b.recent.Get(account)
	if known && last.address == address && last.name == name && now.Before(last.until) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := b.pool.Exec(ctx, `
insert into praxis.contacts as c (account, address, name, updated_at) values ($1, $2, $3, $4)
on conflict (account) do update
   set address = coalesce(nullif(excluded.address, ''), c.address), name = coalesce(nullif(excluded.name, ''), c.name),
       updated_at = excluded.updated_at
 where (excluded.address <> '' and excluded.address <> c.address) or (excluded.name <> '' and excluded.name <> c.name)`,
		account, address, name, now.UTC())
	until := now.Add(trusted)
	if err != nil {
		until = now.Add(resting)
	}
	b.recent.Add(account, note{address, name, until})
	return postgres.Scrubbed("remember a contact", err)
}

// Of returns what is known of the accounts. Accounts of which nothing is known
// are not in the answer.
func (b *Book) Of(ctx context.Context, accounts ...id.Account) (map[id.Account]Contact, error) {
	found := make(map[id.Account]Contact, len(accounts))
	if len(accounts) == 0 {
		return found, nil
	}
	// An error of the query is that of its rows.
	rows, _ := b.pool.Query(ctx, `select account, address, name, updated_at from praxis.contacts where account = any($1)`, accounts)
	var account id.Account
	var c Contact
	_, err := pgx.ForEachRow(rows, []any{&account, &c.Address, &c.Name, &c.UpdatedAt}, func() error {
		c.UpdatedAt = c.UpdatedAt.UTC()
		found[account] = c
		return nil
	})
	if err != nil {
		return nil, postgres.Scrubbed("read contacts", err)
	}
	return found, nil
}

// Known reports whether anybody has signed in with an account that was not
// forgotten since. It implements commands.Accounts.
func (b *Book) Known(ctx context.Context, account id.Account) (known bool, err error) {
	err = b.pool.QueryRow(ctx, `select exists (select from praxis.contacts where account = $1)`, account).Scan(&known)
	return known, postgres.Scrubbed("look an account up", err)
}

// Forget erases what is known of an account; package erasure says when that may be.
// The next request of a sign-in makes it known again, to a Book of another process
// within the hour.
func (b *Book) Forget(ctx context.Context, account id.Account) error {
	_, err := b.pool.Exec(ctx, `delete from praxis.contacts where account = $1`, account)
	b.recent.Remove(account)
	return postgres.Scrubbed("forget a contact", err)
}
