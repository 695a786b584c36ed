package mail

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/adapters/contacts"
	"praxis/adapters/postgres"
	"praxis/commands/notification"
	"praxis/domain/id"
	"praxis/internal/retry"
)

// Contacts say where accounts can be written to.
type Contacts interface {
	// Of returns what is known of the accounts, and leaves the others out.
	Of(ctx context.Context, accounts ...id.Account) (map[id.Account]contacts.Contact, error)
}

// Outbox keeps what people are told until it has left as mail: it is where commands and
// processes leave that, and its Run sends it. Any number of Outboxes may share a
// database: each mail is handed to one of them.
type Outbox struct {
	// Pool is required, and so is Clock, which says when mails are queued and due.
	Pool  *pgxpool.Pool
	Clock func() time.Time
	// Contacts know what accounts are called and their addresses; without them mails to
	// accounts wait.
	Contacts Contacts
	// Link says where invitations are answered.
	Link notification.Link
	// Sender is required for Run.
	Sender Sender
	// Logger gets ids and codes, never an address or a text; nil discards.
	Logger *slog.Logger
	// Tick is how often an empty outbox is looked at; 0 means 1 s.
	Tick time.Duration
	// Lease is how long a mail may be with one Outbox before another takes it for
	// dead; 0 means 5 minutes. It must be longer than the Sender ever takes.
	Lease time.Duration
	// MaxAttempts is how often a mail is tried; 0 means 12, about eight hours.
	MaxAttempts int
}

// The waits between attempts: 30 seconds, doubling up to two hours.
const (
	firstWait = 30 * time.Second
	mostWait  = 2 * time.Hour
)

// wait is how long to wait after the given attempt, counted from 1.
func wait(attempt int) time.Duration { return min(firstWait<<min(attempt-1, 10), mostWait) }

// Run sends what is queued until ctx ends. It survives every outage of the
// database and of the mail server.
func (o Outbox) Run(ctx context.Context) error {
	o = o.withDefaults()
	loop := &retry.Loop{What: "sending mails", Logger: o.Logger}
	for ctx.Err() == nil {
		sent, err := o.next(ctx)
		if err != nil && ctx.Err() == nil {
			loop.Failed(err.Error())
			// The only error is that of ctx, which the loop checks.
			_ = loop.Pause(ctx)
		}
		if err != nil {
			continue
		}
		loop.Worked()
		if !sent {
			_ = retry.Sleep(ctx, o.Tick)
		}
	}
	return nil
}

func (o Outbox) withDefaults() Outbox {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Tick = cmp.Or(o.Tick, time.Second)
	o.Lease = cmp.Or(o.Lease, 5*time.Minute)
	o.MaxAttempts = cmp.Or(o.MaxAttempts, 12)
	return o
}

// next sends the mail that is due first; ok is false when none is.
func (o Outbox) next(ctx context.Context) (ok bool, err error) {
	c, ok, err := o.claim(ctx)
	if err != nil || !ok {
		return ok, err
	}
	if c.attempts > o.MaxAttempts {
		// The last attempt was never settled.
		return true, o.settle(ctx, c, &SendError{Code: "gave_up", Final: true})
	}
	if c.message.To, err = o.address(ctx, c.message); err != nil {
		return false, err
	}
	if c.message.To == "" {
		return true, o.settle(ctx, c, &SendError{Code: "address_unknown"})
	}
	err = o.Sender.Send(ctx, c.message)
	if err == nil {
		return true, o.sent(ctx, c)
	}
	failed, known := errors.AsType[*SendError](err)
	if !known {
		failed = &SendError{Code: "sender_failed"}
	}
	if ctx.Err() != nil {
		// Broken off by our own end: the lease runs out and it is sent again.
		return false, ctx.Err()
	}
	return true, o.settle(ctx, c, failed)
}

// address is where a mail goes as of now; empty while that is not known.
func (o Outbox) address(ctx context.Context, m Message) (string, error) {
	if m.Account.IsZero() || o.Contacts == nil {
		return m.To, nil
	}
	known, err := o.Contacts.Of(ctx, m.Account)
	return known[m.Account].Address, err
}

// claimed is a mail that this Outbox has until its lease ends.
type claimed struct {
	message  Message
	attempts int
}

// claim takes the mail that is due first. One that was being sent when its lease
// ran out may have been sent, so it counts as uncertain.
func (o Outbox) claim(ctx context.Context) (c claimed, ok bool, err error) {
	now := o.Clock().UTC()
	m := &c.message
	var account *id.Account
	err = o.Pool.QueryRow(ctx, `
update praxis.outbox
   set state = 'sending', attempts = attempts + 1, next_at = $2,
       uncertain = uncertain + case when state = 'sending' then 1 else 0 end
 where id = (select id from praxis.outbox where state in ('queued', 'sending') and next_at <= $1
              order by next_at, id limit 1 for update skip locked)
returning id, coalesce(recipient, ''), account, subject, body, queued_at, attempts`, now, now.Add(o.Lease)).
		Scan(&m.ID, &m.To, &account, &m.Subject, &m.Text, &m.At, &c.attempts)
	if errors.Is(err, pgx.ErrNoRows) {
		return claimed{}, false, nil
	}
	if account != nil {
		m.Account = *account
	}
	return c, err == nil, postgres.Scrubbed("take a mail", err)
}

// sent records that the mail server took the mail, and forgets the address.
// It counts as sent even if another process has taken or dropped it meanwhile.
func (o Outbox) sent(ctx context.Context, c claimed) error {
	_, err := o.Pool.Exec(ctx, `
update praxis.outbox
   set state = 'sent', recipient = null, subject = null, body = null, address_hash = $3, last_error = '', sent_at = $2
 where id = $1 and state <> 'sent'`, c.message.ID, o.Clock().UTC(), addressHash(c.message.To))
	o.Logger.InfoContext(ctx, "mail sent", "mail", c.message.ID.String(), "attempt", c.attempts)
	return postgres.Scrubbed("record a sent mail", err)
}

// settle records an attempt that failed: the mail waits for the next one, or is
// given up. It changes nothing if another Outbox has taken the mail meanwhile.
func (o Outbox) settle(ctx context.Context, c claimed, f *SendError) error {
	state, uncertain := "queued", 0
	if f.Final || c.attempts >= o.MaxAttempts {
		state = "failed"
	}
	if f.Uncertain {
		uncertain = 1
	}
	_, err := o.Pool.Exec(ctx, `
update praxis.outbox set state = $3, next_at = $4, last_error = $5, uncertain = uncertain + $6
 where id = $1 and state = 'sending' and attempts = $2`,
		c.message.ID, c.attempts, state, o.Clock().UTC().Add(wait(c.attempts)), f.Code, uncertain)
	o.Logger.WarnContext(ctx, "mail not sent", "mail", c.message.ID.String(), "attempt", c.attempts, "code", f.Code, "state", state)
	return postgres.Scrubbed("record a mail that was not sent", err)
}
