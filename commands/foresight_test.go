package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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
			receipt, err := p.engine.GrantPermission(t.Context(), dry(p.by(p.owner)), group.GrantPermission{
				Member: bob.member, Capability: access.ChartArchive, Scope: access.ScopeOwn,
			})
			require.NoError(t, err)
			require.Equal(t, []group.Change{{Member: bob.member, Capability: access.ChartArchive, Shift: group.Gained, Members: ids(bob)}}, receipt.Effects)
		})
	})
	t.Run("H-4 of a care team", func(t *testing.T) {
		receipt, err := p.engine.AddTeamMember(t.Context(), dry(p.by(p.owner)), c, chart.AddTeamMember{Member: bob.member, Role: careteam.Clinician})
		require.NoError(t, err)
		require.NotEmpty(t, receipt.Effects)
		for _, change := range receipt.Effects {
			require.Equal(t, []any{bob.member, group.Gained, []id.Chart{c}}, []any{change.Member, change.Shift, change.Charts})
		}
	})
	t.Run("AMB-14 of a removal, through to the charts' new clinician", func(t *testing.T) {
		receipt, err := p.engine.StartMemberRemoval(t.Context(), dry(p.by(p.owner)), group.StartMemberRemoval{
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
		receipt, err := p.engine.ClearOverride(t.Context(), dry(p.by(p.owner)), group.ClearOverride{Member: bob.member, Capability: access.ChartArchive})
		require.NoError(t, err)
		require.Empty(t, receipt.Effects)
		receipt, err = p.engine.GrantPermission(t.Context(), p.by(p.owner), group.GrantPermission{Member: bob.member, Capability: access.ChartArchive, Scope: access.ScopeOwn})
		require.NoError(t, err)
		require.Empty(t, receipt.Effects)
	})
	t.Run("who joins is not told what others may do", func(t *testing.T) {
		zoe := someone("zoe")
		receipt, err := p.engine.AcceptInvitation(t.Context(), dry(p.by(zoe)), p.invite(zoe, access.SuperAdmin, false))
		require.NoError(t, err)
		require.Empty(t, receipt.Effects)
	})
	t.Run("without rosters the answer is about the practice and its people", func(t *testing.T) {
		receipt, err := p.newEngine().DenyPermission(t.Context(), dry(p.by(p.owner)), group.DenyPermission{Member: ann.member, Capability: access.RosterView, Scope: access.ScopeGroup})
		require.NoError(t, err)
		require.Equal(t, []group.Change{{Member: ann.member, Capability: access.RosterView, Shift: group.Lost, Members: ids(ann)}}, receipt.Effects)
	})
}

// TestDryRun_IsWhatReallyHappens does whatever was rehearsed and compares.
func TestDryRun_IsWhatReallyHappens(t *testing.T) {
	effects := 0
	rapid.Check(t, func(r *rapid.T) {
		p := withRosters(t)
		ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
		mia := p.join("mia", access.Manager, true, ann.member)
		ada := p.join("ada", access.Assistant, false, bob.member)
		sam := p.join("sam", access.SuperAdmin, false)
		staff := []person{ann, bob, mia, ada, sam}
		charts := []id.Chart{p.patient(ann), p.patient(ann), p.patient(bob)}

		for range rapid.IntRange(1, 6).Draw(r, "commands") {
			who, other := rapid.SampledFrom(staff).Draw(r, "who"), rapid.SampledFrom(staff).Draw(r, "other")
			c := rapid.SampledFrom(charts).Draw(r, "chart")
			capability := rapid.SampledFrom(access.Capabilities()).Draw(r, "capability")
			scope := rapid.SampledFrom([]access.Scope{access.ScopeGroup, access.ScopeBranches, access.ScopeAssists, access.ScopeOwn}).Draw(r, "scope")
			role := rapid.SampledFrom(access.Roles()).Draw(r, "role")
			do := []func(commands.Call) (commands.Receipt, error){
				func(call commands.Call) (commands.Receipt, error) {
					until := p.now().Add(time.Hour)
					return p.engine.GrantPermission(t.Context(), call, group.GrantPermission{Member: who.member, Capability: capability, Scope: scope, Until: &until})
				},
				func(call commands.Call) (commands.Receipt, error) {
					return p.engine.DenyPermission(t.Context(), call, group.DenyPermission{Member: who.member, Capability: capability, Scope: scope})
				},
				func(call commands.Call) (commands.Receipt, error) {
					return p.engine.SetRolePermission(t.Context(), call, group.SetRolePermission{Role: role, Capability: capability, Effect: group.EffectAllow, Scope: scope})
				},
				func(call commands.Call) (commands.Receipt, error) {
					return p.engine.ChangeMemberRole(t.Context(), call, group.ChangeMemberRole{Member: who.member, Role: role, Clinicians: ids(other)})
				},
				func(call commands.Call) (commands.Receipt, error) {
					return p.engine.AddTeamMember(t.Context(), call, c, chart.AddTeamMember{Member: who.member, Role: careteam.Support})
				},
				func(call commands.Call) (commands.Receipt, error) {
					return p.engine.AssignClinician(t.Context(), call, c, chart.AssignClinician{Clinician: who.member})
				},
				func(call commands.Call) (commands.Receipt, error) {
					receipt, err := p.engine.StartMemberRemoval(t.Context(), call, group.StartMemberRemoval{Member: who.member, Rehoming: group.Rehoming{Default: other.member}})
					if err == nil && !call.DryRun {
						p.rehome(who, other)
					}
					return receipt, err
				},
				func(call commands.Call) (commands.Receipt, error) {
					return p.engine.ReinstateMember(t.Context(), call, group.ReinstateMember{Member: who.member})
				},
			}
			command := rapid.SampledFrom(do).Draw(r, "command")
			before := p.seen()
			shown, refused := command(dry(p.by(p.owner)))
			require.Equal(r, before, p.seen(), "a dry run changes nothing")
			_, err := command(p.by(p.owner))
			require.Equal(r, refused == nil, err == nil, "%v, %v", refused, err)
			require.Equal(r, group.Diff(before, p.seen(), p.now()), shown.Effects)
			effects += len(shown.Effects)
		}
	})
	require.Positive(t, effects, "some command had an effect")
}

// rehome does what the process does after a removal started.
func (p *practice) rehome(from, to person) {
	p.t.Helper()
	moved := 0
	for _, f := range p.seen().Charts {
		if f.Primary == from.member {
			_, err := p.engine.AssignClinician(p.ctx(), p.byProcess("removal"), f.Chart, chart.AssignClinician{Clinician: to.member})
			require.NoError(p.t, err)
			moved++
		}
	}
	_, err := p.engine.CompleteMemberRemoval(p.ctx(), p.byProcess("removal"), group.CompleteMemberRemoval{Member: from.member, ChartsMoved: moved})
	require.NoError(p.t, err)
}
