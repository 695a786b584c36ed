package processes

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// expiryTimer is the kind of the timers of invitations.
const expiryTimer = "expiry"

// portalTimer is the kind of the timers of invitations to the portal; it is about the chart
// and the invitation.
const portalTimer = "portal"

// Invitations ends every invitation that nobody answered in time (G-8). It
// follows the log from its beginning, so that invitations from before it ran
// end too.
func Invitations(c Config) process.Process {
	return process.Process{
		Name: "invitations", Categories: []es.Category{group.Category, chart.Category},
		OnEvent: reactToInvitation,
		OnTimer: timers{portalTimer: func(t process.Timer, raw string) ([]process.Effect, error) {
			rawChart, rawInvitation, _ := strings.Cut(raw, "+")
			which, err := id.Parse[id.Chart](rawChart)
			i, bad := id.Parse[id.Invitation](rawInvitation)
			if err := cmp.Or(err, bad); err != nil {
				return nil, fmt.Errorf("timer %s: %w", t.Key, err)
			}
			expire := onceOn(c.Engine, commands.ExpirePatientInvitation, which, chart.ExpirePatientInvitation{Invitation: i})
			return []process.Effect{process.Send{Group: t.Group, Command: "chart.ExpirePatientInvitation", Give: expire}}, nil
		}, expiryTimer: about(func(t process.Timer, i id.Invitation) []process.Effect {
			expire := once(c.Engine, commands.ExpireInvitation, group.ExpireInvitation{Invitation: i})
			return []process.Effect{process.Send{Group: t.Group, Command: "group.ExpireInvitation", Give: expire}}
		})}.fire,
	}
}

func reactToInvitation(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	if event, ok := env.Event.(chart.Event); ok {
		return reactToPortalInvitation(env, event)
	}
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

func reactToPortalInvitation(env es.Envelope, event chart.Event) ([]process.Effect, error) {
	g, c, err := chart.ParseStream(env.Stream)
	if err != nil {
		return nil, err
	}
	timer := func(i id.Invitation) string { return portalTimer + ":" + c.String() + "+" + i.String() }
	set := func(i id.Invitation, due time.Time) []process.Effect {
		return []process.Effect{process.SetTimer{Group: g, Key: timer(i), Due: notBefore(due)}}
	}
	var ended id.Invitation
	switch e := event.(type) {
	case chart.PatientInvited:
		return set(e.Invitation, e.ExpiresAt), nil
	case chart.PatientInvitationResent:
		return set(e.Invitation, e.ExpiresAt), nil
	case chart.PatientInvitationRevoked:
		ended = e.Invitation
	case chart.PatientInvitationExpired:
		ended = e.Invitation
	case chart.PatientAccountLinked:
		ended = e.Invitation
	default:
		// The rest is about no invitation.
	}
	if ended.IsZero() {
		return nil, nil
	}
	return []process.Effect{process.ClearTimer{Group: g, Key: timer(ended)}}, nil
}
