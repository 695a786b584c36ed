package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func changeRole(by, m id.Member, role access.Role, clinicians ...id.Member) command {
	return as(by, group.ChangeMemberRole{Member: m, Role: role, Clinicians: clinicians})
}

func TestChangeMemberRole(t *testing.T) {
	t.Run("G-9 the owner picks roles; who becomes a manager is given clinicians (R-5)", func(t *testing.T) {
		given(t, staffed()...).When(changeRole(oona, ugo, access.Manager, uma), now).Then(
			group.MemberRoleChanged{Member: ugo, From: access.User, To: access.Manager, ChangedBy: oona},
			group.ManagedCliniciansSet{Manager: ugo, Added: []id.Member{uma}},
		)
		given(t, staffed()...).When(changeRole(oona, ugo, access.Manager), now).ThenRejected("empty_scope")
	})
	t.Run("who ceases to manage manages nobody; who becomes an assistant assists somebody (R-7)", func(t *testing.T) {
		given(t, staffed()...).When(changeRole(oona, mia, access.Assistant, ugo), now).Then(
			group.ManagedCliniciansSet{Manager: mia, Removed: []id.Member{uma}},
			group.MemberRoleChanged{Member: mia, From: access.Manager, To: access.Assistant, ChangedBy: oona},
			group.AssistantCliniciansSet{Assistant: mia, Added: []id.Member{ugo}},
		)
		given(t, staffed()...).When(changeRole(oona, ada, access.SuperAdmin), now).Then(
			group.AssistantCliniciansSet{Assistant: ada, Removed: []id.Member{uma}},
			group.MemberRoleChanged{Member: ada, From: access.Assistant, To: access.SuperAdmin, ChangedBy: oona},
		)
	})
	t.Run("G-2 AMB-1 the owner is never demoted, not even by themselves", func(t *testing.T) {
		given(t, staffed()...).When(changeRole(oona, oona, access.SuperAdmin), now).ThenRejected("last_owner")
		given(t, staffed()...).When(changeRole(sam, oona, access.User), now).ThenRejected("last_owner")
	})
	t.Run("nobody changes their own role, their equals', or anybody's to their own or above", func(t *testing.T) {
		given(t, staffed()...).When(changeRole(sam, sam, access.User), now).ThenRejected("cannot_change_own_role")
		given(t, staffed()...).When(changeRole(sam, sue, access.User), now).ThenRejected("target_outranks_you")
		given(t, staffed()...).When(changeRole(sam, uma, access.SuperAdmin), now).ThenRejected("role_exceeds_inviter")
		given(t, staffed()...).When(changeRole(oona, sam, access.Owner), now).ThenRejected("role_exceeds_inviter")
		given(t, staffed()...).When(changeRole(uma, mia, access.User), now).ThenRejected("target_outranks_you")
	})
	t.Run("AMB-12 a manager is a clinician", func(t *testing.T) {
		given(t, staffed()...).When(changeRole(oona, ada, access.Manager, uma), now).ThenRejected("manager_must_be_clinician")
	})
	t.Run("the present role changes nothing", func(t *testing.T) {
		given(t, staffed()...).When(changeRole(oona, uma, access.User), now).ThenNothing()
	})
	t.Run("who is unknown or gone has no role to change", func(t *testing.T) {
		given(t, staffed()...).When(changeRole(oona, nobody, access.User), now).ThenRejected("member_not_found")
		given(t, staffed()...).When(changeRole(oona, uma, "root"), now).ThenRejected("unknown_role")
		gone := group.MemberAccessRevoked{Member: uma, RevokedBy: oona}
		given(t, staffed(gone)...).When(changeRole(oona, uma, access.Assistant, ugo), now).ThenRejected("member_inactive")
		given(t, staffed(group.MemberAccessRevoked{Member: sam, RevokedBy: oona})...).When(changeRole(sam, uma, access.Assistant, ugo), now).ThenRejected("member_inactive")
	})
}

