package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestSubjectOf(t *testing.T) {
	s := fold(staffed(
		granted(mia, access.ChartArchive),
		group.RolePermissionSet{Rule: someRule, Role: access.Manager, Capability: access.RosterView, Effect: group.EffectDeny, Scope: access.ScopeGroup, SetBy: oona},
		group.ClinicianBranchesSet{Clinician: mia, Added: []id.Branch{harbour}},
	)...)
	t.Run("a member comes with everything that decides", func(t *testing.T) {
		want := access.Subject{
			Kind: access.KindMember, Account: account(mia), Group: practice, Member: mia, Role: access.Manager, Active: true, Clinician: true,
			Branches: []id.Branch{mainSt, harbour}, Manages: []id.Member{uma},
			Overrides: []access.Rule{{Capability: access.ChartArchive, Allow: true, Scope: access.ScopeGroup, Event: granted(mia, access.ChartArchive).Rule, Grantor: oona}},
			RoleRules: []access.Rule{{Capability: access.RosterView, Scope: access.ScopeGroup, Event: someRule, Grantor: oona}},
		}
		require.Equal(t, want, s.SubjectOf(account(mia)))
		require.Equal(t, want, s.SubjectOfMember(mia))
		require.Equal(t, want.RoleRules, s.RoleRules(access.Manager))
	})
	t.Run("an account the group does not know is a stranger", func(t *testing.T) {
		stranger := access.Subject{Kind: access.KindStranger, Account: account(nobody), Group: practice}
		require.Equal(t, stranger, s.SubjectOf(account(nobody)))
		require.Equal(t, access.KindStranger, s.SubjectOf(id.Account{}).Kind)
		require.Equal(t, access.KindStranger, s.SubjectOfMember(nobody).Kind)
		require.Equal(t, access.KindStranger, fold().SubjectOf(account(oona)).Kind)
	})
	t.Run("a subject outlives what happens next", func(t *testing.T) {
		s := fold(staffed(granted(mia, access.ChartArchive))...)
		before := s.SubjectOf(account(mia))
		for _, e := range []group.Event{
			group.ManagedCliniciansSet{Manager: mia, Added: []id.Member{ugo}, Removed: []id.Member{uma}},
			group.ClinicianBranchesSet{Clinician: mia, Added: []id.Branch{harbour}, Removed: []id.Branch{mainSt}},
			group.PermissionOverrideCleared{Member: mia, Capability: access.ChartArchive},
			granted(mia, access.RosterExport),
		} {
			group.Evolve(&s, e)
		}
		require.Equal(t, []id.Member{uma}, before.Manages)
		require.Equal(t, []id.Branch{mainSt}, before.Branches)
		require.Equal(t, access.ChartArchive, before.Overrides[0].Capability)
	})
}

func TestMembersAreListedInTheOrderOfJoining(t *testing.T) {
	var listed []id.Member
	for _, m := range fold(staffed()...).Members() {
		listed = append(listed, m.ID)
	}
	require.Equal(t, []id.Member{oona, uma, ugo, sam, sue, mia, ada}, listed)
}

func TestC1TheOwnerSeesEveryRoster(t *testing.T) {
	owner := fold(staffed()...).SubjectOf(account(oona))
	require.True(t, access.ReachOf(owner, access.RosterView, now).Everything())
	require.True(t, access.ReachOf(owner, access.ChartArchive, now).Everything(), "C-4")
	require.False(t, access.Decide(fold(staffed()...).SubjectOf(account(uma)), access.ChartArchive, access.Resource{Group: practice, Clinician: uma}, now).Allowed, "C-4 not ordinary clinicians")
}
