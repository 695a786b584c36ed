package group_test

import (
	"bytes"
	"slices"
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

func TestFirstClinician(t *testing.T) {
	t.Run("AMB-16 the earliest active clinician", func(t *testing.T) {
		first, ok := fold(staffed()...).FirstClinician()
		require.True(t, ok)
		require.Equal(t, oona, first)
	})
	t.Run("AMB-16 a non-clinician owner does not count, nor who has left", func(t *testing.T) {
		lay := founding()
		created := lay[0].(group.GroupCreated)
		created.Clinician = false
		lay[0] = created
		// Ugo is recorded later and accepted earlier.
		history := slices.Concat(lay, joins(uma, access.User, true, 4), joins(ugo, access.User, true, 3))
		first, _ := fold(history...).FirstClinician()
		require.Equal(t, ugo, first)
		first, _ = fold(append(history, group.MemberAccessRevoked{Member: ugo, RevokedBy: oona})...).FirstClinician()
		require.Equal(t, uma, first)
	})
	t.Run("AMB-16 at the same instant the smaller id", func(t *testing.T) {
		small, large := uma, ugo
		if bytes.Compare(small[:], large[:]) > 0 {
			small, large = large, small
		}
		for _, order := range [][]id.Member{{small, large}, {large, small}} {
			history := founding()
			created := history[0].(group.GroupCreated)
			created.Clinician = false
			history[0] = created
			for _, m := range order {
				history = append(history, joins(m, access.User, true, 3)...)
			}
			first, _ := fold(history...).FirstClinician()
			require.Equal(t, small, first)
		}
	})
	t.Run("none at all", func(t *testing.T) {
		_, ok := fold().FirstClinician()
		require.False(t, ok)
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
