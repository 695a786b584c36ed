package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
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
}

// Decide sets the expiry by the clock of the decision, so that a retry with the
// same command id asks for the same thing.
func (c Invite) Decide(s group.State, now time.Time) ([]group.Event, error) {
	c.ExpiresAt = now.Add(time.Duration(c.ValidDays) * 24 * time.Hour)
	return c.InviteMember.Decide(s, now)
}

// InviteMember offers somebody a place in the group (G-8).
func (e *Engine) InviteMember(ctx context.Context, call Call, c Invite) (Receipt, error) {
	return e.decideBy(ctx, call, "group.invite_member", access.MemberInvite, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// RevokeInvitation takes an invitation back.
func (e *Engine) RevokeInvitation(ctx context.Context, call Call, c group.RevokeInvitation) (Receipt, error) {
	return e.decideBy(ctx, call, "group.revoke_invitation", access.MemberInvite, c, func(by id.Member) groupCommand { c.By = by; return c })
}

var errEmailUnverified = fault.New(fault.Forbidden, "email_not_verified", "An invitation is answered by the address that it was sent to. Sign in with an account whose e-mail address is verified.")

// AcceptInvitation makes the caller a member (G-8). The account is claimed
// first (G-7), but only once the invitation has been found to be theirs.
func (e *Engine) AcceptInvitation(ctx context.Context, call Call, i id.Invitation) (Receipt, error) {
	if call.Email == "" {
		return Receipt{}, errEmailUnverified
	}
	c := group.AcceptInvitation{
		Invitation: i, Account: call.Account, EmailHash: EmailHash(call.Email),
		// The member's id follows from invitation and account, so that every attempt names the same.
		Member: id.Derive[id.Member](i.String(), call.Account.String()),
	}
	u := e.groupCase(call, "group.accept_invitation", access.InvitationAnswer, c)
	rehearsal := call
	rehearsal.DryRun = true
	shown, err := execute(ctx, e, rehearsal, u)
	if call.DryRun || err != nil && !isReplayable(err) {
		return shown, err
	}
	if err == nil {
		if err := e.freeStaleClaim(ctx, call); err != nil {
			return Receipt{}, err
		}
		if err := e.claim(ctx, call, false, membership.Claim{Group: call.Group, Member: c.Member}); err != nil {
			return Receipt{}, err
		}
	}
	return execute(ctx, e, call, u)
}

// DeclineInvitation is the invited person's no.
func (e *Engine) DeclineInvitation(ctx context.Context, call Call, i id.Invitation) (Receipt, error) {
	if call.Email == "" {
		return Receipt{}, errEmailUnverified
	}
	c := group.DeclineInvitation{Invitation: i, EmailHash: EmailHash(call.Email)}
	return e.changeGroup(ctx, call, "group.decline_invitation", access.InvitationAnswer, c)
}

// ChangeMemberRole moves a member to another role (G-9).
func (e *Engine) ChangeMemberRole(ctx context.Context, call Call, c group.ChangeMemberRole) (Receipt, error) {
	return e.decideBy(ctx, call, "group.change_member_role", access.MemberRoleChange, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// RemoveMember ends a member's access at once; it holds in the very next
// request. Then the account becomes free for another practice.
func (e *Engine) RemoveMember(ctx context.Context, call Call, c group.RemoveMember) (Receipt, error) {
	receipt, err := e.decideBy(ctx, call, "group.remove_member", access.MemberRemove, c, func(by id.Member) groupCommand { c.By = by; return c })
	if err != nil || call.DryRun {
		return receipt, err
	}
	return receipt, e.releaseClaim(ctx, call, c.Member)
}

// releaseClaim frees a former member's account. A release that a crash cut off
// is made up for by freeStaleClaim when the account joins elsewhere.
func (e *Engine) releaseClaim(ctx context.Context, call Call, m id.Member) error {
	var account id.Account
	err := e.groups.view(ctx, group.Stream(call.Group), func(g group.State, _ es.Revision) error {
		if former, known := g.Member(m); known && !former.Active {
			account = former.Account
		}
		return nil
	})
	if err != nil || account.IsZero() {
		return err
	}
	release := membership.Release{Group: call.Group, Member: m}
	_, err = execute(ctx, e, call.step("release"), useCase[membership.State, membership.Event]{
		name: "membership.release", command: release, capability: access.InvitationAnswer,
		repository: e.claims, stream: membership.Stream(account), decide: release.Decide,
	})
	return err
}

// freeStaleClaim releases the caller's claim if the group that holds it has
// ended their membership.
func (e *Engine) freeStaleClaim(ctx context.Context, call Call) error {
	var held id.Group
	var member id.Member
	err := e.claims.view(ctx, membership.Stream(call.Account), func(s membership.State, _ es.Revision) error {
		held, member, _ = s.Holder()
		return nil
	})
	if err != nil || held.IsZero() {
		return err
	}
	elsewhere := call
	elsewhere.Group = held
	return e.releaseClaim(ctx, elsewhere, member)
}

// AssignManager says whom a manager manages.
func (e *Engine) AssignManager(ctx context.Context, call Call, c group.AssignManager) (Receipt, error) {
	return e.changeGroup(ctx, call, "group.assign_manager", access.MemberRoleChange, c)
}

// AssignAssistant says whom an assistant assists.
func (e *Engine) AssignAssistant(ctx context.Context, call Call, c group.AssignAssistant) (Receipt, error) {
	return e.changeGroup(ctx, call, "group.assign_assistant", access.MemberRoleChange, c)
}

// GrantPermission allows one member more than the matrix does.
func (e *Engine) GrantPermission(ctx context.Context, call Call, c group.GrantPermission) (Receipt, error) {
	c.Rule = ruleID(call)
	return e.decideBy(ctx, call, "group.grant_permission", access.PermissionGrant, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// DenyPermission allows one member less than their role does.
func (e *Engine) DenyPermission(ctx context.Context, call Call, c group.DenyPermission) (Receipt, error) {
	c.Rule = ruleID(call)
	return e.decideBy(ctx, call, "group.deny_permission", access.PermissionGrant, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// ClearOverride removes every rule about a capability from a member.
func (e *Engine) ClearOverride(ctx context.Context, call Call, c group.ClearOverride) (Receipt, error) {
	return e.decideBy(ctx, call, "group.clear_override", access.PermissionGrant, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// SetRolePermission changes what everybody of a role may do.
func (e *Engine) SetRolePermission(ctx context.Context, call Call, c group.SetRolePermission) (Receipt, error) {
	c.Rule = ruleID(call)
	return e.decideBy(ctx, call, "group.set_role_permission", access.PermissionGrant, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// ruleID is the id of the event that will set a rule: decisions made by the
// rule name it, so that anyone can find who set it and when.
func ruleID(call Call) id.Event { return eventID(call.Command, group.Stream(call.Group), 0) }

// Clock returns the engine's present instant, for queries that depend on it.
func (e *Engine) Clock() time.Time { return e.clock() }
