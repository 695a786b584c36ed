package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
)

// RemoveMember ends the access of a member without charts at once; it holds in
// the very next request. Then the account becomes free for another practice; if
// that cannot be done now, the account is freed when it joins one.
func (e *Engine) RemoveMember(ctx context.Context, call Call, c group.RemoveMember) (Receipt, error) {
	u := e.groupCase(call, "group.remove_member", access.MemberRemove, c)
	u.gather = func(ctx context.Context) error {
		charts, _, err := e.roster(ctx, call.Group)
		c.Charts = count(charts, func(f group.ChartFacts) bool { return f.Primary == c.Member })
		return err
	}
	return e.removing(ctx, call, c.Member, by(u, func(m id.Member) groupCommand { c.By = m; return c }))
}

// StartMemberRemoval ends a member's access at once, frees their account and
// says who takes over their charts (AMB-14). The charts are moved afterwards, and
// CompleteMemberRemoval ends it.
func (e *Engine) StartMemberRemoval(ctx context.Context, call Call, c group.StartMemberRemoval) (Receipt, error) {
	u := e.groupCase(call, "group.start_member_removal", access.MemberRemove, c)
	u.gather = func(ctx context.Context) (err error) { c.Facts, err = e.needRoster(ctx, call.Group); return err }
	named, err := byNamed(call, u, func(m id.Member, removal id.Event) groupCommand { c.By, c.Removal = m, removal; return c })
	if err != nil {
		return Receipt{}, err
	}
	return e.removing(ctx, call, c.Member, named)
}

// removing carries out a command that ends a membership, and frees the account.
func (e *Engine) removing(ctx context.Context, call Call, m id.Member, u useCase[group.State, group.Event]) (Receipt, error) {
	receipt, err := execute(ctx, e, call, u)
	if err != nil || call.DryRun {
		return receipt, err
	}
	if err := e.releaseFormer(ctx, call, m); err != nil {
		e.logger.WarnContext(ctx, "the account of a removed member is still claimed", "member", m, "request", call.Request, "error", err)
	}
	return receipt, nil
}

// ReplanMemberRemoval names others to take over the charts that were not moved yet.
func (e *Engine) ReplanMemberRemoval(ctx context.Context, call Call, c group.ReplanMemberRemoval) (Receipt, error) {
	u := e.groupCase(call, "group.replan_member_removal", access.MemberRemove, c)
	u.gather = func(ctx context.Context) (err error) { c.Facts, err = e.needRoster(ctx, call.Group); return err }
	return execute(ctx, e, call, by(u, func(m id.Member) groupCommand { c.By = m; return c }))
}

// CompleteMemberRemoval ends a removal after every chart was moved. It is for the
// process that moves them, and waits for the roster: a chart that was recorded
// before is never overlooked.
func (e *Engine) CompleteMemberRemoval(ctx context.Context, call Call, c group.CompleteMemberRemoval) (Receipt, error) {
	u := e.groupCase(call, "group.complete_member_removal", access.MemberRemove, c)
	u.gather = func(ctx context.Context) error {
		charts, err := e.needCurrentRoster(ctx, call.Group)
		c.ChartsLeft = count(charts, func(f group.ChartFacts) bool { return f.Primary == c.Member })
		return err
	}
	return execute(ctx, e, call, by(u, func(id.Member) groupCommand { return c }))
}

// ReinstateMember gives a former member their membership back. Their account is
// claimed for this practice (G-7) at the last moment before: until the membership
// is back, the claim looks like one that is left over from it.
func (e *Engine) ReinstateMember(ctx context.Context, call Call, c group.ReinstateMember) (Receipt, error) {
	u := by(e.groupCase(call, "group.reinstate_member", access.MemberInvite, c), func(m id.Member) groupCommand { c.By = m; return c })
	account, err := e.accountOf(ctx, call.Group, c.Member)
	if err != nil {
		return Receipt{}, err
	}
	u.requires = func(ctx context.Context) error {
		return e.claim(ctx, call, false, account, membership.Claim{Group: call.Group, Member: c.Member})
	}
	return execute(ctx, e, call, u)
}

// accountOf returns the account of a present or former member; zero for nobody.
func (e *Engine) accountOf(ctx context.Context, g id.Group, m id.Member) (account id.Account, err error) {
	err = e.groups.view(ctx, group.Stream(g), func(s group.State, _ es.Revision) error {
		member, _ := s.Member(m)
		account = member.Account
		return nil
	})
	return account, err
}

// ExpireInvitation ends an invitation that nobody answered in time. It is for
// the process that watches the clock.
func (e *Engine) ExpireInvitation(ctx context.Context, call Call, c group.ExpireInvitation) (Receipt, error) {
	return e.changeGroup(ctx, call, "group.expire_invitation", access.MemberInvite, c)
}

// CloseBranch closes a location; its charts go to another one.
func (e *Engine) CloseBranch(ctx context.Context, call Call, c group.CloseBranch) (Receipt, error) {
	u := e.groupCase(call, "group.close_branch", access.BranchManage, c)
	u.gather = func(ctx context.Context) error {
		charts, err := e.needRoster(ctx, call.Group)
		c.Charts = count(charts, func(f group.ChartFacts) bool { return f.Branch == c.Branch })
		return err
	}
	return execute(ctx, e, call, by(u, func(id.Member) groupCommand { return c }))
}