func TestAssignManager(t *testing.T) {
	assign := func(m id.Member, clinicians ...id.Member) command {
		return as(oona, group.AssignManager{Manager: m, Clinicians: clinicians})
	}
	t.Run("R-5 a manager manages one clinician or more", func(t *testing.T) {
		given(t, staffed()...).When(assign(mia, ugo, oona), now).ThenState(func(t testing.TB, s group.State) {
			require.ElementsMatch(t, []id.Member{ugo, oona}, s.SubjectOf(account(mia)).Manages)
		})
		given(t, staffed()...).When(assign(mia, ugo), now).
			Then(group.ManagedCliniciansSet{Manager: mia, Added: []id.Member{ugo}, Removed: []id.Member{uma}})
		given(t, staffed()...).When(assign(mia, uma), now).ThenNothing()
		given(t, staffed()...).When(assign(mia), now).ThenRejected("empty_scope")
	})
	t.Run("R-5 AMB-12 not themselves, no non-clinician, nobody who left", func(t *testing.T) {
		given(t, staffed()...).When(assign(mia, uma, mia), now).ThenRejected("self_management")
		given(t, staffed()...).When(assign(mia, sam), now).ThenRejected("not_a_clinician")
		given(t, staffed(group.MemberAccessRevoked{Member: ugo, RevokedBy: oona})...).When(assign(mia, ugo), now).ThenRejected("not_a_clinician")
		given(t, staffed()...).When(assign(ada, uma), now).ThenRejected("manager_must_be_clinician")
		given(t, staffed()...).When(assign(ugo, uma), now).ThenRejected("not_a_manager")
		given(t, staffed()...).When(assign(nobody, uma), now).ThenRejected("member_not_found")
	})
	t.Run("AMB-11 only downwards, whatever was delegated", func(t *testing.T) {
		delegated := staffed(granted(sam, access.MemberRoleChange), granted(mia, access.MemberRoleChange))
		given(t, delegated...).When(as(sam, group.AssignManager{Manager: mia, Clinicians: []id.Member{ugo}}), now).
			Then(group.ManagedCliniciansSet{Manager: mia, Added: []id.Member{ugo}, Removed: []id.Member{uma}})
		another := staffed(granted(sam, access.MemberRoleChange), granted(mia, access.MemberRoleChange), group.MemberRoleChanged{Member: ugo, From: access.User, To: access.Manager, ChangedBy: oona})
		given(t, another...).When(as(mia, group.AssignManager{Manager: ugo, Clinicians: []id.Member{uma}}), now).ThenRejected("target_outranks_you")
		given(t, delegated...).When(as(sam, group.AssignManager{Manager: sue, Clinicians: []id.Member{ugo}}), now).ThenRejected("target_outranks_you")
		given(t, delegated...).When(as(sam, group.AssignManager{Manager: oona, Clinicians: []id.Member{ugo}}), now).ThenRejected("target_outranks_you")
		given(t, delegated...).When(as(nobody, group.AssignManager{Manager: mia, Clinicians: []id.Member{ugo}}), now).ThenRejected("member_not_found")
	})
	t.Run("AMB-11 nobody widens their own scope, but may narrow it", func(t *testing.T) {
		both := staffed(group.ManagedCliniciansSet{Manager: mia, Added: []id.Member{ugo}})
		own := func(clinicians ...id.Member) command {
			return as(mia, group.AssignManager{Manager: mia, Clinicians: clinicians})
		}
		given(t, both...).When(own(uma, ugo, oona), now).ThenRejected("self_grant")
		given(t, both...).When(own(oona), now).ThenRejected("self_grant")
		given(t, both...).When(own(uma), now).Then(group.ManagedCliniciansSet{Manager: mia, Removed: []id.Member{ugo}})
	})
}

func TestAssignAssistant(t *testing.T) {
	assign := func(m id.Member, clinicians ...id.Member) command {
		return as(oona, group.AssignAssistant{Assistant: m, Clinicians: clinicians})
	}
	t.Run("R-7 an assistant assists one clinician or more", func(t *testing.T) {
		given(t, staffed()...).When(assign(ada, ugo), now).
			Then(group.AssistantCliniciansSet{Assistant: ada, Added: []id.Member{ugo}, Removed: []id.Member{uma}})
		given(t, staffed()...).When(assign(ada, uma, uma), now).ThenNothing()
		given(t, staffed()...).When(assign(ada), now).ThenRejected("empty_scope")
		given(t, staffed()...).When(assign(ada, sam), now).ThenRejected("not_a_clinician")
		given(t, staffed()...).When(assign(ada, ada), now).ThenRejected("self_management")
		given(t, staffed()...).When(assign(sam, uma), now).ThenRejected("not_an_assistant")
	})
	t.Run("AMB-11 only downwards, and nobody widens their own scope", func(t *testing.T) {
		given(t, staffed()...).When(as(sam, group.AssignAssistant{Assistant: sue, Clinicians: []id.Member{ugo}}), now).ThenRejected("target_outranks_you")
		given(t, staffed()...).When(as(ada, group.AssignAssistant{Assistant: mia, Clinicians: []id.Member{ugo}}), now).ThenRejected("target_outranks_you")
		given(t, staffed()...).When(as(ada, group.AssignAssistant{Assistant: ada, Clinicians: []id.Member{uma, ugo}}), now).ThenRejected("self_grant")
		given(t, staffed()...).When(as(mia, group.AssignAssistant{Assistant: ada, Clinicians: []id.Member{ugo}}), now).
			Then(group.AssistantCliniciansSet{Assistant: ada, Added: []id.Member{ugo}, Removed: []id.Member{uma}})
	})
	t.Run("R-7 a new assistant has no permissions until granted", func(t *testing.T) {
		subject := fold(staffed()...).SubjectOf(account(ada))
		for _, c := range []access.Capability{access.RosterView, access.ChartClinicalView, access.BillingView, access.AppointmentManage, access.SlotsView} {
			require.False(t, access.Decide(subject, c, access.Resource{Group: practice, Clinician: uma}, now).Allowed, c)
		}
	})
}
