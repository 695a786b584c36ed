package mail

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/adapters/postgres"
	"praxis/commands"
	"praxis/commands/letters"
	"praxis/commands/processes"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Notifier puts letters into the outbox and takes them back.
type Notifier struct {
	Pool *pgxpool.Pool
	// Clock says when letters are queued, and Contacts what people are called.
	Clock    func() time.Time
	Contacts Contacts
	// Link says where invitations are answered.
	Link letters.Link
}

var (
	_ commands.Letters   = Notifier{}
	_ processes.Notifier = Notifier{}
)

// invitation is the mail of an invitation. Fault: "mail_malformed".
func (p Notifier) invitation(i letters.Invitation) (Message, error) {
	letter := i.Letter(p.Link)
	m := Message{ID: letters.InvitationID(i.ID), To: i.Address, Subject: letter.Subject, Text: letter.Text}
	return m, m.check()
}

// CheckInvitation implements commands.Letters.
func (p Notifier) CheckInvitation(i letters.Invitation) error {
	_, err := p.invitation(i)
	return err
}

// HoldInvitation implements commands.Letters.
func (p Notifier) HoldInvitation(ctx context.Context, i letters.Invitation) error {
	m, err := p.invitation(i)
	if err != nil {
		return err
	}
	_, err = p.Pool.Exec(ctx, `
insert into praxis.outbox as o (id, recipient, subject, body, address_hash, state, next_at, queued_at, group_id, invitation)
values ($1, $2, $3, $4, $5, 'held', $6, $6, $7, $8)
on conflict (id) do update
   set recipient = excluded.recipient, subject = excluded.subject, body = excluded.body, address_hash = excluded.address_hash,
       state = 'held', next_at = excluded.next_at, queued_at = excluded.queued_at
 where o.state in ('held', 'dropped')`,
		m.ID, m.To, m.Subject, m.Text, addressHash(m.To), p.Clock().UTC(), i.Group, i.ID)
	return classified("hold a mail", err)
}

// Release implements processes.Notifier.
func (p Notifier) Release(ctx context.Context, mail letters.ID) error {
	_, err := p.Pool.Exec(ctx, `update praxis.outbox set state = 'queued', next_at = $2 where id = $1 and state = 'held'`, mail, p.Clock().UTC())
	return classified("release a mail", err)
}

// drop is what is left of a mail that is not to be sent any more. One that is with
// the mail server at this moment may still arrive; then it counts as sent.
const drop = `update praxis.outbox set state = 'dropped', recipient = null, subject = null, body = null where id = $1 and `

// Drop implements processes.Notifier.
func (p Notifier) Drop(ctx context.Context, mail letters.ID) error {
	_, err := p.Pool.Exec(ctx, drop+`state in ('held', 'queued', 'sending', 'failed')`, mail)
	return classified("drop a mail", err)
}

// Notify implements processes.Notifier.
func (p Notifier) Notify(ctx context.Context, n letters.Notice) error {
	m := Message{ID: n.ID, Account: n.To, Subject: n.Subject, Text: n.Text}
	return classified("queue a notice", Enqueue(ctx, p.Pool, m, p.Clock()))
}

// Held implements processes.Notifier.
func (p Notifier) Held(ctx context.Context, before time.Time) ([]processes.HeldLetter, error) {
	rows, err := p.Pool.Query(ctx, `
select invitation, group_id, queued_at from praxis.outbox where state = 'held' and queued_at <= $1 order by queued_at, id`, before.UTC())
	if err != nil {
		return nil, classified("read what is held", err)
	}
	held, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (processes.HeldLetter, error) {
		var h processes.HeldLetter
		err := row.Scan(&h.Invitation, &h.Group, &h.Since)
		h.Since = h.Since.UTC()
		return h, err
	})
	return held, classified("read what is held", err)
}

// InvitationTo is an invitation that a mail was written for.
type InvitationTo struct {
	Group      id.Group
	Invitation id.Invitation
}

// InvitationsTo returns the invitations that were ever mailed to an address, or are
// to be, answered and ended ones too. The error does not carry the address.
func (p Notifier) InvitationsTo(ctx context.Context, address string) ([]InvitationTo, error) {
	rows, err := p.Pool.Query(ctx, `
select group_id, invitation from praxis.outbox where address_hash = $1 and invitation is not null order by id`, addressHash(address))
	if err != nil {
		return nil, classified("read invitations", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[InvitationTo])
	return all, classified("read invitations", err)
}

// DropHeld implements processes.Notifier.
func (p Notifier) DropHeld(ctx context.Context, h processes.HeldLetter) error {
	_, err := p.Pool.Exec(ctx, drop+`state = 'held' and queued_at = $2`, letters.InvitationID(h.Invitation), h.Since)
	return classified("drop a held mail", err)
}

// Names implements processes.Notifier.
func (p Notifier) Names(ctx context.Context, accounts ...id.Account) (map[id.Account]string, error) {
	known, err := p.Contacts.Of(ctx, accounts...)
	names := make(map[id.Account]string, len(known))
	for account, c := range known {
		names[account] = c.Name
	}
	return names, classified("read names", err)
}

var (
	errUnavailable = fault.New(fault.Unavailable, "outbox_unavailable", "The outbox of mails cannot be reached at the moment. Nothing was changed; try again shortly.")
	errRefused     = fault.New(fault.Internal, "outbox_refused", "The outbox does not take this mail. Report the request, the event or the timer named here.")
)

// classified says of an error whether repeating can help. Statements that Postgres
// refuses for what is in them fail for ever.
func classified(doing string, err error) error {
	if err == nil || errors.Is(err, errMessage) {
		return err
	}
	// A database that lost its tables gets them anew.
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code != "42P01" && slices.Contains([]string{"22", "23", "42"}, pg.Code[:min(2, len(pg.Code))]) {
		return errRefused.Because(postgres.Scrubbed(doing, err))
	}
	return errUnavailable.Because(postgres.Scrubbed(doing, err))
}
