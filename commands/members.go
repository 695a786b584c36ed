package commands

import (
	"context"
	"errors"
	"time"

	"praxis/commands/notification"
	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
)

// Invite is an invitation that holds for a number of days from when it is decided.
type Invite struct {
	group.InviteMember
	// ValidDays counts days of 24 hours.
	ValidDays int `json:"validDays"`
	// Address is where the invitation is mailed to, if it is; no event holds it.
	Address string `json:"-"`
}

// invited are the facts of an invitation, and what its mail says of the practice.
type invited struct {
	group.InvitationFacts
	practice notification.Sender
}

// Decide sets the expiry by the clock of the decision, so that a retry with the
// same command id asks for the same thing.
func (c Invite) Decide(s group.State, f invited, now time.Time) ([]group.Event, error) {
	c.ExpiresAt = now.Add(time.Duration(c.ValidDays) * 24 * time.Hour)
	return c.InviteMember.Decide(s, f.InvitationFacts, now)
}

// InviteMember offers somebody a place in the group (G-8). Once the practice has a
// subscription, a clinician needs a free licence; the refusal says what one costs,
// to those who may see the subscription (BIL-13).
var InviteMember = declare(groupSpec[Invite, invited]{
	On: onGroup, Name: "group.invite_member", Operation: "inviteMember", Needs: access.MemberInvite,
	Sample: Invite{InviteMember: group.InviteMember{EmailHash: EmailHash("new@example.org"), Role: access.User, Clinician: true}, ValidDays: 14},
	Facts: func(ctx context.Context, w *World, g id.Group, _ Invite) (f invited, err error) {
		f.By = w.Actor.Member
		w.Group(func(g group.State) { f.practice = notification.Of(g) })
		if access.Decide(w.Actor, access.SubscriptionView, access.Resource{Group: g}, w.Now).Allowed {
			var prices priceList
			prices, err = w.engine.pricesFor(ctx, g)
			f.Book = prices.book
		}
		return f, err
	},
	Decide: Invite.Decide,
	First: func(ctx context.Context, w *World, _ id.Group, c Invite, f invited, events []group.Event) error {
		return w.engine.hold(ctx, w.Call, f.practice, c.Address, events)
	},
})

// RevokeInvitation takes an invitation back.
var RevokeInvitation = declare(groupSpec[group.RevokeInvitation, id.Member]{
	On: onGroup, Name: "group.revoke_invitation", Operation: "revokeInvitation", Needs: access.MemberInvite,
	Sample: group.RevokeInvitation{Invitation: sampleID[id.Invitation]("invitation")},
	Facts:  acting[group.RevokeInvitation], Decide: group.RevokeInvitation.Decide,
})

// ExpireInvitation ends an invitation that nobody answered in time. It is for
// the process that watches the clock.
var ExpireInvitation = declare(groupSpec[group.ExpireInvitation, None]{
	On: onGroup, Name: "group.expire_invitation", Needs: access.MemberInvite, Decide: alone(group.ExpireInvitation.Decide),
})

var errEmailUnverified = fault.New(fault.Forbidden, "email_not_verified", "An invitation is answered by the address that it was sent to. Sign in with an account whose e-mail address is verified.")

// AcceptInvitation makes the caller a member (G-8). The account is claimed
// first (G-7), but only once the invitation has been found to be theirs.
var AcceptInvitation = declareFrom(groupSpec[group.AcceptInvitation, None]{
	On: onGroup, Name: "group.accept_invitation", Operation: "acceptInvitation", Needs: access.InvitationAnswer,
	Sample: group.AcceptInvitation{Invitation: sampleID[id.Invitation]("invitation")},
	Decide: alone(group.AcceptInvitation.Decide),
	Around: func(ctx context.Context, e *Engine, call Call, _ id.Group, c group.AcceptInvitation, do func(Call) (Receipt, error)) (Receipt, error) {
		receipt, err := e.joining(ctx, call, claimAccount, membership.Claim{Group: call.Group, Member: c.Member}, do)
		return receipt, asInvitation(err)
	},
	NoPreview: true, // a new member does not learn what all others may do
}, func(call Call, i id.Invitation) (Call, id.Group, group.AcceptInvitation, error) {
	return call, call.Group, group.AcceptInvitation{
		Invitation: i, Account: call.Account, EmailHash: EmailHash(call.Email), Member: memberFor(i, call.Account),
	}, requireEmail(call)
})

// asInvitation answers for a practice that does not exist as for an invitation that
// does not, or is another's: an id must not tell what there is.
func asInvitation(err error) error {
	if errors.Is(err, errUnknownGroup) {
		return group.ErrNotInvited
	}
	return err
}

