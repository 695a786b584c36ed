package processes

import (
	"context"
	"strings"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// expiryKey begins the keys of the timers of invitations.
const expiryKey = "expiry:"

// Invitations ends every invitation that nobody answered in time (G-8). It
// follows the log from its beginning, so that invitations from before it ran
// end too.
func Invitations(e *commands.Engine) process.Process {
	return process.Process{
		Name: "invitations", Categories: []es.Category{group.Category},
		OnEvent: reactToInvitation,
		OnTimer: func(t process.Timer) ([]process.Effect, error) {
			i, err := id.Parse[id.Invitation](strings.TrimPrefix(t.Key, expiryKey))
			if err != nil {
				return nil, err
			}
			return []process.Effect{process.Send{Group: t.Group, Command: group.ExpireInvitation{Invitation: i}}}, nil
		},
		Dispatch: func(ctx context.Context, call commands.Call, command any) error {
			expire, ok := command.(group.ExpireInvitation)
			if !ok {
				return errForeign
			}
			_, err := commands.ExpireInvitation.Give(ctx, e, call, expire)
			return err
		},
	}
}

func reactToInvitation(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	var ended id.Invitation
	switch e := env.Event.(type) {
	case group.MemberInvited:
		return []process.Effect{process.SetTimer{Group: g, Key: expiryKey + e.Invitation.String(), Due: notBefore(e.ExpiresAt)}}, nil
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
	return []process.Effect{process.ClearTimer{Group: g, Key: expiryKey + ended.String()}}, nil
}
