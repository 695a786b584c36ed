package erasure

import (
	"context"

	"praxis/adapters/contacts"
	"praxis/adapters/mail"
	"praxis/commands"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// The reasons why somebody stays known.
var (
	errMember  = fault.New(fault.Rejected, "membership_active", "This account belongs to a practice, which has to be able to write to it. The membership has to end first.")
	errInvited = fault.New(fault.Rejected, "invitation_open", "There is an open invitation for this account. It has to be declined, taken back or run out first.")
)

// Erasure erases contacts.
type Erasure struct {
	Engine   *commands.Engine
	Contacts *contacts.Book
	// Outbox knows who was invited.
	Outbox mail.Outbox
}

// Request asks for the erasure of what is known of an account.
type Request struct {
	Account id.Account
	// Address is an address that the account is known to have besides the one that
	// is to be erased; empty for none.
	Address string
	// DryRun asks only whether it may be done.
	DryRun bool
}

// Forget erases the name and the address of an account that has no membership and
// no open invitation, as the log says, and reports whether anything was known. A
// later sign-in makes them known again. An invitation is found by its mail: after
// the outbox was lost, earlier ones do not prevent an erasure. Faults:
// "membership_active", "invitation_open".
func (e Erasure) Forget(ctx context.Context, r Request) (known bool, err error) {
	membership, err := e.Engine.MembershipOf(ctx, r.Account)
	if err != nil {
		return false, err
	}
	if !membership.Group.IsZero() {
		return false, errMember
	}
	found, err := e.Contacts.Of(ctx, r.Account)
	if err != nil {
		return false, err
	}
	for _, address := range []string{found[r.Account].Address, r.Address} {
		if err := e.checkInvitations(ctx, address); err != nil {
			return false, err
		}
	}
	_, known = found[r.Account]
	if r.DryRun || !known {
		return known, nil
	}
	return true, e.Contacts.Forget(ctx, r.Account)
}

// checkInvitations refuses an address that is invited.
func (e Erasure) checkInvitations(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	invitations, err := e.Outbox.InvitationsTo(ctx, address)
	if err != nil {
		return err
	}
	for _, i := range invitations {
		open, err := e.Engine.IsInvitationOpen(ctx, i.Group, i.Invitation)
		if err != nil {
			return err
		}
		if open {
			return errInvited
		}
	}
	return nil
}
