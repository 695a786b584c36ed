package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestScopes_AreGivenDownwardsOnly(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	bob := p.join("bob", access.User, true)
	sam := p.join("sam", access.SuperAdmin, true)
	sue := p.join("sue", access.SuperAdmin, true)
	mia := p.join("mia", access.Manager, true, ann.member)
	_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{
		Member: sam.member, Capability: access.MemberRoleChange, Scope: access.ScopeGroup,
	})
	require.NoError(t, err)
	harbour := id.Derive[id.Branch]("harbour")
	_, err = commands.CreateBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CreateBranch{Branch: harbour, Name: "Harbour"})
	require.NoError(t, err)
	works := func(by, who person) error {
		_, err := commands.SetClinicianBranches.Give(t.Context(), p.engine, p.by(by), group.SetClinicianBranches{Clinician: who.member, Branches: []id.Branch{p.branch, harbour}})
		return err
	}
	t.Run("AMB-11 a super admin to whom it was delegated gives managers their clinicians", func(t *testing.T) {
		_, err := commands.AssignManager.Give(t.Context(), p.engine, p.by(sam), group.AssignManager{Manager: mia.member, Clinicians: ids(ann, bob)})
		require.NoError(t, err)
		_, err = commands.AssignManager.Give(t.Context(), p.engine, p.by(sue), group.AssignManager{Manager: mia.member, Clinicians: ids(bob)})
		requireFault(t, err, "permission_denied")
	})
	t.Run("AMB-11 nobody touches who is not below them, or widens what is their own", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.AssignAssistant.Give(t.Context(), p.engine, p.by(sam), group.AssignAssistant{Assistant: sue.member, Clinicians: ids(ann)})
			requireFault(t, err, "target_outranks_you")
			requireFault(t, works(sam, sue), "target_outranks_you")
			requireFault(t, works(sam, p.owner), "target_outranks_you")
			requireFault(t, works(sam, sam), "self_grant")
		})
		require.NoError(t, works(sam, ann))
		require.NoError(t, works(p.owner, sam))
		require.NoError(t, works(p.owner, p.owner))
	})
}
