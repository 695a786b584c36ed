package commands

import (
	"context"
	"errors"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
	"praxis/domain/pricing"
)

// Invite is an invitation that holds for a number of days from when it is decided.
type Invite struct {
	group.InviteMember
	// ValidDays counts days of 24 hours.
	ValidDays int `json:"validDays"`
	// Address is where the invitation is mailed to, if it is; no event holds it.
	Address string `json:"-"`
}

// Decide sets the expiry by the clock of the decision, so that a retry with the
// same command id asks for the same thing.
func (c Invite) Decide(s group.State, now time.Time) ([]group.Event, error) {
	c.ExpiresAt = now.Add(time.Duration(c.ValidDays) * 24 * time.Hour)
	return c.InviteMember.Decide(s, now)
}

// InviteMember offers somebody a place in the group (G-8). Once the practice has a
// subscription, a clinician needs a free licence; the refusal says what one costs,
// to those who may see the subscription (BIL-13).
func (e *Engine) InviteMember(ctx context.Context, call Call, c Invite) (Receipt, error) {
	u := e.groupCase(call, "group.invite_member", access.MemberInvite, c)
	u.gather = func(ctx context.Context) error {
		prices, err := e.pricesFor(ctx, call.Group)
		c.Book = prices.book
		return err
	}
	u = by(u, func(m id.Member) groupCommand { c.By = m; return c })
	acting := u.facts
	u.facts = func(g group.State, actor access.Subject) error {
		if !access.Decide(actor, access.SubscriptionView, access.Resource{Group: call.Group}, e.clock()).Allowed {
			c.Book = pricing.Book{}
		}
		return acting(g, actor)
	}
	return execute(ctx, e, call, e.hold(u, call, c.Address))
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
		Member: memberFor(i, call.Account),
	}
	u := e.groupCase(call, "group.accept_invitation", access.InvitationAnswer, c)
	u.foresee = nil // Whoever joins is not told what all others may do.
	receipt, err := e.joining(ctx, call, u, membership.Claim{Group: call.Group, Member: c.Member})
	return receipt, asInvitation(err)
}

// asInvitation answers for a practice that does not exist as for an invitation that
// does not, or is another's: an id must not tell what there is.
func asInvitation(err error) error {
	if errors.Is(err, errUnknownGroup) {
		return group.ErrNotInvited
	}
	return err
}

// DeclineInvitation is the invited person's no.
func (e *Engine) DeclineInvitation(ctx context.Context, call Call, i id.Invitation) (Receipt, error) {
	if call.Email == "" {
		return Receipt{}, errEmailUnverified
	}
	c := group.DeclineInvitation{Invitation: i, EmailHash: EmailHash(call.Email)}
	receipt, err := e.changeGroup(ctx, call, "group.decline_invitation", access.InvitationAnswer, c)
	return receipt, asInvitation(err)
}

// IsInvitationOpen reports whether an invitation can be answered. It says nothing
// about anybody, so it asks for no permission; it is for the adapters.
func (e *Engine) IsInvitationOpen(ctx context.Context, g id.Group, i id.Invitation) (open bool, err error) {
	err = e.groups.view(ctx, group.Stream(g), func(s group.State, _ es.Revision) error {
		invitation, known := s.Invitation(i)
		open = known && !invitation.Closed && e.clock().Before(invitation.ExpiresAt)
		return nil
	})
	return open, err
}

