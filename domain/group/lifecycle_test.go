package group_test

import (
	"slices"
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

// lifecycleSamples are the golden samples of the events of coming, going and succession.
func lifecycleSamples() []group.Event {
	plan := group.Rehoming{
		Charts: []group.Reassignment{{Chart: someChart, To: ugo}}, Default: mia, Custodian: sam,
	}
	return []group.Event{
		group.InvitationExpired{Invitation: letter},
		group.MemberRemovalStarted{Removal: someRemoval, Member: uma, Plan: plan, Charts: 3, StartedBy: oona},
		group.MemberRemovalReplanned{Member: uma, Plan: plan, ReplannedBy: oona},
		group.MemberRemoved{Member: uma, ChartsMoved: 3},
		group.MemberReinstated{
			Member: mia, Role: access.Manager, Branches: []id.Branch{mainSt}, Clinicians: []id.Member{ugo}, Removal: someRemoval,
			ManagedBy: []id.Member{uma}, AssistedBy: []id.Member{ada}, ReinstatedBy: oona,
		},
		group.RelinkingStarted{Member: uma, Removal: someRemoval, Charts: []id.Chart{someChart, otherChart}, StartedBy: oona},
		group.RelinkingCompleted{Member: uma, Removal: someRemoval, Relinked: 1, Left: []id.Chart{otherChart}},
		group.OwnershipOffered{To: sam, OfferedBy: oona, ExpiresAt: nextWeek},
		group.OwnershipOfferCancelled{To: sam, CancelledBy: oona},
		group.OwnershipTransferred{From: oona, To: sam, FromNewRole: access.SuperAdmin},
		group.SuccessorNamed{Successor: sam, NamedBy: oona},
		group.SuccessorCleared{Successor: sam, ClearedBy: oona},
		group.SuccessionClaimed{By: sam, DueAt: nextWeek},
		group.SuccessionRejected{Claimant: sam, RejectedBy: oona},
		group.SuccessionWithdrawn{Claimant: sam},
		group.BranchClosed{Branch: harbour, MovedTo: mainSt, Charts: 2},
		group.BranchVacated{Branch: harbour, ChartsMoved: 2},
		group.GroupClosed{ExportManifestHash: someHash, ClosedBy: oona},
	}
}

// gone is somebody whose access was revoked.
func gone(m id.Member) group.Event { return group.MemberAccessRevoked{Member: m, RevokedBy: oona} }

// leaving is somebody whose charts are being moved to Ugo.
func leaving(m id.Member) []group.Event {
	return []group.Event{gone(m), group.MemberRemovalStarted{
		Removal: someRemoval, Member: m, Plan: group.Rehoming{Default: ugo}, Charts: 1, StartedBy: oona,
	}}
}

func TestExpireInvitation(t *testing.T) {
	invited := joins(newcomer, access.User, true, 9)[0].(group.MemberInvited)
	expire := group.ExpireInvitation{Invitation: invited.Invitation}
	t.Run("G-8 the clock ends an invitation that nobody answered", func(t *testing.T) {
		given(t, staffed(invited)...).When(expire, invited.ExpiresAt).Then(group.InvitationExpired{Invitation: invited.Invitation})
		given(t, staffed(invited)...).When(expire, invited.ExpiresAt.Add(-1)).ThenRejected("invitation_not_expired")
	})
	t.Run("what was answered, taken back or expired before stays as it is", func(t *testing.T) {
		for _, end := range []group.Event{
			joins(newcomer, access.User, true, 9)[1],
			group.InvitationDeclined{Invitation: invited.Invitation},
			group.InvitationRevoked{Invitation: invited.Invitation, RevokedBy: oona},
			group.InvitationExpired{Invitation: invited.Invitation},
		} {
			given(t, staffed(invited, end)...).When(expire, invited.ExpiresAt).ThenNothing()
		}
		given(t, staffed()...).When(group.ExpireInvitation{Invitation: letter}, now).ThenRejected("invitation_not_found")
	})
	t.Run("who comes too late is told so, and may be invited again", func(t *testing.T) {
		ended := staffed(invited, group.InvitationExpired{Invitation: invited.Invitation})
		given(t, ended...).When(group.AcceptInvitation{
			Invitation: invited.Invitation, Account: account(newcomer), EmailHash: invited.EmailHash, Member: newcomer,
		}, invited.ExpiresAt).ThenRejected("invitation_used")
		again := invitedBy(oona, group.InviteMember{Invitation: letter, EmailHash: invited.EmailHash, Role: access.SuperAdmin, ExpiresAt: nextWeek})
		given(t, ended...).When(again, now).ThenState(func(t testing.TB, s group.State) {
			i, ok := s.Invitation(letter)
			require.True(t, ok)
			require.False(t, i.Closed)
		})
	})
}

func TestCloseBranch(t *testing.T) {
	uptown := id.Derive[id.Branch]("uptown")
	worksIn := func(m id.Member, branches ...id.Branch) group.Event {
		return group.ClinicianBranchesSet{Clinician: m, Added: branches, Removed: []id.Branch{mainSt}}
	}
	history := staffed(group.BranchCreated{Branch: uptown, Name: "Uptown"}, worksIn(uma, harbour), worksIn(ugo, harbour, uptown))

	t.Run("C-5 people and charts go where the branch says", func(t *testing.T) {
		given(t, history...).When(withCharts(2, group.CloseBranch{Branch: harbour, MovedTo: uptown}), now).
			Then(group.BranchClosed{Branch: harbour, MovedTo: uptown, Charts: 2})
		given(t, history...).When(withoutCharts(group.CloseBranch{Branch: harbour, MovedTo: uptown}), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, []id.Branch{uptown}, s.SubjectOfMember(uma).Branches)
			require.Equal(t, []id.Branch{uptown}, s.SubjectOfMember(ugo).Branches)
			require.Len(t, s.Branches(), 2)
			closed, known := s.Branch(harbour)
			require.True(t, known, "history keeps its name")
			require.Equal(t, group.Branch{ID: harbour, Name: "Harbour", Closed: true, MovedTo: uptown}, closed)
		})
	})
	t.Run("without a target, who worked nowhere else works in the default branch (AMB-13)", func(t *testing.T) {
		invited := joins(newcomer, access.User, true, 9)[0].(group.MemberInvited)
		invited.Branches = []id.Branch{harbour}
		given(t, append(history, invited)...).When(withoutCharts(group.CloseBranch{Branch: harbour}), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, []id.Branch{mainSt}, s.SubjectOfMember(uma).Branches)
			require.Equal(t, []id.Branch{uptown}, s.SubjectOfMember(ugo).Branches)
			i, _ := s.Invitation(invited.Invitation)
			require.Equal(t, []id.Branch{mainSt}, i.Branches, "who is invited there starts elsewhere")
		})
	})
	t.Run("C-5 charts need somewhere to go", func(t *testing.T) {
		f := given(t, history...).When(withCharts(7, group.CloseBranch{Branch: harbour}), now).ThenRejected("branch_has_charts")
		require.Equal(t, "7", f.Details["charts"])
	})
	t.Run("the default branch stays; targets are open and others", func(t *testing.T) {
		closed := slices.Concat(history, []group.Event{group.BranchClosed{Branch: uptown}})
		given(t, history...).When(withoutCharts(group.CloseBranch{Branch: mainSt, MovedTo: harbour}), now).ThenRejected("default_branch_required")
		given(t, history...).When(withoutCharts(group.CloseBranch{Branch: harbour, MovedTo: harbour}), now).ThenRejected("invalid_target")
		given(t, history...).When(withoutCharts(group.CloseBranch{Branch: id.Derive[id.Branch]("x")}), now).ThenRejected("branch_not_found")
		given(t, closed...).When(withoutCharts(group.CloseBranch{Branch: harbour, MovedTo: uptown}), now).ThenRejected("branch_closed")
		given(t, closed...).When(withCharts(1, group.CloseBranch{Branch: uptown}), now).ThenNothing()
	})
	t.Run("a closed branch takes nobody and no new name, and frees its own", func(t *testing.T) {
		closed := slices.Concat(history, []group.Event{group.BranchClosed{Branch: uptown}})
		given(t, closed...).When(as(oona, group.SetClinicianBranches{Clinician: uma, Branches: []id.Branch{uptown}}), now).ThenRejected("branch_closed")
		given(t, closed...).When(group.RenameBranch{Branch: uptown, Name: "Hill"}, now).ThenRejected("branch_closed")
		given(t, closed...).When(group.RenameBranch{Branch: harbour, Name: "uptown"}, now).
			Then(group.BranchRenamed{Branch: harbour, From: "Harbour", To: "uptown"})
	})
}
