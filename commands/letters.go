package commands

import (
	"cmp"
	"context"

	"praxis/commands/letters"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Letters keep the mail of an invitation back until its invitation is in the log.
type Letters interface {
	// HoldInvitation puts the mail into the outbox, where it waits. Holding it again
	// replaces what waits, and changes nothing once it was let go. Faults:
	// "mail_malformed" for an address that cannot be written to, and one of kind
	// Unavailable.
	HoldInvitation(ctx context.Context, i letters.Invitation) error
	// CheckInvitation refuses what HoldInvitation would never take, and keeps nothing.
	// Fault: "mail_malformed".
	CheckInvitation(i letters.Invitation) error
}

// hold makes the mail of an invitation wait before the invitation is appended: the
// address stands in no event, so that after a crash in between it would be lost.
// What is held without an invitation in the log is dropped later.
func (e *Engine) hold(ctx context.Context, call Call, practice letters.Practice, address string, events []group.Event) error {
	if e.letters == nil || address == "" {
		return nil
	}
	for _, event := range events {
		invited, ok := event.(group.MemberInvited)
		if !ok {
			continue
		}
		letter := letters.Invitation{
			ID: invited.Invitation, Group: call.Group, Practice: practice, Address: address,
			Role: invited.Role, Clinician: invited.Clinician, ExpiresAt: invited.ExpiresAt,
		}
		if call.DryRun {
			return e.letters.CheckInvitation(letter)
		}
		return e.letters.HoldInvitation(ctx, letter)
	}
	return nil
}

// Practice shows a practice, read to its tail, to one of Praxis' own processes,
// which needs no permission. look must not keep the state. Faults:
// "process_only", "group_not_found".
func (e *Engine) Practice(ctx context.Context, process string, g id.Group, look func(group.State)) error {
	if process == "" {
		return errProcessOnly
	}
	var unknown error
	err := e.groups.view(ctx, group.Stream(g), func(s group.State, at es.Revision) {
		if at == es.NoStream {
			unknown = errUnknownGroup
			return
		}
		look(s)
	})
	return cmp.Or(err, unknown)
}
