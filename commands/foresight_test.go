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

// seen is the practice as the log has it: who may do what to which chart.
func (p *practice) seen() group.View {
	p.t.Helper()
	s := group.Aggregate().New()
	for _, env := range p.log(group.Stream(p.group)) {
		group.Evolve(&s, env.Event.(group.Event))
	}
	charts, err := rosters{p: p}.ChartsOf(p.ctx(), p.group)
	require.NoError(p.t, err)
	return group.View{State: s, Charts: charts}
}

func TestDryRun_SaysWhoGainsAndLosesWhat(t *testing.T) {
	p := withRosters(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	c := p.patient(ann)

	t.Run("R-2 of a grant", func(t *testing.T) {
		p.unchanged(func() {
			receipt, err := commands.GrantPermission.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.GrantPermission{
				Member: bob.member, Capability: access.ChartArchive, Scope: access.ScopeOwn,
			})
			require.NoError(t, err)
			require.Equal(t, []group.Change{{Member: bob.member, Capability: access.ChartArchive, Shift: group.Gained, Members: ids(bob)}}, receipt.Effects)
		})
	})
	t.Run("H-4 of a care team", func(t *testing.T) {
		receipt, err := commands.AddTeamMember.Give(t.Context(), p.engine, dry(p.by(p.owner)), c, chart.AddTeamMember{Member: bob.member, Role: careteam.Clinician})
		require.NoError(t, err)
		require.NotEmpty(t, receipt.Effects)
		for _, change := range receipt.Effects {
			require.Equal(t, []any{bob.member, group.Gained, []id.Chart{c}}, []any{change.Member, change.Shift, change.Charts})
		}
	})
	t.Run("AMB-14 of a removal, through to the charts' new clinician", func(t *testing.T) {
		receipt, err := commands.StartMemberRemoval.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.StartMemberRemoval{
			Member: ann.member, Rehoming: group.Rehoming{Default: bob.member},
		})
		require.NoError(t, err)
		for _, change := range receipt.Effects {
			if change.Capability == access.ChartClinicalView && change.Member == bob.member {
				require.Equal(t, group.Change{Member: bob.member, Capability: access.ChartClinicalView, Shift: group.Gained, Charts: []id.Chart{c}}, change)
				return
			}
		}
		require.Fail(t, "Bob takes the chart over")
	})
	t.Run("of nothing, nothing; of the real thing, nothing either", func(t *testing.T) {
		receipt, err := commands.ClearOverride.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.ClearOverride{Member: bob.member, Capability: access.ChartArchive})
		require.NoError(t, err)
		require.Empty(t, receipt.Effects)
		receipt, err = commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{Member: bob.member, Capability: access.ChartArchive, Scope: access.ScopeOwn})
		require.NoError(t, err)
		require.Empty(t, receipt.Effects)
	})
	t.Run("who joins is not told what others may do", func(t *testing.T) {
		zoe := someone("zoe")
		receipt, err := commands.AcceptInvitation.Give(t.Context(), p.engine, dry(p.by(zoe)), p.invite(zoe, access.SuperAdmin, false))
		require.NoError(t, err)
		require.Empty(t, receipt.Effects)
	})
	t.Run("without rosters the answer is about the practice and its people", func(t *testing.T) {
		receipt, err := commands.DenyPermission.Give(t.Context(), p.newEngine(), dry(p.by(p.owner)), group.DenyPermission{Member: ann.member, Capability: access.RosterView, Scope: access.ScopeGroup})
		require.NoError(t, err)
		require.Contains(t, receipt.Effects, group.Change{Member: ann.member, Capability: access.RosterView, Shift: group.Lost, Members: ids(ann)})
		require.Contains(t, receipt.Effects, group.Change{Member: ann.member, Capability: access.ChartAssignBranch, Shift: group.Lost, Members: ids(ann)}, "nor change what they do not see")
	})
}
