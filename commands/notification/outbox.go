package notification

import (
	"context"
	"time"

	"praxis/domain/id"
)

// Outbox is where notifications wait until they leave as mail. Everything may be
// repeated. Its faults are of kind Unavailable where repeating can help.
type Outbox interface {
	// HoldInvitation keeps an invitation back until it is in the log. Holding it again
	// replaces what waits, and changes nothing once it was released. Fault:
	// "mail_malformed" for an address that cannot be written to.
	HoldInvitation(ctx context.Context, i Invitation) error
	// Release lets what is held go; it does nothing to what is not.
	Release(ctx context.Context, which ID) error
	// Drop takes back what was not sent yet.
	Drop(ctx context.Context, which ID) error
	// Notify queues a notification, once.
	Notify(ctx context.Context, n Notification) error
	// Write queues a mail to an address, once.
	Write(ctx context.Context, l Letter) error
	// Token returns the secret that belongs to some words, the same each time: only who
	// has the key of this installation can make it.
	Token(ctx context.Context, of ...string) (string, error)
	// InvitationLink says where invitations are answered.
	InvitationLink() Link
	// NameOf returns what the person of an account is called, as far as known.
	NameOf(ctx context.Context, account id.Account) (string, error)
	// Held returns the invitations that have been held since an instant or longer.
	Held(ctx context.Context, since time.Time) ([]Held, error)
	// DropHeld drops an invitation unless it was released or held again meanwhile.
	DropHeld(ctx context.Context, h Held) error
}

// Held is the mail of an invitation that waits until the invitation is in the log.
type Held struct {
	Invitation id.Invitation
	Group      id.Group
	// Since is when it was held last, UTC.
	Since time.Time
}
