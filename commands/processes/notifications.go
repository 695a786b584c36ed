package processes

import (
	"context"

	"praxis/commands"
	"praxis/commands/notification"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// notificationsName is the name of the process of notifications. Checkpoints and
// metrics keep it: it is older than the word.
const notificationsName = "letters"

// Notifications tells members what concerns them, as package notification says it. It
// lets the mails of invitations go once they are in the log, and takes them back when
// the invitation ends before they are sent (G-8). It begins with what happens after
// it first ran: of old events nobody is told.
func Notifications(c Config) process.Process {
	return process.Process{Name: notificationsName, Categories: []es.Category{group.Category, chart.Category}, FromNow: true, OnEvent: c.notify}
}

func (c Config) notify(env es.Envelope) (effects []process.Effect, err error) {
	g, _ := env.Stream.Group()
	send := func(command string, give giving) {
		effects = append(effects, process.Send{Group: g, Command: command, Give: give})
	}
	withdraw := func(i id.Invitation) {
		send("processes.withdraw", func(ctx context.Context, _ commands.Call) error {
			return c.Outbox.Drop(ctx, notification.InvitationID(i))
		})
	}
	switch e := env.Event.(type) {
	case group.MemberInvited:
		send("processes.release", func(ctx context.Context, call commands.Call) error { return c.release(ctx, call.Group, e.Invitation) })
	case group.InvitationRevoked:
		withdraw(e.Invitation)
	case group.InvitationExpired:
		withdraw(e.Invitation)
	case group.InvitationDeclined:
		withdraw(e.Invitation)
	case group.MemberJoined:
		withdraw(e.Invitation)
	case chart.PatientInvited:
		send("processes.inviteToPortal", c.inviteToPortal(env, e.Invitation))
	case chart.PatientInvitationResent:
		send("processes.withdraw", c.drop(notification.PortalInvitationID(e.Invitation, e.FormerTokenHash)))
		send("processes.inviteToPortal", c.inviteToPortal(env, e.Invitation))
	case group.GroupClosed:
		send("processes.withdrawAll", c.withdrawAll)
	}
	if tell := notification.Tell(env.Event); tell != nil {
		send("processes.tell", func(ctx context.Context, call commands.Call) error { return c.tell(ctx, call, tell) })
	}
	return effects, nil
}

// inviteToPortal leaves the mail of an invitation to the portal in the outbox.
func (c Config) inviteToPortal(env es.Envelope, i id.Invitation) giving {
	return func(ctx context.Context, call commands.Call) error {
		g, which, err := chart.ParseStream(env.Stream)
		if err != nil {
			return err
		}
		return c.Engine.SendPatientInvitation(ctx, call.Process, g, which, i, env.Meta.Command)
	}
}

func (c Config) drop(mail notification.ID) giving {
	return func(ctx context.Context, _ commands.Call) error { return c.Outbox.Drop(ctx, mail) }
}

// release lets the mail of an invitation go, unless the invitation has ended.
func (c Config) release(ctx context.Context, g id.Group, i id.Invitation) error {
	open, err := c.Engine.IsInvitationOpen(ctx, g, i)
	switch {
	case err != nil:
		return err
	case open:
		return c.Outbox.Release(ctx, notification.InvitationID(i))
	}
	return c.Outbox.Drop(ctx, notification.InvitationID(i))
}

// withdrawAll takes back the mails of a practice that was closed, which voids its
// invitations. Those that were sent stay so.
func (c Config) withdrawAll(ctx context.Context, call commands.Call) error {
	var all []group.Invitation
	err := c.Engine.Group(ctx, call.Process, call.Group, func(g group.State) { all = g.Invitations() })
	for _, i := range all {
		if err == nil {
			err = c.Outbox.Drop(ctx, notification.InvitationID(i.ID))
		}
	}
	return err
}

// tell queues the notifications that a practice, as it is now, has to send. Each is
// named by the command and its addressee, so that repeating queues nothing twice.
func (c Config) tell(ctx context.Context, call commands.Call, what func(group.State) notification.Draft) error {
	var d notification.Draft
	err := c.Engine.Group(ctx, call.Process, call.Group, func(g group.State) { d = what(g) })
	if err != nil || len(d.To) == 0 {
		return err
	}
	name := ""
	if !d.About.IsZero() {
		if name, err = c.Outbox.NameOf(ctx, d.About); err != nil {
			return err
		}
	}
	for _, to := range d.To {
		n := notification.Notification{ID: notification.IDOf(call.Command, to), To: to, Words: d.Words(to, name)}
		if err := c.Outbox.Notify(ctx, n); err != nil {
			return err
		}
	}
	return nil
}
