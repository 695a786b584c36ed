package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func offered(to id.Member) group.OwnershipOffered {
	return group.OwnershipOffered{To: to, OfferedBy: oona, ExpiresAt: nextWeek}
}

func TestOfferOwnership(t *testing.T) {
	offer := func(by, to id.Member) with[group.OfferOwnership, id.Member] {
		return as(by, group.OfferOwnership{To: to, ExpiresAt: nextWeek})
	}
	t.Run("AMB-1 the owner offers, to an active member", func(t *testing.T) {
		given(t, staffed()...).When(offer(oona, uma), now).Then(offered(uma))
		given(t, staffed()...).When(offer(oona, nobody), now).ThenRejected("target_not_active_member")
		given(t, staffed(gone(uma))...).When(offer(oona, uma), now).ThenRejected("target_not_active_member")
		given(t, staffed()...).When(offer(oona, oona), now).ThenRejected("target_is_owner")
	})
	t.Run("AMB-11 nobody else ever does", func(t *testing.T) {
		given(t, staffed(granted(sam, access.OwnershipTransfer))...).When(offer(sam, uma), now).ThenRejected("owner_only")
		given(t, staffed(gone(sam))...).When(offer(sam, uma), now).ThenRejected("member_inactive")
	})
	t.Run("one offer at a time, for a time", func(t *testing.T) {
		given(t, staffed(offered(sam))...).When(offer(oona, uma), now).ThenRejected("ownership_already_offered")
		past := offer(oona, uma)
		past.Command.ExpiresAt = now
		given(t, staffed()...).When(past, now).ThenRejected("expiry_in_past")
		later := offer(oona, uma)
		later.Command.ExpiresAt = nextWeek.AddDate(0, 0, 7)
		given(t, staffed(offered(sam))...).When(later, nextWeek).Then(group.OwnershipOffered{To: uma, OfferedBy: oona, ExpiresAt: later.Command.ExpiresAt})
	})
	t.Run("an offer gives nothing", func(t *testing.T) {
		given(t, staffed()...).When(offer(oona, uma), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, fold(staffed()...).SubjectOfMember(uma), s.SubjectOfMember(uma))
			o, open := s.OwnershipOffer()
			require.True(t, open)
			require.Equal(t, group.OwnershipOffer{To: uma, ExpiresAt: nextWeek}, o)
		})
	})
}

func TestAcceptOwnership(t *testing.T) {
	accept := func(by id.Member) command { return as(by, group.AcceptOwnership{}) }
	t.Run("G-2 AMB-1 one event swaps the two, and nothing else moves", func(t *testing.T) {
		given(t, staffed(offered(mia))...).When(accept(mia), now).
			Then(group.OwnershipTransferred{From: oona, To: mia, FromNewRole: access.SuperAdmin})
		given(t, staffed(offered(mia))...).When(accept(mia), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, mia, s.Owner())
			require.Equal(t, access.Owner, s.SubjectOfMember(mia).Role)
			require.Empty(t, s.SubjectOfMember(mia).Manages)
			require.Equal(t, access.SuperAdmin, s.SubjectOfMember(oona).Role)
			require.True(t, s.SubjectOfMember(oona).Clinician)
			_, open := s.OwnershipOffer()
			require.False(t, open)
		})
	})
	t.Run("AMB-1 the new owner can never be locked out", func(t *testing.T) {
		var denied []group.Event
		for _, c := range access.Capabilities() {
			denied = append(denied, group.PermissionDenied{Rule: someRule, Member: sam, Capability: c, Scope: access.ScopeGroup, DeniedBy: oona})
		}
		given(t, staffed(append(denied, offered(sam))...)...).When(accept(sam), now).ThenState(func(t testing.TB, s group.State) {
			founder := fold(founding()...).SubjectOfMember(oona)
			founder.Clinician = false
			for _, c := range access.Capabilities() {
				require.Equal(t, access.ReachOf(founder, c, now).Everything(), access.ReachOf(s.SubjectOfMember(sam), c, now).Everything(), c)
			}
		})
	})
	t.Run("AMB-11 what the former owner gave themselves ends with their ownership", func(t *testing.T) {
		given(t, staffed(granted(oona, access.ChartClinicalView), offered(sam))...).When(accept(sam), now).ThenState(func(t testing.TB, s group.State) {
			require.Empty(t, s.SubjectOfMember(oona).Overrides)
			require.False(t, access.ReachOf(s.SubjectOfMember(oona), access.ChartClinicalView, now).Everything())
		})
	})
	t.Run("only whom it was offered to, and in time", func(t *testing.T) {
		given(t, staffed()...).When(accept(sam), now).ThenRejected("no_ownership_offer")
		given(t, staffed(offered(sam))...).When(accept(sue), now).ThenRejected("no_ownership_offer")
		given(t, staffed(offered(sam))...).When(accept(sam), nextWeek).ThenRejected("offer_expired")
		given(t).When(accept(sam), now).ThenRejected("group_not_found")
	})
	t.Run("AMB-1 an offer ends with the access of its addressee", func(t *testing.T) {
		given(t, staffed(offered(sam), gone(sam))...).When(accept(sam), now).ThenRejected("no_ownership_offer")
	})
	t.Run("AMB-1 once transferred, the former owner may leave, and the new one may not", func(t *testing.T) {
		transferred := group.OwnershipTransferred{From: oona, To: sam, FromNewRole: access.SuperAdmin}
		given(t, staffed(transferred)...).When(remove(sam, oona), now).Then(group.MemberAccessRevoked{Member: oona, RevokedBy: sam})
		given(t, staffed(transferred)...).When(remove(sam, sam), now).ThenRejected("owner_cannot_be_removed")
		given(t, staffed(transferred)...).When(changeRole(oona, sam, access.User), now).ThenRejected("last_owner")
	})
}

