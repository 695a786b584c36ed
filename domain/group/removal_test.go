package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

var (
	someRemoval = id.Derive[id.Event]("some removal")
	someChart   = id.Derive[id.Chart]("some chart")
	otherChart  = id.Derive[id.Chart]("other chart")
)

// gone is somebody whose access was revoked.
func gone(m id.Member) group.Event { return group.MemberAccessRevoked{Member: m, RevokedBy: oona} }

// leaving is somebody whose charts are being moved to Ugo.
func leaving(m id.Member) []group.Event {
	return []group.Event{gone(m), group.MemberRemovalStarted{
		Removal: someRemoval, Member: m, Plan: group.Rehoming{Default: ugo}, Charts: 1, StartedBy: oona,
	}}
}

func chartsOf(primary id.Member, charts ...id.Chart) []group.ChartFacts {
	var facts []group.ChartFacts
	for _, c := range charts {
		facts = append(facts, group.ChartFacts{Chart: c, Primary: primary, Branch: mainSt})
	}
	return facts
}

func TestRemoveMember(t *testing.T) {
	// removeUmaWith is oona removing uma, who has this many charts.
	removeUmaWith := func(charts int) command {
		c := remove(oona, uma)
		c.Facts.Charts = charts
		return c
	}
	t.Run("access ends at once, in everybody's scope too", func(t *testing.T) {
		given(t, staffed()...).When(remove(oona, uma), now).
			Then(group.MemberAccessRevoked{Member: uma, RevokedBy: oona})
		given(t, staffed()...).When(remove(oona, uma), now).ThenState(func(t testing.TB, s group.State) {
			require.False(t, s.SubjectOf(account(uma)).Active)
			require.False(t, s.IsActiveClinician(uma))
			require.Empty(t, s.SubjectOf(account(mia)).Manages)
			require.Empty(t, s.SubjectOf(account(ada)).Assists)
			for _, c := range access.Capabilities() {
				require.True(t, access.ReachOf(s.SubjectOf(account(uma)), c, now).Empty())
			}
		})
	})
	t.Run("AMB-1 the owner can neither be removed nor leave", func(t *testing.T) {
		given(t, staffed()...).When(remove(oona, oona), now).ThenRejected("owner_cannot_be_removed")
		given(t, staffed()...).When(remove(sam, oona), now).ThenRejected("owner_cannot_be_removed")
	})
	t.Run("equals do not remove each other; everybody else may leave", func(t *testing.T) {
		given(t, staffed()...).When(remove(sam, sue), now).ThenRejected("target_outranks_you")
		given(t, staffed()...).When(remove(sam, sam), now).Then(group.MemberAccessRevoked{Member: sam, RevokedBy: sam})
	})
	t.Run("twice changes nothing", func(t *testing.T) {
		given(t, staffed(gone(uma))...).When(removeUmaWith(1), now).ThenNothing()
		given(t, staffed()...).When(remove(oona, nobody), now).ThenRejected("member_not_found")
	})
	t.Run("AMB-14 whoever has charts needs somebody to take them", func(t *testing.T) {
		f := given(t, staffed()...).When(removeUmaWith(2), now).ThenRejected("reassign_target_required")
		require.Equal(t, "2", f.Details["charts"])
	})
}

