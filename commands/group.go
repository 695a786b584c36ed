package commands

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
)

// EmailHash is how an invitation recognises an address without keeping it.
func EmailHash(address string) string {
	sum := sha256.Sum256([]byte("invitation:" + strings.ToLower(strings.TrimSpace(address))))
	return hex.EncodeToString(sum[:])
}

// groupCommand is a command on a group.
type groupCommand interface {
	Decide(group.State, time.Time) ([]group.Event, error)
}

// groupCase is what all commands on a group share.
func (e *Engine) groupCase(call Call, name string, needs access.Capability, c groupCommand) useCase[group.State, group.Event] {
	return useCase[group.State, group.Event]{
		name: name, command: c, capability: needs,
		repository: e.groups, stream: group.Stream(call.Group), decide: c.Decide, closed: group.State.Closed,
		foresee: e.foreseeGroup(call),
	}
}

// changeGroup carries out a command that needs no facts.
func (e *Engine) changeGroup(ctx context.Context, call Call, name string, needs access.Capability, c groupCommand) (Receipt, error) {
	return execute(ctx, e, call, e.groupCase(call, name, needs, c))
}

// decideBy carries out a command whose rules depend on who acts: with makes the
// command for the acting member.
func (e *Engine) decideBy(ctx context.Context, call Call, name string, needs access.Capability, c groupCommand, with func(id.Member) groupCommand) (Receipt, error) {
	return execute(ctx, e, call, by(e.groupCase(call, name, needs, c), with))
}

// by completes a use case whose command depends on who acts.
func by(u useCase[group.State, group.Event], with func(id.Member) groupCommand) useCase[group.State, group.Event] {
	var acting id.Member
	u.facts = func(_ group.State, actor access.Subject) error { acting = actor.Member; return nil }
	u.decide = func(s group.State, now time.Time) ([]group.Event, error) { return with(acting).Decide(s, now) }
	return u
}

// byNamed is by for a command that names what it makes by the id of its first
// event, so that anyone can find who made it and when.
func byNamed(call Call, u useCase[group.State, group.Event], with func(id.Member, id.Event) groupCommand) (useCase[group.State, group.Event], error) {
	digest, err := fingerprint(u.name, u.stream, u.command)
	if err != nil {
		return u, err
	}
	var acting id.Member
	u.facts = func(_ group.State, actor access.Subject) error { acting = actor.Member; return nil }
	u.decide = func(s group.State, now time.Time) ([]group.Event, error) {
		return with(acting, eventID(call.Command, u.stream, digest, now, 0)).Decide(s, now)
	}
	return u, nil
}

// CreateGroup founds a practice (G-2). The account is claimed for it first
// (G-7); a founding that broke off in between is completed by its retry, because
// every id follows from the command.
func (e *Engine) CreateGroup(ctx context.Context, call Call, c group.CreateGroup) (Receipt, error) {
	call.Group, c.Account = c.Group, call.Account
	u := e.groupCase(call, "group.create", access.GroupFound, c)
	u.founding, u.foresee = true, nil
	return e.joining(ctx, call, u, membership.Claim{Group: c.Group, Member: c.Owner})
}

// joining carries out a command on a group that makes the caller a member: their
// account is claimed first, but only once the command itself is known to succeed.
func (e *Engine) joining(ctx context.Context, call Call, u useCase[group.State, group.Event], c membership.Claim) (Receipt, error) {
	rehearsal, rehearsed := call, u
	rehearsal.DryRun = true
	if !call.DryRun {
		rehearsed.foresee = nil
	}
	shown, err := execute(ctx, e, rehearsal, rehearsed)
	if err == nil {
		err = e.claim(ctx, call, u.founding, call.Account, c)
	}
	switch {
	case call.DryRun && err != nil:
		return Receipt{}, err
	case call.DryRun:
		return shown, nil
	case err != nil && !isReplayable(err):
		return Receipt{}, err
	}
	return execute(ctx, e, call, u)
}

// isReplayable reports rejections that a repeated command meets because its
// first attempt succeeded; the append's own path then answers with the receipt.
func isReplayable(err error) bool {
	code := fault.From(err).Code
	return code == "group_exists" || code == "invitation_used"
}

// claim ties an account to a group (G-7, AMB-4), after freeing it from
// a membership that has ended or can no longer begin.
func (e *Engine) claim(ctx context.Context, call Call, founding bool, account id.Account, c membership.Claim) error {
	freed, err := e.freeStaleClaim(ctx, call, account, c)
	if err != nil || freed && call.DryRun {
		return err
	}
	u := useCase[membership.State, membership.Event]{
		name: "membership.claim", command: c, capability: access.InvitationAnswer, founding: founding,
		repository: e.claims, stream: membership.Stream(account), decide: c.Decide,
	}
	receipt, err := execute(ctx, e, call.step("claim"), u)
	if err != nil || !receipt.Replayed {
		return err
	}
	// The first attempt broke off after the claim, which may have been freed since.
	held, at, err := e.claimOn(ctx, account)
	if err != nil || held == c {
		return err
	}
	_, err = execute(ctx, e, call.step(fmt.Sprintf("claim after %d", at)), u)
	return err
}

// Membership is where an account belongs.
type Membership struct {
	Group  id.Group
	Member id.Member
	Role   access.Role
}

// MembershipOf returns the group that an account belongs to, the zero
// Membership if none.
func (e *Engine) MembershipOf(ctx context.Context, a id.Account) (Membership, error) {
	var m Membership
	err := e.claims.view(ctx, membership.Stream(a), func(s membership.State, _ es.Revision) error {
		m.Group, m.Member, _ = s.Holder()
		return nil
	})
	if err != nil || m.Group.IsZero() {
		return m, err
	}
	err = e.groups.view(ctx, group.Stream(m.Group), func(g group.State, _ es.Revision) error {
		member, known := g.Member(m.Member)
		if !known || !member.Active || member.Account != a || g.Closed() {
			m = Membership{}
			return nil
		}
		m.Role = member.Role
		return nil
	})
	return m, err
}

// UpdatePracticeInfo changes what the practice says about itself (G-4).
func (e *Engine) UpdatePracticeInfo(ctx context.Context, call Call, c group.UpdatePracticeInfo) (Receipt, error) {
	return e.changeGroup(ctx, call, "group.update_practice_info", access.GroupInfoEdit, c)
}

// CreateBranch opens a further location.
func (e *Engine) CreateBranch(ctx context.Context, call Call, c group.CreateBranch) (Receipt, error) {
	return e.changeGroup(ctx, call, "group.create_branch", access.BranchManage, c)
}

// RenameBranch gives a location another name.
func (e *Engine) RenameBranch(ctx context.Context, call Call, c group.RenameBranch) (Receipt, error) {
	return e.changeGroup(ctx, call, "group.rename_branch", access.BranchManage, c)
}

// SetClinicianBranches says in which branches a clinician works (C-5, R-3).
func (e *Engine) SetClinicianBranches(ctx context.Context, call Call, c group.SetClinicianBranches) (Receipt, error) {
	u := by(e.groupCase(call, "group.set_clinician_branches", access.ClinicianBranch, c), func(m id.Member) groupCommand { c.By = m; return c })
	u.resource = func(group.State) access.Resource {
		return access.Resource{Group: call.Group, Clinician: c.Clinician}
	}
	return execute(ctx, e, call, u)
}
