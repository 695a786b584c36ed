package group_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// due is when a claim that is made now is fulfilled.
var due = now.Add(30 * 24 * time.Hour)

// claimed is a practice whose named successor claims it, and what followed.
func claimed(by id.Member, more ...group.Event) []group.Event {
	return staffed(append([]group.Event{group.SuccessorNamed{Successor: by, NamedBy: oona}, group.SuccessionClaimed{By: by, DueAt: due}}, more...)...)
}

func TestClaimSuccession(t *testing.T) {
	claim := func(by id.Member) command { return as(by, group.ClaimSuccession{}) }
	named := group.SuccessorNamed{Successor: uma, NamedBy: oona}
	t.Run("AMB-1 the named successor claims, and the owner has thirty days", func(t *testing.T) {
		given(t, staffed(named)...).When(claim(uma), now).Then(group.SuccessionClaimed{By: uma, DueAt: due})
	})
	t.Run("AMB-1 a claim gives nothing", func(t *testing.T) {
		given(t, staffed(named)...).When(claim(uma), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, fold(staffed()...).SubjectOfMember(uma), s.SubjectOfMember(uma))
			require.Equal(t, oona, s.Owner())
			c, open := s.SuccessionClaim()
			require.True(t, open)
			require.Equal(t, group.SuccessionClaim{By: uma, DueAt: due}, c)
		})
	})
	t.Run("AMB-11 nobody else ever does, whatever they were granted", func(t *testing.T) {
		given(t, staffed(named, granted(sam, access.OwnershipTransfer))...).When(claim(sam), now).ThenRejected("not_successor")
		given(t, staffed(named)...).When(claim(oona), now).ThenRejected("not_successor")
		given(t, staffed()...).When(claim(uma), now).ThenRejected("not_successor")
		given(t, staffed(named, gone(uma))...).When(claim(uma), now).ThenRejected("member_inactive")
		given(t, staffed(named)...).When(claim(nobody), now).ThenRejected("member_not_found")
		given(t).When(claim(uma), now).ThenRejected("group_not_found")
	})
	t.Run("one claim at a time, due or not", func(t *testing.T) {
		given(t, claimed(uma)...).When(claim(uma), now).ThenRejected("succession_already_claimed")
		given(t, claimed(uma)...).When(claim(uma), due).ThenRejected("succession_already_claimed")
	})
	t.Run("not while the owner offers the practice to somebody", func(t *testing.T) {
		given(t, staffed(named, offered(sam))...).When(claim(uma), nextWeek.Add(-1)).ThenRejected("ownership_offer_open")
		given(t, staffed(named, offered(sam))...).When(claim(uma), nextWeek).Then(group.SuccessionClaimed{By: uma, DueAt: nextWeek.Add(group.SuccessionWait)})
	})
}

func TestCompleteSuccession(t *testing.T) {
	complete := group.CompleteSuccession{}
	transferred := group.OwnershipTransferred{From: oona, To: mia, FromNewRole: access.SuperAdmin}
	t.Run("AMB-1 at its time one event swaps the two", func(t *testing.T) {
		given(t, claimed(mia)...).When(complete, due.Add(-1)).ThenRejected("succession_not_due")
		given(t, claimed(mia)...).When(complete, due).Then(transferred)
		given(t).When(complete, due).ThenRejected("group_not_found")
	})
	t.Run("AMB-1 it is the very transfer of an accepted offer", func(t *testing.T) {
		accepted := fold(staffed(offered(mia), transferred)...)
		denied := group.PermissionDenied{Rule: someRule, Member: mia, Capability: access.RosterView, Scope: access.ScopeGroup, DeniedBy: oona}
		given(t, claimed(mia, denied, granted(oona, access.ChartClinicalView))...).When(complete, due).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, accepted.Members(), s.Members(), "roles are swapped and the rules of both are cleared")
			require.Equal(t, mia, s.Owner())
			require.Zero(t, s.Successor())
			_, open := s.SuccessionClaim()
			require.False(t, open)
		})
	})
	t.Run("AMB-1 it never happens twice", func(t *testing.T) {
		given(t, claimed(mia, transferred)...).When(complete, due).ThenNothing()
	})
}

func TestWhatStopsASuccession(t *testing.T) {
	t.Run("AMB-1 the owner says no, also to a claim that is due", func(t *testing.T) {
		for _, at := range []time.Time{now, due.Add(time.Hour)} {
			given(t, claimed(uma)...).When(as(oona, group.RejectSuccession{}), at).Then(group.SuccessionRejected{Claimant: uma, RejectedBy: oona})
		}
		given(t, claimed(uma)...).When(as(sam, group.RejectSuccession{}), now).ThenRejected("owner_only")
		given(t, claimed(uma)...).When(as(uma, group.RejectSuccession{}), now).ThenRejected("owner_only")
		given(t, staffed()...).When(as(oona, group.RejectSuccession{}), now).ThenRejected("no_succession_claim")
	})
	t.Run("whoever claimed takes it back, and nobody else learns of it", func(t *testing.T) {
		given(t, claimed(uma)...).When(as(uma, group.WithdrawSuccession{}), now).Then(group.SuccessionWithdrawn{Claimant: uma})
		for _, by := range []id.Member{oona, sam} {
			given(t, claimed(uma)...).When(as(by, group.WithdrawSuccession{}), now).ThenRejected("no_succession_claim")
		}
		given(t, staffed()...).When(as(uma, group.WithdrawSuccession{}), now).ThenRejected("no_succession_claim")
		given(t, claimed(uma, gone(uma))...).When(as(uma, group.WithdrawSuccession{}), now).ThenRejected("member_inactive")
	})
	t.Run("AMB-1 what was stopped is never completed", func(t *testing.T) {
		for name, stop := range map[string]group.Event{
			"rejected":         group.SuccessionRejected{Claimant: uma, RejectedBy: oona},
			"withdrawn":        group.SuccessionWithdrawn{Claimant: uma},
			"cleared":          group.SuccessorCleared{Successor: uma, ClearedBy: oona},
			"another named":    group.SuccessorNamed{Successor: sam, NamedBy: oona},
			"offered":          offered(sam),
			"offered to them":  offered(uma),
			"transferred":      group.OwnershipTransferred{From: oona, To: sam, FromNewRole: access.SuperAdmin},
			"membership ended": gone(uma),
			"practice is over": group.GroupClosed{ExportManifestHash: someHash, ClosedBy: oona},
		} {
			t.Run(name, func(t *testing.T) {
				given(t, claimed(uma, stop)...).When(group.CompleteSuccession{}, due).ThenNothing()
			})
		}
	})
	t.Run("what is about somebody else stops nothing", func(t *testing.T) {
		transferred := group.OwnershipTransferred{From: oona, To: uma, FromNewRole: access.SuperAdmin}
		given(t, claimed(uma, gone(sam))...).When(group.CompleteSuccession{}, due).Then(transferred)
		given(t, claimed(uma)...).When(as(oona, group.NameSuccessor{Successor: uma}), now).ThenNothing()
	})
	t.Run("after a no or a withdrawal the successor is still named", func(t *testing.T) {
		for _, end := range []group.Event{group.SuccessionRejected{Claimant: uma, RejectedBy: oona}, group.SuccessionWithdrawn{Claimant: uma}} {
			given(t, claimed(uma, end)...).When(as(uma, group.ClaimSuccession{}), now).Then(group.SuccessionClaimed{By: uma, DueAt: due})
		}
	})
}
