package mail

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"praxis/adapters/postgres"
	"praxis/commands/notification"
)

// Write implements notification.Outbox.
func (o Outbox) Write(ctx context.Context, l notification.Letter) error {
	m := Message{ID: l.ID, To: l.To, Subject: l.Subject, Text: l.Text}
	if err := m.check(); err != nil {
		return err
	}
	_, err := o.Pool.Exec(ctx, `
insert into praxis.outbox (id, recipient, subject, body, address_hash, next_at, queued_at) values ($1, $2, $3, $4, $5, $6, $6)
on conflict (id) do nothing`, m.ID, m.To, m.Subject, m.Text, addressHash(m.To), o.Clock().UTC())
	return classified("queue a mail", err)
}

// InvitationLink implements notification.Outbox.
func (o Outbox) InvitationLink() notification.Link { return o.Link }

// Token implements notification.Outbox. The key is made once for a database.
func (o Outbox) Token(ctx context.Context, of ...string) (string, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // It never fails.
	if _, err := o.Pool.Exec(ctx, `insert into praxis.invitation_key (key) values ($1) on conflict do nothing`, key); err != nil {
		return "", postgres.Scrubbed("make the key of invitations", err)
	}
	if err := o.Pool.QueryRow(ctx, `select key from praxis.invitation_key`).Scan(&key); err != nil {
		return "", postgres.Scrubbed("read the key of invitations", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.Join(of, "\x00")))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}
