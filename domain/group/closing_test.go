package group_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// someHash is what an export may hash to.
var someHash = strings.Repeat("0a", 32)

// deserted is a practice with nobody in it but its owner, and former members.
func deserted(more ...group.Event) []group.Event {
	events := staffed(gone(uma), gone(ugo), gone(sam), gone(sue), gone(mia), gone(ada))
	return append(events, more...)
}

func TestCloseGroup(t *testing.T) {
	closing := estest.Knowing(group.CloseGroup{ExportManifestHash: someHash}, group.ClosingFacts{By: oona, IsExported: true})
	closed := group.GroupClosed{ExportManifestHash: someHash, ClosedBy: oona}
	t.Run("the owner closes a practice that has nobody else in it", func(t *testing.T) {
		given(t, deserted()...).When(closing, now).Then(closed)
		given(t, founding()...).When(closing, now).Then(closed)
		given(t, deserted(closed)...).When(closing, now).ThenNothing()
	})
	t.Run("AMB-11 nobody else does", func(t *testing.T) {
		another := closing
		another.Facts.By = sam
		given(t, staffed(granted(sam, access.BranchManage))...).When(another, now).ThenRejected("owner_only")
		given(t, deserted()...).When(another, now).ThenRejected("member_inactive")
		given(t).When(closing, now).ThenRejected("group_not_found")
	})
	t.Run("everybody else has left, and no charts are being moved", func(t *testing.T) {
		given(t, staffed()...).When(closing, now).ThenRejected("active_members_remain")
		given(t, append(founding(), joins(sam, access.SuperAdmin, false, 5)...)...).When(closing, now).ThenRejected("active_members_remain")
		moving := append(founding(), joins(uma, access.User, true, 3)...)
		given(t, append(moving, leaving(uma)...)...).When(closing, now).ThenRejected("removal_in_progress")
	})
	t.Run("the records were exported", func(t *testing.T) {
		without := closing
		without.Facts.IsExported = false
		given(t, deserted()...).When(without, now).ThenRejected("records_export_required")
		for _, hash := range []string{"", "0a", strings.Repeat("0A", 32), strings.Repeat("0g", 32), someHash + "\n", someHash + "0"} {
			wrong := closing
			wrong.Command.ExportManifestHash = hash
			given(t, deserted()...).When(wrong, now).ThenRejected("invalid_export_hash")
		}
	})
	t.Run("BIL-A11 a purchase that nobody could use yet is undone; its money goes back if it comes, and nothing more is charged", func(t *testing.T) {
		s := subscribed(t).on("2024-06-16")
		l := s.buy(pricing.ERxLite, 1)[0]
		charge := s.open()[0].ID
		s.do(group.StartCollection{Charge: charge})
		s.roll("2024-07-01")
		require.Equal(t, []group.Event{
			group.LicencePurchaseCancelled{Licences: []id.Licence{l}, Charge: charge, On: day("2024-07-01")},
			group.ChargeCancelled{Charge: charge, On: day("2024-07-01"), Awaited: 1},
			closed,
		}, s.do(closing))
		events := s.do(ended(charge, 1, true))
		require.Len(t, events, 1)
		require.Equal(t, group.PaidAfterCancellation, events[0].(group.RefundDue).Reason)
	})
	t.Run("its invitations, its offer, its successor and their claim are void", func(t *testing.T) {
		invited := joins(newcomer, access.User, true, 9)[0].(group.MemberInvited)
		s := fold(deserted(invited, closed)...)
		require.True(t, s.Closed())
		i, known := s.Invitation(invited.Invitation)
		require.True(t, known && i.Closed)
		s = fold(staffed(group.OwnershipOffered{To: sam, OfferedBy: oona, ExpiresAt: nextWeek}, group.SuccessorNamed{Successor: sam, NamedBy: oona}, closed)...)
		_, open := s.OwnershipOffer()
		require.False(t, open)
		require.Zero(t, s.Successor())
		s = fold(staffed(group.SuccessorNamed{Successor: sam, NamedBy: oona}, group.SuccessionClaimed{By: sam, DueAt: nextWeek}, closed)...)
		_, open = s.SuccessionClaim()
		require.False(t, open)
		require.False(t, fold(deserted()...).Closed())
	})
}