func TestStartMemberRemoval(t *testing.T) {
	start := func(m id.Member, p group.Rehoming, facts ...group.ChartFacts) with[group.StartMemberRemoval, group.RemovalFacts] {
		return removal(oona, group.StartMemberRemoval{Member: m, Rehoming: p}, facts...)
	}
	two := chartsOf(uma, someChart, otherChart)

	t.Run("AMB-14 access ends in the first event, the plan follows", func(t *testing.T) {
		plan := group.Rehoming{Charts: []group.Reassignment{{Chart: someChart, To: mia}}, Default: ugo}
		given(t, staffed()...).When(start(uma, plan, append(two, chartsOf(oona, id.Derive[id.Chart]("hers"))...)...), now).Then(
			group.MemberAccessRevoked{Member: uma, RevokedBy: oona},
			group.MemberRemovalStarted{Removal: someRemoval, Member: uma, Plan: plan, Charts: 2, StartedBy: oona},
		)
		given(t, staffed()...).When(start(uma, plan, two...), now).ThenState(func(t testing.TB, s group.State) {
			require.False(t, s.SubjectOfMember(uma).Active)
			r, left := s.RemovalOf(uma)
			require.True(t, left)
			require.Equal(t, group.Removal{
				Removal: someRemoval, Plan: plan, InProgress: true, ManagedBy: []id.Member{mia}, AssistedBy: []id.Member{ada},
			}, r)
			to, custody, ok := r.Plan.TargetOf(someChart)
			require.Equal(t, []any{mia, false, true}, []any{to, custody, ok})
			to, custody, ok = r.Plan.TargetOf(otherChart)
			require.Equal(t, []any{ugo, false, true}, []any{to, custody, ok})
		})
	})
	t.Run("AMB-14 every chart needs a target, and n are missing", func(t *testing.T) {
		f := given(t, staffed()...).When(start(uma, group.Rehoming{}, two...), now).ThenRejected("reassign_target_required")
		require.Equal(t, "2", f.Details["charts"])
		one := group.Rehoming{Charts: []group.Reassignment{{Chart: someChart, To: ugo}}}
		f = given(t, staffed()...).When(start(uma, one, two...), now).ThenRejected("reassign_target_required")
		require.Equal(t, "1", f.Details["charts"])
	})
	t.Run("whoever has no charts leaves without a target", func(t *testing.T) {
		given(t, staffed()...).When(start(ada, group.Rehoming{}, two...), now).Then(
			group.MemberAccessRevoked{Member: ada, RevokedBy: oona},
			group.MemberRemovalStarted{Removal: someRemoval, Member: ada, StartedBy: oona},
		)
	})
	t.Run("targets are active clinicians, never the leaver", func(t *testing.T) {
		for _, to := range []id.Member{sam, uma, nobody} {
			given(t, staffed()...).When(start(uma, group.Rehoming{Default: to}, two...), now).ThenRejected("target_not_active_clinician")
			single := group.Rehoming{Charts: []group.Reassignment{{Chart: someChart, To: to}}, Default: ugo}
			given(t, staffed()...).When(start(uma, single, two...), now).ThenRejected("target_not_active_clinician")
		}
		given(t, staffed(gone(ugo))...).When(start(uma, group.Rehoming{Default: ugo}, two...), now).ThenRejected("target_not_active_clinician")
	})
	t.Run("AMB-13 a target works in the chart's branch", func(t *testing.T) {
		two := chartsOf(uma, someChart, otherChart)
		two[1].Branch = harbour
		f := given(t, staffed()...).When(start(uma, group.Rehoming{Default: ugo}, two...), now).ThenRejected("clinician_not_in_branch")
		require.Equal(t, "1", f.Details["charts"])
	})
	t.Run("custody is for practices without another clinician", func(t *testing.T) {
		custody := group.Rehoming{Custodian: sam}
		given(t, staffed()...).When(start(uma, custody, two...), now).ThenRejected("active_clinician_exists")
		alone := founding()
		alone[0] = func() group.Event {
			e := alone[0].(group.GroupCreated)
			e.Clinician = false
			return e
		}()
		alone = append(append(alone, joins(uma, access.User, true, 3)...), joins(sam, access.SuperAdmin, false, 4)...)
		given(t, alone...).When(start(uma, custody, two...), now).Then(
			group.MemberAccessRevoked{Member: uma, RevokedBy: oona},
			group.MemberRemovalStarted{Removal: someRemoval, Member: uma, Plan: custody, Charts: 2, StartedBy: oona},
		)
		to, inCustody, ok := custody.TargetOf(someChart)
		require.Equal(t, []any{sam, true, true}, []any{to, inCustody, ok})
		for _, custodian := range []id.Member{uma, nobody} {
			given(t, alone...).When(start(uma, group.Rehoming{Custodian: custodian}, two...), now).ThenRejected("target_not_active_member")
		}
	})
	t.Run("AMB-1 the owner stays; ranks hold", func(t *testing.T) {
		given(t, staffed()...).When(start(oona, group.Rehoming{Default: ugo}), now).ThenRejected("owner_cannot_be_removed")
		bySam := start(sue, group.Rehoming{})
		bySam.Facts.By = sam
		given(t, staffed()...).When(bySam, now).ThenRejected("target_outranks_you")
		given(t, staffed()...).When(start(nobody, group.Rehoming{}), now).ThenRejected("member_not_found")
	})
	t.Run("one removal at a time, and once", func(t *testing.T) {
		given(t, staffed(leaving(uma)...)...).When(start(uma, group.Rehoming{Default: ugo}), now).ThenRejected("removal_in_progress")
		done := append(leaving(uma), group.MemberRemoved{Member: uma, ChartsMoved: 1})
		given(t, staffed(done...)...).When(start(uma, group.Rehoming{}), now).ThenNothing()
	})
	t.Run("charts of somebody who lost access before are moved the same way", func(t *testing.T) {
		plan := group.Rehoming{Default: ugo}
		given(t, staffed(gone(uma))...).When(start(uma, plan, two...), now).
			Then(group.MemberRemovalStarted{Removal: someRemoval, Member: uma, Plan: plan, Charts: 2, StartedBy: oona})
	})
}

func TestReplanMemberRemoval(t *testing.T) {
	replan := func(to id.Member) command {
		return removal(oona, group.ReplanMemberRemoval{Member: uma, Rehoming: group.Rehoming{Default: to}}, chartsOf(uma, someChart)...)
	}
	t.Run("AMB-14 when who should take the charts leaves too, others are named", func(t *testing.T) {
		given(t, staffed(append(leaving(uma), gone(ugo))...)...).When(replan(mia), now).
			Then(group.MemberRemovalReplanned{Member: uma, Plan: group.Rehoming{Default: mia}, ReplannedBy: oona})
		given(t, staffed(leaving(uma)...)...).When(replan(mia), now).ThenState(func(t testing.TB, s group.State) {
			r, _ := s.RemovalOf(uma)
			require.Equal(t, mia, r.Plan.Default)
			require.True(t, r.InProgress)
		})
	})
	t.Run("the same plan changes nothing, a bad one is refused", func(t *testing.T) {
		given(t, staffed(leaving(uma)...)...).When(replan(ugo), now).ThenNothing()
		given(t, staffed(leaving(uma)...)...).When(replan(sam), now).ThenRejected("target_not_active_clinician")
		given(t, staffed()...).When(replan(ugo), now).ThenRejected("no_removal_in_progress")
	})
}