// DeclineInvitation is the invited person's no.
var DeclineInvitation = declareFrom(groupSpec[group.DeclineInvitation, None]{
	On: onGroup, Name: "group.decline_invitation", Operation: "declineInvitation", Needs: access.InvitationAnswer,
	Sample: group.DeclineInvitation{Invitation: sampleID[id.Invitation]("invitation")},
	Decide: alone(group.DeclineInvitation.Decide),
	Around: func(_ context.Context, _ *Engine, call Call, _ id.Group, _ group.DeclineInvitation, do func(Call) (Receipt, error)) (Receipt, error) {
		receipt, err := do(call)
		return receipt, asInvitation(err)
	},
}, func(call Call, i id.Invitation) (Call, id.Group, group.DeclineInvitation, error) {
	return call, call.Group, group.DeclineInvitation{Invitation: i, EmailHash: EmailHash(call.Email)}, requireEmail(call)
})

// requireEmail refuses callers for whose address nobody vouches.
func requireEmail(call Call) error {
	if call.Email == "" {
		return errEmailUnverified
	}
	return nil
}

// IsInvitationOpen reports whether an invitation can be answered. It says nothing
// about anybody, so it asks for no permission; it is for the adapters.
func (e *Engine) IsInvitationOpen(ctx context.Context, g id.Group, i id.Invitation) (bool, error) {
	return lookUp(ctx, e.groups, group.Stream(g), func(s group.State) bool {
		invitation, known := s.Invitation(i)
		return known && invitation.OpenAt(e.Clock())
	})
}

// memberFor names the membership that an account gains by an invitation, so that
// every attempt names the same.
func memberFor(i id.Invitation, a id.Account) id.Member {
	return id.Derive[id.Member](i.String(), a.String())
}

// ChangeMemberRole moves a member to another role (G-9).
var ChangeMemberRole = declare(groupSpec[group.ChangeMemberRole, id.Member]{
	On: onGroup, Name: "group.change_member_role", Operation: "changeMemberRole", Needs: access.MemberRoleChange,
	Sample: group.ChangeMemberRole{Member: sampleID[id.Member]("member"), Role: access.Manager, Clinicians: []id.Member{sampleID[id.Member]("colleague")}},
	Facts:  acting[group.ChangeMemberRole], Decide: group.ChangeMemberRole.Decide,
})

// AssignManager says whom a manager manages.
var AssignManager = declare(groupSpec[group.AssignManager, id.Member]{
	On: onGroup, Name: "group.assign_manager", Operation: "assignManager", Needs: access.MemberRoleChange,
	Sample: group.AssignManager{Manager: sampleID[id.Member]("manager"), Clinicians: []id.Member{sampleID[id.Member]("colleague")}},
	Facts:  acting[group.AssignManager], Decide: group.AssignManager.Decide,
})

// AssignAssistant says whom an assistant assists.
var AssignAssistant = declare(groupSpec[group.AssignAssistant, id.Member]{
	On: onGroup, Name: "group.assign_assistant", Operation: "assignAssistant", Needs: access.MemberRoleChange,
	Sample: group.AssignAssistant{Assistant: sampleID[id.Member]("assistant"), Clinicians: []id.Member{sampleID[id.Member]("colleague")}},
	Facts:  acting[group.AssignAssistant], Decide: group.AssignAssistant.Decide,
})

// SetClinicianBranches says in which branches a clinician works (C-5, R-3).
var SetClinicianBranches = declare(groupSpec[group.SetClinicianBranches, id.Member]{
	On: onGroup, Name: "group.set_clinician_branches", Operation: "setClinicianBranches", Needs: access.ClinicianBranch,
	Sample: group.SetClinicianBranches{Clinician: sampleID[id.Member]("member"), Branches: []id.Branch{sampleID[id.Branch]("main branch")}},
	Resource: func(g id.Group, _ id.Group, c group.SetClinicianBranches, _ id.Member, _ group.State) access.Resource {
		return access.Resource{Group: g, Clinician: c.Clinician}
	},
	Facts: acting[group.SetClinicianBranches], Decide: group.SetClinicianBranches.Decide,
})

// SetClinicianZone says in which zone a clinician's calendar is (BKG-A4). It takes
// the permission to reserve time in that calendar.
var SetClinicianZone = declare(groupSpec[group.SetClinicianZone, None]{
	On: onGroup, Name: "group.set_clinician_zone", Operation: "setClinicianZone", Needs: access.CalendarReserve,
	Sample: group.SetClinicianZone{Clinician: sampleID[id.Member]("clinician"), Zone: "Europe/London"},
	Resource: func(g id.Group, _ id.Group, c group.SetClinicianZone, _ None, _ group.State) access.Resource {
		return access.Resource{Group: g, Clinician: c.Clinician}
	},
	Decide: alone(group.SetClinicianZone.Decide), NoPreview: true,
})
