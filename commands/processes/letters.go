package processes

import (
	"context"
	"time"

	"praxis/commands"
	"praxis/commands/letters"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Notifier is the outbox as processes need it. Everything may be repeated. Its faults
// are of kind Unavailable where repeating can help.
type Notifier interface {
	// Release lets a held letter go; it does nothing to one that is not held.
	Release(ctx context.Context, letter letters.ID) error
	// Drop takes back a letter that was not sent yet.
	Drop(ctx context.Context, letter letters.ID) error
	// Notify queues a letter to an account, once.
	Notify(ctx context.Context, n letters.Notice) error
	// Names returns what the people of accounts are called, as far as known.
	Names(ctx context.Context, accounts ...id.Account) (map[id.Account]string, error)
	// Held returns the letters that have been held since an instant or longer.
	Held(ctx context.Context, since time.Time) ([]HeldLetter, error)
	// DropHeld drops a letter unless it was released or held again meanwhile.
	DropHeld(ctx context.Context, h HeldLetter) error
}

// HeldLetter is the letter of an invitation that waits for its invitation.
type HeldLetter struct {
	Invitation id.Invitation
	Group      id.Group
	// Since is when it was held last, UTC.
	Since time.Time
}

// lettersName is the name of the process of letters.
const lettersName = "letters"

// Letters lets go the letters of invitations once they are in the log, takes them
// back when the invitation ends before they are sent (G-8), and writes to members
// what concerns them. It begins with what happens after it first ran: old events
// cause no letters.
func Letters(c Config) process.Process {
	return process.Process{Name: lettersName, Categories: []es.Category{group.Category}, FromNow: true, OnEvent: c.reactToLetters}
}

func (c Config) reactToLetters(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	release := func(i id.Invitation) process.Effect {
		return process.Send{Group: g, Command: "processes.release", Give: func(ctx context.Context, call commands.Call) error { return c.release(ctx, call, i) }}
	}
	withdraw := func(i id.Invitation) process.Effect {
		return process.Send{Group: g, Command: "processes.withdraw", Give: func(ctx context.Context, _ commands.Call) error {
			return c.Notifier.Drop(ctx, letters.InvitationID(i))
		}}
	}
	tell := process.Send{Group: g, Command: "processes.tell", Give: func(ctx context.Context, call commands.Call) error {
		return c.write(ctx, call, func(g group.State) notification { return notificationOf(g, env.Event) })
	}}
	switch e := env.Event.(type) {
	case group.MemberInvited:
		return []process.Effect{release(e.Invitation)}, nil
	case group.InvitationRevoked:
		return []process.Effect{withdraw(e.Invitation)}, nil
	case group.InvitationExpired:
		return []process.Effect{withdraw(e.Invitation)}, nil
	case group.GroupClosed:
		return []process.Effect{process.Send{Group: g, Command: "processes.withdrawAll", Give: c.withdrawAll}, tell}, nil
	case group.InvitationDeclined:
		return []process.Effect{withdraw(e.Invitation), tell}, nil
	case group.MemberJoined:
		return []process.Effect{withdraw(e.Invitation), tell}, nil
	case group.MemberAccessRevoked, group.OwnershipOffered, group.OwnershipTransferred, group.SuccessorNamed,
		group.SuccessionClaimed, group.SuccessionRejected, group.SuccessionWithdrawn,
		group.TrialExpired, group.ChargeFailed, group.ChargeCancelled, group.ChargeRefunded, group.RefundFailed,
		group.SubscriptionCancellationScheduled, group.SubscriptionCancelled, group.TraineeProofExpiring, group.TraineeProofExpired:
		return []process.Effect{tell}, nil
	case group.PermissionGranted:
		if e.GrantedBy == e.Member {
			return []process.Effect{tell}, nil
		}
	}
	return nil, nil
}

// release lets the letter of an invitation go, unless the invitation has ended.
func (c Config) release(ctx context.Context, call commands.Call, i id.Invitation) error {
	open := false
	err := c.Engine.Practice(ctx, call.Process, call.Group, func(g group.State) {
		invitation, known := g.Invitation(i)
		open = known && invitation.OpenAt(c.Engine.Clock())
	})
	if err != nil {
		return err
	}
	if !open {
		return c.Notifier.Drop(ctx, letters.InvitationID(i))
	}
	return c.Notifier.Release(ctx, letters.InvitationID(i))
}

// withdrawAll takes back the letters of a practice that was closed, which voids its
// invitations. Those that were sent stay so.
func (c Config) withdrawAll(ctx context.Context, call commands.Call) error {
	var all []group.Invitation
	err := c.Engine.Practice(ctx, call.Process, call.Group, func(g group.State) { all = g.Invitations() })
	for _, i := range all {
		if err == nil {
			err = c.Notifier.Drop(ctx, letters.InvitationID(i.ID))
		}
	}
	return err
}

// write queues the letters with what a practice, as it is now, has to say. Each is
// named by the command and its addressee, so that repeating queues nothing twice.
func (c Config) write(ctx context.Context, call commands.Call, what func(group.State) notification) error {
	var n notification
	err := c.Engine.Practice(ctx, call.Process, call.Group, func(g group.State) { n = what(g) })
	if err != nil || len(n.to) == 0 {
		return err
	}
	name := ""
	if !n.about.IsZero() {
		names, err := c.Notifier.Names(ctx, n.about)
		if err != nil {
			return err
		}
		name = names[n.about]
	}
	for _, to := range n.to {
		notice := letters.Notice{ID: letters.NoticeID(call.Command, to), To: to, Letter: n.write(to, name)}
		if err := c.Notifier.Notify(ctx, notice); err != nil {
			return err
		}
	}
	return nil
}
