package mail

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/adapters/postgres"
	"praxis/commands/notification"
	"praxis/domain/fault"
	"praxis/domain/id"
)

var _ notification.Outbox = Outbox{}

// HoldInvitation implements notification.Outbox.
func (o Outbox) HoldInvitation(ctx context.Context, i notification.Invitation) error {
	words := i.Words(o.Link)
	m := Message{ID: notification.InvitationID(i.ID), To: i.Address, Subject: words.Subject, Text: words.Text}
	if err := m.check(); err != nil {
		return err
	}
	_, err := o.Pool.Exec(ctx, `
insert into praxis.outbox as o (id, recipient, subject, body, address_hash, state, next_at, queued_at, group_id, invitation)
values ($1, $2, $3, $4, $5, 'held', $6, $6, $7, $8)
on conflict (id) do update
   set recipient = excluded.recipient, subject = excluded.subject, body = excluded.body, address_hash = excluded.address_hash,
       state = 'held', next_at = excluded.next_at, queued_at = excluded.queued_at
 where o.state in ('held', 'dropped')`,
		m.ID, m.To, m.Subject, m.Text, addressHash(m.To), o.Clock().UTC(), i.Group, i.ID)
	return classified("hold a mail", err)
}

// Release implements notification.Outbox.
func (o Outbox) Release(ctx context.Context, mail notification.ID) error {
	_, err := o.Pool.Exec(ctx, `update praxis.outbox set state = 'queued', next_at = $2 where id = $1 and state = 'held'`, mail, o.Clock().UTC())
	return classified("release a mail", err)
}

// drop is what is left of a mail that is not to be sent any more. One that is with
// the mail server at this moment may still arrive; then it counts as sent.
const drop = `update praxis.outbox set state = 'dropped', recipient = null, subject = null, body = null where id = $1 and `

// Drop implements notification.Outbox.
func (o Outbox) Drop(ctx context.Context, mail notification.ID) error {
	_, err := o.Pool.Exec(ctx, drop+`state in ('held', 'queued', 'sending', 'failed')`, mail)
	return classified("drop a mail", err)
}

// Notify implements notification.Outbox.
func (o Outbox) Notify(ctx context.Context, n notification.Notification) error {
	m := Message{ID: n.ID, Subject: n.Subject, Text: n.Text}
	if err := m.checkText(); err != nil {
		return err
	}
	_, err := o.Pool.Exec(ctx, `
insert into praxis.outbox (id, account, subject, body, next_at, queued_at) values ($1, $2, $3, $4, $5, $5)
on conflict (id) do nothing`, m.ID, n.To, m.Subject, m.Text, o.Clock().UTC())
	return classified("queue a notice", err)
}

// Held implements notification.Outbox.
func (o Outbox) Held(ctx context.Context, before time.Time) ([]notification.Held, error) {
	// An error of the query is that of its rows.
	rows, _ := o.Pool.Query(ctx, `
select invitation, group_id, queued_at from praxis.outbox where state = 'held' and queued_at <= $1 order by queued_at, id`, before.UTC())
	held, err := pgx.CollectRows(rows, pgx.RowToStructByPos[notification.Held])
	return held, classified("read what is held", err)
}

// InvitationTo is an invitation that a mail was written for.
type InvitationTo struct {
	Group      id.Group
	Invitation id.Invitation
}

// InvitationsTo returns the invitations that were ever mailed to an address, or are
// to be, answered and ended ones too. The error does not carry the address.
func (o Outbox) InvitationsTo(ctx context.Context, address string) ([]InvitationTo, error) {
	// An error of the query is that of its rows.
	rows, _ := o.Pool.Query(ctx, `
select group_id, invitation from praxis.outbox where address_hash = $1 and invitation is not null order by id`, addressHash(address))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[InvitationTo])
	return all, classified("read invitations", err)
}

// DropHeld implements notification.Outbox.
func (o Outbox) DropHeld(ctx context.Context, h notification.Held) error {
	_, err := o.Pool.Exec(ctx, drop+`state = 'held' and queued_at = $2`, notification.InvitationID(h.Invitation), h.Since)
	return classified("drop a held mail", err)
}

// NameOf implements notification.Outbox.
func (o Outbox) NameOf(ctx context.Context, account id.Account) (string, error) {
	known, err := o.Contacts.Of(ctx, account)
	return known[account].Name, classified("read names", err)
}

var (
	errUnavailable = fault.New(fault.Unavailable, "outbox_unavailable", "The outbox of mails cannot be reached at the moment. Nothing was changed; try again shortly.")
	errRefused     = fault.New(fault.Internal, "outbox_refused", "The outbox does not take this mail. Report the request, the event or the timer named here.")
)

// classified says of an error whether repeating can help.
func classified(doing string, err error) error {
	return postgres.Classified(doing, err, errUnavailable, errRefused)
}