func TestCancelOwnershipOffer(t *testing.T) {
	cancel := func(by id.Member) command { return as(by, group.CancelOwnershipOffer{}) }
	t.Run("the owner takes it back, or its addressee says no", func(t *testing.T) {
		for _, by := range []id.Member{oona, uma} {
			given(t, staffed(offered(uma))...).When(cancel(by), now).Then(group.OwnershipOfferCancelled{To: uma, CancelledBy: by})
		}
		given(t, staffed(offered(uma), group.OwnershipOfferCancelled{To: uma, CancelledBy: oona})...).When(as(uma, group.AcceptOwnership{}), now).ThenRejected("no_ownership_offer")
	})
	t.Run("nobody else learns of it", func(t *testing.T) {
		given(t, staffed(offered(uma))...).When(cancel(sam), now).ThenRejected("no_ownership_offer")
		given(t, staffed()...).When(cancel(oona), now).ThenRejected("no_ownership_offer")
	})
}

func TestNameSuccessor(t *testing.T) {
	name := func(by, m id.Member) command { return as(by, group.NameSuccessor{Successor: m}) }
	named := group.SuccessorNamed{Successor: uma, NamedBy: oona}
	t.Run("AMB-1 the owner names one active member", func(t *testing.T) {
		given(t, staffed()...).When(name(oona, uma), now).Then(named)
		given(t, staffed(named)...).When(name(oona, sam), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, sam, s.Successor())
			require.Equal(t, access.SuperAdmin, s.SubjectOfMember(sam).Role, "it gives them nothing")
		})
		given(t, staffed(named)...).When(name(oona, uma), now).ThenNothing()
		given(t, staffed()...).When(name(oona, nobody), now).ThenRejected("target_not_active_member")
		given(t, staffed()...).When(name(oona, oona), now).ThenRejected("target_is_owner")
		given(t, staffed()...).When(name(sam, uma), now).ThenRejected("owner_only")
	})
	t.Run("it ends when cleared, when they leave, and with the ownership", func(t *testing.T) {
		given(t, staffed(named)...).When(as(oona, group.ClearSuccessor{}), now).Then(group.SuccessorCleared{Successor: uma, ClearedBy: oona})
		given(t, staffed()...).When(as(oona, group.ClearSuccessor{}), now).ThenNothing()
		given(t, staffed(named)...).When(as(uma, group.ClearSuccessor{}), now).ThenRejected("owner_only")
		for _, end := range []group.Event{
			group.SuccessorCleared{Successor: uma, ClearedBy: oona},
			gone(uma),
			group.OwnershipTransferred{From: oona, To: sam, FromNewRole: access.SuperAdmin},
		} {
			require.True(t, fold(staffed(named, end)...).Successor().IsZero())
		}
	})
}
