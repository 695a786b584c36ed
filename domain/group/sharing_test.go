package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func share(by id.Member, w access.Width) command {
	return ruling(by, group.SetChartSharing{Sharing: w})
}

// sharing is the fact that the owner chose a width.
func sharing(from, to access.Width) group.Event {
	return group.ChartSharingChanged{Rule: someRule, From: from, To: to, ChangedBy: oona}
}

func TestSetChartSharing(t *testing.T) {
	t.Run("LH3 nothing is shared until the owner says so", func(t *testing.T) {
		require.Equal(t, access.AssignedOnly, fold(staffed()...).ChartSharing())
		given(t, staffed()...).When(share(oona, access.ShareBranch), now).Then(sharing(access.AssignedOnly, access.ShareBranch))
		given(t, staffed(sharing(access.AssignedOnly, access.ShareBranch))...).When(share(oona, access.ShareGroup), now).Then(sharing(access.ShareBranch, access.ShareGroup))
		given(t, staffed(sharing(access.AssignedOnly, access.ShareGroup))...).When(share(oona, access.AssignedOnly), now).Then(sharing(access.ShareGroup, access.AssignedOnly))
	})
	t.Run("what is so already changes nothing", func(t *testing.T) {
		given(t, staffed()...).When(share(oona, access.AssignedOnly), now).ThenNothing()
		given(t, staffed(sharing(access.AssignedOnly, access.ShareGroup))...).When(share(oona, access.ShareGroup), now).ThenNothing()
	})
	t.Run("AMB-11 a super admin may who may grant and holds all that sharing opens", func(t *testing.T) {
		given(t, staffed()...).When(share(sam, access.ShareBranch), now).ThenRejected("grantor_lacks_permission")
		given(t, trusted()...).When(share(sam, access.ShareBranch), now).ThenRejected("grantor_lacks_permission")
		given(t, trusted(granted(sam, access.ChartClinicalView))...).When(share(sam, access.ShareBranch), now).Then(
			group.ChartSharingChanged{Rule: someRule, From: access.AssignedOnly, To: access.ShareBranch, ChangedBy: sam})
		denied := group.PermissionDenied{Rule: someRule, Member: sam, Capability: access.RosterView, Scope: access.ScopeManaged, DeniedBy: oona}
		given(t, trusted(granted(sam, access.ChartClinicalView), denied)...).When(share(sam, access.ShareBranch), now).ThenRejected("grantor_lacks_permission")
	})
	t.Run("to share less takes no more than to set rules", func(t *testing.T) {
		given(t, trusted(sharing(access.AssignedOnly, access.ShareGroup))...).When(share(sam, access.ShareBranch), now).Then(
			group.ChartSharingChanged{Rule: someRule, From: access.ShareGroup, To: access.ShareBranch, ChangedBy: sam})
	})
	t.Run("nobody else may, and nothing else is a width", func(t *testing.T) {
		for _, m := range []id.Member{mia, uma, ada} {
			given(t, staffed()...).When(share(m, access.ShareGroup), now).ThenRejected("grantor_lacks_permission")
		}
		given(t, staffed()...).When(share(nobody, access.ShareGroup), now).ThenRejected("member_not_found")
		given(t, staffed()...).When(share(oona, "world"), now).ThenRejected("unknown_sharing")
		given(t).When(share(oona, access.ShareGroup), now).ThenRejected("group_not_found")
	})
	t.Run("AMB-11 what is seen because it is shared is not handed on", func(t *testing.T) {
		wide := sharing(access.AssignedOnly, access.ShareGroup)
		// Mia is a super admin who practises: she sees every chart, but not as her own right.
		practising := group.MemberRoleChanged{Member: mia, From: access.Manager, To: access.SuperAdmin, ChangedBy: oona}
		history := staffed(practising, granted(mia, access.PermissionGrant), wide)
		require.True(t, access.Decide(fold(history...).SubjectOfMember(mia), access.ChartClinicalView, roster()[2].Resource(practice), now).Allowed)
		given(t, history...).When(grant(mia, ada, access.ChartClinicalView, access.ScopeAssists), now).ThenRejected("grantor_lacks_permission")
	})
}

// A dry run shows exactly who gains which charts (ADR 18).
func TestDiffOfSharing(t *testing.T) {
	charts := roster() // Uma's two and Ugo's in no branch, and Oona's at the harbour with Uma and Ada on its team
	for i := range charts[:3] {
		charts[i].Branch = mainSt
	}
	atHarbour := group.ClinicianBranchesSet{Clinician: ugo, Added: []id.Branch{harbour}, Removed: []id.Branch{mainSt}}
	before := view(charts, staffed(atHarbour)...)
	gains := func(w access.Width) []group.Change {
		return group.Diff(before, view(charts, staffed(atHarbour, sharing(access.AssignedOnly, w))...), now)
	}
	gain := func(m id.Member, c access.Capability, list ...int) group.Change {
		change := group.Change{Member: m, Capability: c, Shift: group.Gained}
		for _, i := range list {
			change.Charts = append(change.Charts, charts[i].Chart)
		}
		return change
	}
	t.Run("within branches", func(t *testing.T) {
		require.Equal(t, []group.Change{
			gain(oona, access.ChartClinicalView, 0, 1, 2), // she has them on her roster anyway
			gain(uma, access.ChartClinicalView, 2), gain(uma, access.RosterView, 2),
			gain(ugo, access.ChartClinicalView, 3), gain(ugo, access.RosterView, 3),
			gain(mia, access.ChartClinicalView, 2), gain(mia, access.RosterView, 2),
		}, gains(access.ShareBranch))
	})
	t.Run("within the group", func(t *testing.T) {
		require.Equal(t, []group.Change{
			gain(oona, access.ChartClinicalView, 0, 1, 2),
			gain(uma, access.ChartClinicalView, 2), gain(uma, access.RosterView, 2),
			gain(ugo, access.ChartClinicalView, 0, 1, 3), gain(ugo, access.RosterView, 0, 1, 3),
			gain(mia, access.ChartClinicalView, 2, 3), gain(mia, access.RosterView, 2, 3),
		}, gains(access.ShareGroup))
	})
	t.Run("and back", func(t *testing.T) {
		shared := view(charts, staffed(atHarbour, sharing(access.AssignedOnly, access.ShareGroup))...)
		require.Equal(t, swapped(gains(access.ShareGroup)), group.Diff(shared, before, now))
	})
}
