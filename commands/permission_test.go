package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/group"
)

func TestPermission_GrantedAndDeniedAtOnce(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	c := p.patient(ann)
	other := p.newEngine()
	archive := func(to chart.Status) error {
		_, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, p.by(ann), c, chart.ChangeStatus{To: to})
		return err
	}
	requireFault(t, archive(chart.Inactive), "permission_denied")

	t.Run("R-2 a grant by another process holds in the next request, and explains it", func(t *testing.T) {
		call := p.by(p.owner)
		granted, err := commands.GrantPermission.Give(t.Context(), other, call, group.GrantPermission{
			Member: ann.member, Capability: access.ChartStatusChange, Scope: access.ScopeOwn,
		})
		require.NoError(t, err)
		log := p.log(group.Stream(p.group))
		last := log[len(log)-1]
		require.Equal(t, last.ID, last.Event.(group.PermissionGranted).Rule, "a rule is named by the event that set it")
		require.Equal(t, granted.Revision, last.Revision)

		receipt, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, p.by(ann), c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleUserGrant, Event: last.ID, Grantor: p.owner.member}, receipt.Decision)
		facts := p.log(chart.Stream(p.group, c))
		require.Equal(t, "user_grant@"+last.ID.String(), facts[len(facts)-1].Meta.Decision)

		again, err := commands.GrantPermission.Give(t.Context(), p.newEngine(), call, group.GrantPermission{
			Member: ann.member, Capability: access.ChartStatusChange, Scope: access.ScopeOwn,
		})
		require.NoError(t, err)
		answers(t, granted, again)
	})
	t.Run("R-2 a denial beats the grant, and is explained too", func(t *testing.T) {
		_, err := commands.DenyPermission.Give(t.Context(), other, p.by(p.owner), group.DenyPermission{
			Member: ann.member, Capability: access.ChartStatusChange, Scope: access.ScopeGroup,
		})
		require.NoError(t, err)
		log := p.log(group.Stream(p.group))
		last := log[len(log)-1]
		require.Equal(t, last.ID, last.Event.(group.PermissionDenied).Rule)
		requireFault(t, archive(chart.Active), "permission_denied")
		refused := p.refusals()
		require.Equal(t, "user_deny@"+last.ID.String(), refused[len(refused)-1].Meta.Decision)
	})
	t.Run("clearing leaves what the role says", func(t *testing.T) {
		_, err := commands.ClearOverride.Give(t.Context(), other, p.by(p.owner), group.ClearOverride{Member: ann.member, Capability: access.ChartStatusChange})
		require.NoError(t, err)
		requireFault(t, archive(chart.Active), "permission_denied")
		refused := p.refusals()
		require.Equal(t, access.RuleDefaultDeny, refused[len(refused)-1].Meta.Decision)
	})
	t.Run("a rule for the role holds for everybody of it", func(t *testing.T) {
		_, err := commands.SetRolePermission.Give(t.Context(), other, p.by(p.owner), group.SetRolePermission{
			Role: access.User, Capability: access.ChartStatusChange, Effect: group.EffectAllow, Scope: access.ScopeOwn,
		})
		require.NoError(t, err)
		log := p.log(group.Stream(p.group))
		last := log[len(log)-1]
		require.Equal(t, last.ID, last.Event.(group.RolePermissionSet).Rule)
		receipt, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, p.by(ann), c, chart.ChangeStatus{To: chart.Active})
		require.NoError(t, err)
		require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleRoleGrant, Event: last.ID, Grantor: p.owner.member}, receipt.Decision)
	})
	t.Run("a grant for a time ends by itself", func(t *testing.T) {
		until := p.Now().Add(time.Hour)
		_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{
			Member: ann.member, Capability: access.ChartArchive, Scope: access.ScopeOwn, Until: &until,
		})
		require.NoError(t, err)
		_, err = commands.ArchiveChart.Give(t.Context(), p.engine, dry(p.by(ann)), c, chart.Archive{Reason: "moved"})
		require.NoError(t, err)
		p.Pass(time.Hour)
		_, err = commands.ArchiveChart.Give(t.Context(), p.engine, p.by(ann), c, chart.Archive{Reason: "moved"})
		requireFault(t, err, "permission_denied")
	})
	t.Run("a user may grant nothing", func(t *testing.T) {
		p.unchangedButRefusal(func() {
			_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(ann), group.GrantPermission{
				Member: ann.member, Capability: access.RosterExport, Scope: access.ScopeGroup,
			})
			requireFault(t, err, "permission_denied")
		})
	})
}

// unchangedButRefusal requires that f appends one refusal and nothing else.
func (p *practice) unchangedButRefusal(f func()) {
	p.t.Helper()
	all, refused := p.length(), len(p.refusals())
	f()
	require.Len(p.t, p.refusals(), refused+1)
	require.Equal(p.t, all+1, p.length())
}

func TestRole_ChangesAtOnce(t *testing.T) {
	p := newPractice(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	other := p.newEngine()

	t.Run("G-9 a new role reaches further in the next request", func(t *testing.T) {
		_, err := commands.ChangeMemberRole.Give(t.Context(), other, p.by(p.owner), group.ChangeMemberRole{Member: ann.member, Role: access.SuperAdmin})
		require.NoError(t, err)
		a, err := p.engine.Admit(t.Context(), p.by(ann), question)
		require.NoError(t, err)
		require.True(t, a.Reach.Everything())
	})
	t.Run("R-5 a manager reaches whom they are given", func(t *testing.T) {
		_, err := commands.ChangeMemberRole.Give(t.Context(), other, p.by(p.owner), group.ChangeMemberRole{
			Member: ann.member, Role: access.Manager, Clinicians: nil,
		})
		requireFault(t, err, "empty_scope")
		_, err = commands.ChangeMemberRole.Give(t.Context(), other, p.by(p.owner), group.ChangeMemberRole{
			Member: ann.member, Role: access.Manager, Clinicians: ids(bob),
		})
		require.NoError(t, err)
		_, err = p.engine.AdmitTo(t.Context(), p.by(ann), question, access.Resource{Group: p.group, Clinician: bob.member})
		require.NoError(t, err)
		_, err = p.engine.AdmitTo(t.Context(), p.by(ann), question, access.Resource{Group: p.group, Clinician: p.owner.member})
		requireFault(t, err, "permission_denied")
	})
	t.Run("nobody without the permission changes roles", func(t *testing.T) {
		p.unchangedButRefusal(func() {
			_, err := commands.ChangeMemberRole.Give(t.Context(), p.engine, p.by(bob), group.ChangeMemberRole{Member: bob.member, Role: access.SuperAdmin})
			requireFault(t, err, "permission_denied")
		})
	})
	t.Run("the owner stays", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.RemoveMember.Give(t.Context(), p.engine, p.by(p.owner), group.RemoveMember{Member: p.owner.member})
			requireFault(t, err, "owner_cannot_be_removed")
		})
	})
}
