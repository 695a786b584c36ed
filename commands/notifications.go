package commands

import (
	"cmp"
	"context"

	"praxis/commands/notification"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// hold makes the mail of an invitation wait before the invitation is appended: the
// address stands in no event, so that after a crash in between it would be lost.
// What is held without an invitation in the log is dropped later.
func (e *Engine) hold(ctx context.Context, call Call, practice notification.Sender, address string, events []group.Event) error {
	if e.config.Outbox == nil || address == "" {
		return nil
	}
	for _, event := range events {
		invited, ok := event.(group.MemberInvited)
		if !ok {
			continue
		}
		i := notification.Invitation{
			ID: invited.Invitation, Group: call.Group, Sender: practice, Address: address,
			Role: invited.Role, Clinician: invited.Clinician, ExpiresAt: invited.ExpiresAt,
		}
		if call.DryRun {
			return i.Check()
		}
		return e.config.Outbox.HoldInvitation(ctx, i)
	}
	return nil
}

// Group shows a practice, read to its tail, to one of Praxis' own processes,
// which needs no permission. look must not keep the state. Faults:
// "process_only", "group_not_found".
func (e *Engine) Group(ctx context.Context, process string, g id.Group, look func(group.State)) error {
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
