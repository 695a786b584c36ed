package mail

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"praxis/adapters/postgres"
)

// execer is a pool, a connection or a transaction.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Enqueue puts a mail into the outbox, once per id: in the transaction of what
// causes it, or alone. Fault: "mail_malformed".
func Enqueue(ctx context.Context, q execer, m Message, now time.Time) error {
	if err := m.checkQueued(); err != nil {
		return err
	}
	var to, account, hash any
	if m.Account.IsZero() {
		to, hash = m.To, addressHash(m.To)
	} else {
		account = m.Account
	}
	_, err := q.Exec(ctx, `
insert into praxis.outbox (id, recipient, account, subject, body, address_hash, next_at, queued_at)
values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (id) do nothing`,
		m.ID, to, account, m.Subject, m.Text, hash, now.UTC())
	return postgres.Scrubbed("queue mail", err)
}