func TestCompleteMemberRemoval(t *testing.T) {
	complete := withoutCharts(group.CompleteMemberRemoval{Member: uma, ChartsMoved: 3})
	t.Run("AMB-14 it ends when no chart is left", func(t *testing.T) {
		given(t, staffed(leaving(uma)...)...).When(complete, now).Then(group.MemberRemoved{Member: uma, ChartsMoved: 3})
		left := complete
		left.Facts = 1
		given(t, staffed(leaving(uma)...)...).When(left, now).ThenRejected("charts_remain")
	})
	t.Run("twice changes nothing; without a removal there is nothing to complete", func(t *testing.T) {
		done := append(leaving(uma), group.MemberRemoved{Member: uma, ChartsMoved: 3})
		given(t, staffed(done...)...).When(complete, now).ThenNothing()
		given(t, staffed()...).When(complete, now).ThenRejected("no_removal_in_progress")
		given(t, staffed(gone(uma))...).When(complete, now).ThenRejected("no_removal_in_progress")
	})
}

func TestReinstateMember(t *testing.T) {
	reinstate := func(by, m id.Member, clinicians ...id.Member) command {
		return as(by, group.ReinstateMember{Member: m, Clinicians: clinicians})
	}
	t.Run("AMB-14 the membership keeps its id and remembers what can be linked again", func(t *testing.T) {
		history := staffed(append(leaving(uma), group.MemberRemoved{Member: uma, ChartsMoved: 1})...)
		given(t, history...).When(reinstate(oona, uma), now).Then(group.MemberReinstated{
			Member: uma, Role: access.User, Branches: []id.Branch{mainSt}, Removal: someRemoval,
			ManagedBy: []id.Member{mia}, AssistedBy: []id.Member{ada}, ReinstatedBy: oona,
		})
		given(t, history...).When(reinstate(oona, uma), now).ThenState(func(t testing.TB, s group.State) {
			require.True(t, s.IsActiveClinician(uma))
			require.Equal(t, uma, s.SubjectOf(account(uma)).Member)
			_, left := s.RemovalOf(uma)
			require.False(t, left)
			require.Empty(t, s.SubjectOfMember(mia).Manages, "offered again, not given")
		})
	})
	t.Run("R-5 R-7 whom they managed or assisted is theirs again, as far as they are here", func(t *testing.T) {
		given(t, staffed(gone(mia))...).When(reinstate(sam, mia), now).Then(group.MemberReinstated{
			Member: mia, Role: access.Manager, Branches: []id.Branch{mainSt}, Clinicians: []id.Member{uma}, ReinstatedBy: sam,
		})
		given(t, staffed(gone(ada), gone(uma))...).When(reinstate(oona, ada), now).ThenRejected("empty_scope")
		given(t, staffed(gone(ada), gone(uma))...).When(reinstate(oona, ada, ugo), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, []id.Member{ugo}, s.SubjectOfMember(ada).Assists)
		})
		given(t, staffed(gone(mia))...).When(reinstate(oona, mia, mia), now).ThenRejected("self_management")
	})
	t.Run("AMB-11 grants do not come back, denials do", func(t *testing.T) {
		denial := group.PermissionDenied{Rule: someRule, Member: uma, Capability: access.BillingView, Scope: access.ScopeGroup, DeniedBy: oona}
		given(t, staffed(granted(uma, access.RosterExport), denial, gone(uma))...).When(reinstate(oona, uma), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, []access.Rule{{Capability: access.BillingView, Scope: access.ScopeGroup, Event: someRule, Grantor: oona}}, s.SubjectOfMember(uma).Overrides)
		})
	})
	t.Run("nobody gives a role that is not below their own", func(t *testing.T) {
		given(t, staffed(gone(sue))...).When(reinstate(sam, sue), now).ThenRejected("target_outranks_you")
	})
	t.Run("not while charts are moved, not twice, not beside a new membership (G-7)", func(t *testing.T) {
		given(t, staffed(leaving(uma)...)...).When(reinstate(oona, uma), now).ThenRejected("removal_in_progress")
		given(t, staffed()...).When(reinstate(oona, uma), now).ThenNothing()
		given(t, staffed()...).When(reinstate(oona, nobody), now).ThenRejected("member_not_found")
		back := joins(newcomer, access.User, true, 20)
		joined := back[1].(group.MemberJoined)
		joined.Account = account(uma)
		given(t, staffed(gone(uma), back[0], joined)...).When(reinstate(oona, uma), now).ThenRejected("already_member")
	})
}
