package processes

import (
	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// expiryTimer is the kind of the timers of invitations.
const expiryTimer = "expiry"

// Invitations ends every invitation that nobody answered in time (G-8). It
// follows the log from its beginning, so that invitations from before it ran
// end too.
func Invitations(c Config) process.Process {
	return process.Process{
		Name: "invitations", Categories: []es.Category{group.Category},
		OnEvent: reactToInvitation,
		OnTimer: timers{expiryTimer: about(func(t process.Timer, i id.Invitation) []process.Effect {
			expire := once(c.Engine, commands.ExpireInvitation, group.ExpireInvitation{Invitation: i})
			return []process.Effect{process.Send{Group: t.Group, Command: "group.ExpireInvitation", Give: expire}}
		})}.fire,
	}
}

func reactToInvitation(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	var ended id.Invitation
	switch e := env.Event.(type) {
	case group.MemberInvited:
		return []process.Effect{process.SetTimer{Group: g, Key: key(expiryTimer, e.Invitation), Due: notBefore(e.ExpiresAt)}}, nil
	case group.GroupClosed:
		return cancelTimers(g), nil
	case group.MemberJoined:
		ended = e.Invitation
	case group.InvitationDeclined:
		ended = e.Invitation
	case group.InvitationRevoked:
		ended = e.Invitation
	case group.InvitationExpired:
		ended = e.Invitation
	}
	if ended.IsZero() {
		return nil, nil
	}
	return []process.Effect{process.ClearTimer{Group: g, Key: key(expiryTimer, ended)}}, nil
}
