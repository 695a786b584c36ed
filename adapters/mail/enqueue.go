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
	if err := m.check(); err != nil {
		return err
	}
	_, err := q.Exec(ctx, `
insert into praxis.outbox (id, recipient, subject, body, address_hash, next_at, queued_at)
values ($1, $2, $3, $4, $5, $6, $6) on conflict (id) do nothing`,
		m.ID, m.To, m.Subject, m.Text, addressHash(m.To), now.UTC())
	return postgres.Scrubbed("queue mail", err)
}
