package mail

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/adapters/postgres"
	"praxis/domain/fault"
)

// Status says how the outbox stands.
type Status struct {
	// Held, Queued, Sending, Sent, Failed and Dropped count the mails by state.
	Held    int64 `json:"held"`
	Queued  int64 `json:"queued"`
	Sending int64 `json:"sending"`
	Sent    int64 `json:"sent"`
	Failed  int64 `json:"failed"`
	Dropped int64 `json:"dropped"`
	// Uncertain counts the attempts whose answer was lost: as many mails may have
	// arrived twice, under one Message-ID.
	Uncertain int64 `json:"uncertain"`
	// Oldest is how long the oldest mail has been waiting to be sent; 0 without any.
	Oldest time.Duration `json:"oldestNanos"`
	// Failures are the mails that were given up, the latest first, at most 100.
	Failures []Failed `json:"failures,omitempty"`
}

// Failed is a mail that was given up.
type Failed struct {
	ID       ID        `json:"id"`
	Attempts int       `json:"attempts"`
	Code     string    `json:"code"`
	QueuedAt time.Time `json:"queuedAt"`
}

// Status reports how the outbox stands. It names no address.
func (o Outbox) Status(ctx context.Context) (Status, error) {
	var s Status
	var oldest *time.Time
	err := o.Pool.QueryRow(ctx, `
select count(*) filter (where state = 'held'), count(*) filter (where state = 'queued'),
       count(*) filter (where state = 'sending'), count(*) filter (where state = 'sent'),
       count(*) filter (where state = 'failed'), count(*) filter (where state = 'dropped'),
       coalesce(sum(uncertain), 0), min(queued_at) filter (where state in ('queued', 'sending'))
  from praxis.outbox`).Scan(&s.Held, &s.Queued, &s.Sending, &s.Sent, &s.Failed, &s.Dropped, &s.Uncertain, &oldest)
	if err != nil {
		return Status{}, postgres.Scrubbed("read the state of the outbox", err)
	}
	if oldest != nil {
		s.Oldest = max(0, o.Clock().Sub(*oldest))
	}
	// An error of the query is that of its rows.
	rows, _ := o.Pool.Query(ctx, `
select id, attempts, last_error, queued_at from praxis.outbox where state = 'failed' order by queued_at desc, id limit 100`)
	s.Failures, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Failed])
	return s, postgres.Scrubbed("read the failed mails", err)
}

// Retry queues a mail again that was given up, with all its attempts before it.
// Fault: "mail_not_failed".
func (o Outbox) Retry(ctx context.Context, mail ID) error {
	tag, err := o.Pool.Exec(ctx, `
update praxis.outbox set state = 'queued', attempts = 0, next_at = $2 where id = $1 and state = 'failed'`,
		mail, o.Clock().UTC())
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "mail_not_failed", "There is no mail of that id that was given up. `praxis mail status` lists them.")
	}
	return postgres.Scrubbed("queue a mail again", err)
}