// ChangeMemberRole moves a member to another role (G-9).
func (e *Engine) ChangeMemberRole(ctx context.Context, call Call, c group.ChangeMemberRole) (Receipt, error) {
	return e.decideBy(ctx, call, "group.change_member_role", access.MemberRoleChange, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// releaseFormer frees the account of a member whose access was revoked.
func (e *Engine) releaseFormer(ctx context.Context, call Call, m id.Member) error {
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
	return e.release(ctx, call, account, m)
}

// release frees an account from a membership of the call's group.
func (e *Engine) release(ctx context.Context, call Call, account id.Account, m id.Member) error {
	_, err := execute(ctx, e, call.step("release"), e.releaseCase(account, membership.Release{Group: call.Group, Member: m}))
	return err
}

// releaseCase frees an account.
func (e *Engine) releaseCase(account id.Account, c membership.Release) useCase[membership.State, membership.Event] {
	return afterClosing(useCase[membership.State, membership.Event]{
		name: "membership.release", command: c, capability: access.InvitationAnswer,
		repository: e.claims, stream: membership.Stream(account), decide: c.Decide,
	})
}

// freeStaleClaim releases an account's claim, unless it is the wanted one, if
// the group that holds it has closed or has ended their membership, or if it was made for an
// invitation that was never completed and no longer can be.
func (e *Engine) freeStaleClaim(ctx context.Context, call Call, account id.Account, wanted membership.Claim) (freed bool, err error) {
	held, _, err := e.claimOn(ctx, account)
	if err != nil || held.Group.IsZero() || held == wanted {
		return false, err
	}
	stale := false
	err = e.groups.view(ctx, group.Stream(held.Group), func(g group.State, at es.Revision) error {
		former, joined := g.Member(held.Member)
		stale = g.Closed() || joined && !former.Active || !joined && at != es.NoStream && !mayStillJoin(g, held.Member, account, e.clock())
		return nil
	})
	if err != nil || !stale {
		return false, err
	}
	elsewhere := call
	elsewhere.Group = held.Group
	return true, e.release(ctx, elsewhere, account, held.Member)
}

// mayStillJoin reports whether an open invitation would make the account this
// very member.
func mayStillJoin(g group.State, m id.Member, a id.Account, now time.Time) bool {
	return slices.ContainsFunc(g.Invitations(), func(i group.Invitation) bool {
		return memberFor(i.ID, a) == m && !i.Closed && now.Before(i.ExpiresAt)
	})
}

// memberFor names the membership that an account gains by an invitation, so that
// every attempt names the same.
func memberFor(i id.Invitation, a id.Account) id.Member {
	return id.Derive[id.Member](i.String(), a.String())
}

// AssignManager says whom a manager manages.
func (e *Engine) AssignManager(ctx context.Context, call Call, c group.AssignManager) (Receipt, error) {
	return e.decideBy(ctx, call, "group.assign_manager", access.MemberRoleChange, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// AssignAssistant says whom an assistant assists.
func (e *Engine) AssignAssistant(ctx context.Context, call Call, c group.AssignAssistant) (Receipt, error) {
	return e.decideBy(ctx, call, "group.assign_assistant", access.MemberRoleChange, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// GrantPermission allows one member more than the matrix does.
func (e *Engine) GrantPermission(ctx context.Context, call Call, c group.GrantPermission) (Receipt, error) {
	return e.setRule(ctx, call, "group.grant_permission", c, func(by id.Member, rule id.Event) groupCommand {
		c.By, c.Rule = by, rule
		return c
	})
}

// DenyPermission allows one member less than their role does.
func (e *Engine) DenyPermission(ctx context.Context, call Call, c group.DenyPermission) (Receipt, error) {
	return e.setRule(ctx, call, "group.deny_permission", c, func(by id.Member, rule id.Event) groupCommand {
		c.By, c.Rule = by, rule
		return c
	})
}

// ClearOverride removes every rule about a capability from a member.
func (e *Engine) ClearOverride(ctx context.Context, call Call, c group.ClearOverride) (Receipt, error) {
	return e.decideBy(ctx, call, "group.clear_override", access.PermissionGrant, c, func(by id.Member) groupCommand { c.By = by; return c })
}

// SetRolePermission changes what everybody of a role may do.
func (e *Engine) SetRolePermission(ctx context.Context, call Call, c group.SetRolePermission) (Receipt, error) {
	return e.setRule(ctx, call, "group.set_role_permission", c, func(by id.Member, rule id.Event) groupCommand {
		c.By, c.Rule = by, rule
		return c
	})
}

// setRule carries out a command that sets a permission rule. The rule is named
// by the id of the event that sets it: decisions made by the rule carry that
// name, so that anyone can find who set it and when.
func (e *Engine) setRule(ctx context.Context, call Call, name string, c groupCommand, with func(id.Member, id.Event) groupCommand) (Receipt, error) {
	u, err := byNamed(call, e.groupCase(call, name, access.PermissionGrant, c), with)
	if err != nil {
		return Receipt{}, err
	}
	return execute(ctx, e, call, u)
}

// Clock returns the engine's present instant, for queries that depend on it.
func (e *Engine) Clock() time.Time { return e.clock() }

// SetClinicianZone says in which zone a clinician's calendar is (BKG-A4). Whoever
// may reserve time in the calendar may say so.
func (e *Engine) SetClinicianZone(ctx context.Context, call Call, c group.SetClinicianZone) (Receipt, error) {
	u := e.groupCase(call, "group.set_clinician_zone", access.CalendarReserve, c)
	u.foresee = nil
	u.resource = func(group.State) access.Resource {
		return access.Resource{Group: call.Group, Clinician: c.Clinician}
	}
	return execute(ctx, e, call, u)
}

// SetBranchZone says in which zone the calendars of those are who work in a branch (BKG-A4).
func (e *Engine) SetBranchZone(ctx context.Context, call Call, c group.SetBranchZone) (Receipt, error) {
	return e.changeGroup(ctx, call, "group.set_branch_zone", access.BranchManage, c)
}
