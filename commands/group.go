package commands

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

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

// CreateGroup founds a practice (G-2). The account is claimed for it first
// (G-7); a founding that broke off in between is completed by its retry, because
// every id follows from the command.
var CreateGroup = declareFrom(groupSpec[group.CreateGroup, None]{
	On: onGroup, Name: "group.create", Operation: "createGroup", Needs: access.GroupFound, Lifecycle: NewGroup,
	Sample: group.CreateGroup{Name: "N", BillingZone: "UTC", Currency: "USD"},
	Decide: alone(group.CreateGroup.Decide),
	Around: func(ctx context.Context, e *Engine, call Call, _ id.Group, c group.CreateGroup, do func(Call) (Receipt, error)) (Receipt, error) {
		return e.joining(ctx, call, claimForFounding, membership.Claim{Group: c.Group, Member: c.Owner}, do)
	},
	NoPreview: true,
}, func(call Call, c group.CreateGroup) (Call, id.Group, group.CreateGroup, error) {
	call.Group, c.Account = c.Group, call.Account
	return call, c.Group, c, nil
})

// joining carries out a command on a group that makes the caller a member: their
// account is claimed first, but only once the command itself is known to succeed.
func (e *Engine) joining(ctx context.Context, call Call, by *claimCommand, c membership.Claim, do func(Call) (Receipt, error)) (Receipt, error) {
	rehearsal := call
	rehearsal.DryRun = true
	shown, err := do(rehearsal)
	if err == nil {
		err = e.claim(ctx, call, by, call.Account, c)
	}
	switch {
	case call.DryRun && err != nil:
		return Receipt{}, err
	case call.DryRun:
		return shown, nil
	case err != nil && !isReplayable(err):
		return Receipt{}, err
	}
	return do(call)
}

// isReplayable reports rejections that a repeated command meets because its
// first attempt succeeded; the append's own path then answers with the receipt.
func isReplayable(err error) bool {
	code := fault.From(err).Code
	return code == "group_exists" || code == "invitation_used"
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
	held, _, err := e.claimOn(ctx, a)
	m := Membership{Group: held.Group, Member: held.Member}
	if err != nil || m.Group.IsZero() {
		return m, err
	}
	err = e.groups.view(ctx, group.Stream(m.Group), func(g group.State, _ es.Revision) {
		member, known := g.Member(m.Member)
		if !known || !member.Active || member.Account != a || g.Closed() {
			m = Membership{}
			return
		}
		m.Role = member.Role
	})
	return m, err
}

// UpdatePracticeInfo changes what the practice says about itself (G-4).
var UpdatePracticeInfo = declare(groupSpec[group.UpdatePracticeInfo, None]{
	On: onGroup, Name: "group.update_practice_info", Operation: "updatePracticeInfo", Needs: access.GroupInfoEdit,
	Sample: group.UpdatePracticeInfo{City: new("Harbor")},
	Decide: alone(group.UpdatePracticeInfo.Decide),
})

// CreateBranch opens a further location.
var CreateBranch = declare(groupSpec[group.CreateBranch, None]{
	On: onGroup, Name: "group.create_branch", Operation: "createBranch", Needs: access.BranchManage,
	Sample: group.CreateBranch{Name: "Riverside"},
	Decide: alone(group.CreateBranch.Decide),
})

// RenameBranch gives a location another name.
var RenameBranch = declare(groupSpec[group.RenameBranch, None]{
	On: onGroup, Name: "group.rename_branch", Operation: "renameBranch", Needs: access.BranchManage,
	Sample: group.RenameBranch{Branch: sampleID[id.Branch]("branch"), Name: "Riverside"},
	Decide: alone(group.RenameBranch.Decide),
})

// SetBranchZone says in which zone the calendars of those are who work in a branch (BKG-A4).
var SetBranchZone = declare(groupSpec[group.SetBranchZone, None]{
	On: onGroup, Name: "group.set_branch_zone", Operation: "setBranchZone", Needs: access.BranchManage,
	Sample: group.SetBranchZone{Branch: sampleID[id.Branch]("branch"), Zone: "Europe/London"},
	Decide: alone(group.SetBranchZone.Decide),
})

// CloseBranch closes a location; its charts go to another one.
var CloseBranch = declare(groupSpec[group.CloseBranch, int]{
	On: onGroup, Name: "group.close_branch", Operation: "closeBranch", Needs: access.BranchManage,
	Sample: group.CloseBranch{Branch: sampleID[id.Branch]("branch"), MovedTo: sampleID[id.Branch]("main branch")},
	Facts: func(ctx context.Context, w *World, g id.Group, c group.CloseBranch) (charts int, err error) {
		all, err := w.engine.needRoster(ctx, g)
		return count(all, func(f group.ChartFacts) bool { return f.Branch == c.Branch }), err
	},
	Decide: group.CloseBranch.Decide,
})
