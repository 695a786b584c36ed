package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestR1FiveRolesAndNoneImpliesALicence(t *testing.T) {
	require.Equal(t, []access.Role{"owner", "super_admin", "manager", "user", "assistant"}, access.Roles(), "R-1")
	p := subscribed(t) // the owner holds the one licence
	invite := func(role access.Role, clinician bool) error {
		var of []id.Member
		if role == access.Manager || role == access.Assistant {
			of = []id.Member{p.owner.member}
		}
		return second(commands.InviteMember.Give(t.Context(), p.engine, dry(p.by(p.owner)), commands.Invite{ValidDays: 7, InviteMember: group.InviteMember{
			Invitation: id.Derive[id.Invitation](p.next()), EmailHash: commands.EmailHash(string(role)), Role: role, Clinician: clinician, Clinicians: of,
		}}))
	}
	t.Run("R-1 L-7 the same role is free without clinical work and needs a licence with it", func(t *testing.T) {
		for _, role := range []access.Role{access.SuperAdmin, access.User} {
			require.NoError(t, invite(role, false), role)
			requireFault(t, invite(role, true), "no_free_licence")
		}
	})
	t.Run("R-1 the owner's role is never given, and there is no sixth", func(t *testing.T) {
		requireFault(t, invite(access.Owner, false), "role_exceeds_inviter")
		requireFault(t, invite("root", false), "unknown_role")
	})
}

func TestG5TheOwnerHasThreeScopes(t *testing.T) {
	p := newPractice(t)
	sam := p.join("sam", access.SuperAdmin, false)
	ann := p.join("ann", access.User, true)
	t.Run("G-5 their own account", func(t *testing.T) {
		own, err := p.engine.MembershipOf(t.Context(), p.owner.account)
		require.NoError(t, err)
		require.Equal(t, commands.Membership{Group: p.group, Member: p.owner.member, Role: access.Owner}, own)
	})
	promote := func(by person) error {
		return second(commands.ChangeMemberRole.Give(t.Context(), p.engine, dry(p.by(by)), group.ChangeMemberRole{Member: ann.member, Role: access.SuperAdmin}))
	}
	t.Run("G-5 everybody else's place in the group, which nobody else has without delegation", func(t *testing.T) {
		require.NoError(t, promote(p.owner))
		requireFault(t, promote(sam), "permission_denied")
		requireFault(t, promote(ann), "permission_denied")
	})
	t.Run("G-5 R-4 what is the owner's alone can be delegated to a super admin, but for the ownership itself", func(t *testing.T) {
		for _, c := range access.Capabilities() {
			held := func(who person) bool {
				answer, err := p.engine.ExplainAccess(t.Context(), p.by(p.owner), commands.AccessQuestion{Member: who.member, Capability: c})
				require.NoError(t, err)
				return answer.Allowed
			}
			if !held(p.owner) || held(sam) {
				continue
			}
			err := second(commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{Member: sam.member, Capability: c, Scope: access.ScopeGroup}))
			if c == access.OwnershipTransfer || c == access.GroupClose {
				requireFault(t, err, "not_delegable")
				continue
			}
			require.NoError(t, err, c)
			require.True(t, held(sam), c)
		}
	})
}

func TestAMB15WhoIsPracticeManager(t *testing.T) {
	p := newPractice(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	sam := p.join("sam", access.SuperAdmin, false)
	mia := p.join("mia", access.Manager, true, ann.member)
	ada := p.join("ada", access.Assistant, false, ann.member)
	anns, bobs := p.patient(ann), p.patient(bob)
	add := func(by person, c id.Chart) error {
		return second(commands.AddTeamMember.Give(t.Context(), p.engine, dry(p.by(by)), c, chart.AddTeamMember{Member: sam.member, Role: careteam.Support}))
	}
	remove := func(by person, c id.Chart) error {
		return second(commands.RemoveTeamMember.Give(t.Context(), p.engine, dry(p.by(by)), c, chart.RemoveTeamMember{Member: ada.member}))
	}
	for _, c := range []id.Chart{anns, bobs} {
		require.NoError(t, second(commands.AddTeamMember.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AddTeamMember{Member: ada.member, Role: careteam.Support})))
	}
	for name, who := range map[string]struct {
		by                       person
		addsAnns, removesAnns    bool
		addsBobs, removesFromBob bool
		// noAdding and noRemoving are the refusals about Bob's chart.
		noAdding, noRemoving string
	}{
		"AMB-15 the owner manages every team":                          {p.owner, true, true, true, true, "", ""},
		"AMB-15 and so does a super admin":                             {sam, true, true, true, true, "", ""},
		"AMB-15 a manager those of the clinicians they manage":         {mia, true, true, false, false, "chart_not_found", "chart_not_found"},
		"AMB-15 a primary adds to their own team and takes nobody off": {ann, true, false, false, false, "chart_not_found", "permission_denied"},
		"AMB-15 an assistant manages none":                             {ada, false, false, false, false, "permission_denied", "permission_denied"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, asked := range []struct {
				may       bool
				err       error
				otherwise string
			}{
				{who.addsAnns, add(who.by, anns), "permission_denied"},
				{who.removesAnns, remove(who.by, anns), "permission_denied"},
				{who.addsBobs, add(who.by, bobs), who.noAdding},
				{who.removesFromBob, remove(who.by, bobs), who.noRemoving},
			} {
				if asked.may {
					require.NoError(t, asked.err)
					continue
				}
				requireFault(t, asked.err, asked.otherwise)
			}
		})
	}
}
