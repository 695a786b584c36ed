package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
)

// RemoveMember ends the access of a member without charts at once; it holds in
// the very next request. Then the account becomes free for another practice; if
// that cannot be done now, the account is freed when it joins one.
var RemoveMember = declare(groupSpec[group.RemoveMember, group.LeavingFacts]{
	On: onGroup, Name: "group.remove_member", Operation: "removeMember", Needs: access.MemberRemove,
	Sample: group.RemoveMember{Member: sampleID[id.Member]("member")},
	Facts: func(ctx context.Context, w *World, g id.Group, c group.RemoveMember) (group.LeavingFacts, error) {
		charts, err := w.engine.roster(ctx, g)
		return group.LeavingFacts{By: w.Actor.Member, Charts: primaryOf(charts, c.Member)}, err
	},
	Decide: group.RemoveMember.Decide,
	Around: func(ctx context.Context, e *Engine, call Call, _ id.Group, c group.RemoveMember, do func(Call) (Receipt, error)) (Receipt, error) {
		return e.removing(ctx, call, c.Member, do)
	},
})

// removal are the facts of a plan for a leaver's charts.
func removal[C any](ctx context.Context, w *World, g id.Group, _ C) (f group.RemovalFacts, err error) {
	f.By, f.Removal = w.Actor.Member, w.FirstEvent()
	f.Charts, err = w.engine.needRoster(ctx, g)
	return f, err
}

// StartMemberRemoval ends a member's access at once, frees their account and
// says who takes over their charts (AMB-14). The charts are moved afterwards, and
// CompleteMemberRemoval ends it.
var StartMemberRemoval = declare(groupSpec[group.StartMemberRemoval, group.RemovalFacts]{
	On: onGroup, Name: "group.start_member_removal", Operation: "startMemberRemoval", Needs: access.MemberRemove,
	Sample: group.StartMemberRemoval{Member: sampleID[id.Member]("member"), Rehoming: group.Rehoming{Default: sampleID[id.Member]("clinician")}},
	Facts:  removal[group.StartMemberRemoval], Decide: group.StartMemberRemoval.Decide,
	Around: func(ctx context.Context, e *Engine, call Call, _ id.Group, c group.StartMemberRemoval, do func(Call) (Receipt, error)) (Receipt, error) {
		return e.removing(ctx, call, c.Member, do)
	},
})

// removing carries out a command that revokes a member's access, and frees their account.
func (e *Engine) removing(ctx context.Context, call Call, m id.Member, do func(Call) (Receipt, error)) (Receipt, error) {
	return e.ending(ctx, call, do, func(g group.State) group.Member {
		if former, _ := g.Member(m); !former.Active {
			return former
		}
		return group.Member{}
	})
}

// ReplanMemberRemoval names others to take over the charts that were not moved yet.
var ReplanMemberRemoval = declare(groupSpec[group.ReplanMemberRemoval, group.RemovalFacts]{
	On: onGroup, Name: "group.replan_member_removal", Operation: "replanMemberRemoval", Needs: access.MemberRemove,
	Sample: group.ReplanMemberRemoval{Member: sampleID[id.Member]("leaver"), Rehoming: group.Rehoming{Default: sampleID[id.Member]("member")}},
	Facts:  removal[group.ReplanMemberRemoval], Decide: group.ReplanMemberRemoval.Decide,
})

// CompleteMemberRemoval ends a removal after every chart was moved. It is for the
// process that moves them, and waits for the roster: a chart that was recorded
// before is never overlooked.
var CompleteMemberRemoval = declare(groupSpec[group.CompleteMemberRemoval, int]{
	On: onGroup, Name: "group.complete_member_removal", Needs: access.MemberRemove,
	Facts: func(ctx context.Context, w *World, g id.Group, c group.CompleteMemberRemoval) (left int, err error) {
		charts, err := w.engine.needCurrentRoster(ctx, g)
		return primaryOf(charts, c.Member), err
	},
	Decide: group.CompleteMemberRemoval.Decide,
})

// ReinstateMember gives a former member their membership back. Their account is
// claimed for this practice (G-7) at the last moment before: until the membership
// is back, the claim looks like one that is left over from it.
var ReinstateMember = declare(groupSpec[group.ReinstateMember, id.Member]{
	On: onGroup, Name: "group.reinstate_member", Operation: "reinstateMember", Needs: access.MemberInvite,
	Sample: group.ReinstateMember{Member: sampleID[id.Member]("former member")},
	Facts:  acting[group.ReinstateMember], Decide: group.ReinstateMember.Decide,
	First: func(ctx context.Context, w *World, g id.Group, c group.ReinstateMember, _ id.Member, _ []group.Event) error {
		account, err := w.engine.accountOf(ctx, g, c.Member)
		if err != nil {
			return err
		}
		return w.engine.claim(ctx, w.Call, claimAccount, account, membership.Claim{Group: g, Member: c.Member})
	},
})

// accountOf returns the account of a present or former member; zero for
// others.
func (e *Engine) accountOf(ctx context.Context, g id.Group, m id.Member) (id.Account, error) {
	return lookUp(ctx, e.groups, group.Stream(g), func(s group.State) id.Account {
		member, _ := s.Member(m)
		return member.Account
	})
}
