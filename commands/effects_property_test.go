package commands_test

import (
	"maps"
	"slices"
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

// rehearsal is a staffed practice with charts in two branches, in which commands
// are done once as a dry run and once for real.
type rehearsal struct {
	*practice
	staff    []person
	charts   []id.Chart
	branches []id.Branch
}

func rehearsing(t testing.TB) rehearsal {
	p := withRosters(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	mia := p.join("mia", access.Manager, true, ann.member)
	ada := p.join("ada", access.Assistant, false, bob.member)
	sam := p.join("sam", access.SuperAdmin, false)
	r := rehearsal{practice: p, staff: []person{ann, bob, mia, ada, sam}, branches: []id.Branch{p.branch, id.Derive[id.Branch]("harbour")}}
	_, err := commands.CreateBranch.Give(p.ctx(), p.engine, p.by(p.owner), group.CreateBranch{Branch: r.branches[1], Name: "Harbour"})
	require.NoError(t, err)
	_, err = commands.SetClinicianBranches.Give(p.ctx(), p.engine, p.by(p.owner), group.SetClinicianBranches{Clinician: bob.member, Branches: r.branches})
	require.NoError(t, err)
	r.charts = []id.Chart{p.patient(ann), p.patient(ann), p.patient(bob), p.patient(bob)}
	_, err = commands.AssignBranch.Give(p.ctx(), p.engine, p.by(p.owner), r.charts[3], chart.AssignBranch{Branch: r.branches[1]})
	require.NoError(t, err)
	return r
}

// kinds are all kinds of commands that change what people may do, about things
// that are drawn.
func (p rehearsal) kinds(r *rapid.T) map[string]func(commands.Call) (commands.Receipt, error) {
	ctx, e := p.ctx(), p.engine
	who, other := rapid.SampledFrom(p.staff).Draw(r, "who"), rapid.SampledFrom(p.staff).Draw(r, "other")
	c := rapid.SampledFrom(p.charts).Draw(r, "chart")
	branch := rapid.SampledFrom(p.branches).Draw(r, "branch")
	capability := rapid.OneOf(rapid.SampledFrom(access.Capabilities()), rapid.SampledFrom(access.SharedCapabilities())).Draw(r, "capability")
	scope := rapid.SampledFrom([]access.Scope{access.ScopeGroup, access.ScopeBranches, access.ScopeAssists, access.ScopeOwn}).Draw(r, "scope")
	role := rapid.SampledFrom(access.Roles()).Draw(r, "role")
	effect := rapid.SampledFrom([]group.Effect{group.EffectAllow, group.EffectDeny, group.EffectDefault}).Draw(r, "effect")
	width := rapid.SampledFrom(access.Widths()).Draw(r, "width")
	type call = commands.Call
	type receipt = commands.Receipt
	return map[string]func(call) (receipt, error){
		"set chart sharing": func(c call) (receipt, error) {
			return commands.SetChartSharing.Give(ctx, e, c, group.SetChartSharing{Sharing: width})
		},
		"grant": func(c call) (receipt, error) {
			until := p.Now().Add(time.Hour)
			return commands.GrantPermission.Give(ctx, e, c, group.GrantPermission{Member: who.member, Capability: capability, Scope: scope, Until: &until})
		},
		"deny": func(c call) (receipt, error) {
			return commands.DenyPermission.Give(ctx, e, c, group.DenyPermission{Member: who.member, Capability: capability, Scope: scope})
		},
		"clear": func(c call) (receipt, error) {
			return commands.ClearOverride.Give(ctx, e, c, group.ClearOverride{Member: who.member, Capability: capability})
		},
		"rule for a role": func(c call) (receipt, error) {
			return commands.SetRolePermission.Give(ctx, e, c, group.SetRolePermission{Role: role, Capability: capability, Effect: effect, Scope: scope})
		},
		"change role": func(c call) (receipt, error) {
			return commands.ChangeMemberRole.Give(ctx, e, c, group.ChangeMemberRole{Member: who.member, Role: role, Clinicians: ids(other)})
		},
		"assign manager": func(c call) (receipt, error) {
			return commands.AssignManager.Give(ctx, e, c, group.AssignManager{Manager: who.member, Clinicians: ids(other)})
		},
		"assign assistant": func(c call) (receipt, error) {
			return commands.AssignAssistant.Give(ctx, e, c, group.AssignAssistant{Assistant: who.member, Clinicians: ids(other)})
		},
		"set branches": func(c call) (receipt, error) {
			return commands.SetClinicianBranches.Give(ctx, e, c, group.SetClinicianBranches{Clinician: who.member, Branches: []id.Branch{branch}})
		},
		"remove": func(c call) (receipt, error) {
			return commands.RemoveMember.Give(ctx, e, c, group.RemoveMember{Member: who.member})
		},
		"start removal": func(c call) (receipt, error) {
			done, err := commands.StartMemberRemoval.Give(ctx, e, c, group.StartMemberRemoval{Member: who.member, Rehoming: group.Rehoming{Default: other.member}})
			if err == nil && !c.DryRun {
				p.rehome(who, other)
			}
			return done, err
		},
		"reinstate": func(c call) (receipt, error) {
			return commands.ReinstateMember.Give(ctx, e, c, group.ReinstateMember{Member: who.member})
		},
		"assign chart": func(call call) (receipt, error) {
			return commands.AssignClinician.Give(ctx, e, call, c, chart.AssignClinician{Clinician: who.member})
		},
		"assign chart to branch": func(call call) (receipt, error) {
			return commands.AssignBranch.Give(ctx, e, call, c, chart.AssignBranch{Branch: branch})
		},
		"add to team": func(call call) (receipt, error) {
			return commands.AddTeamMember.Give(ctx, e, call, c, chart.AddTeamMember{Member: who.member, Role: careteam.Support})
		},
		"change role on team": func(call call) (receipt, error) {
			return commands.ChangeTeamRole.Give(ctx, e, call, c, chart.ChangeTeamRole{Member: who.member, Role: careteam.Clinician})
		},
		"remove from team": func(call call) (receipt, error) {
			return commands.RemoveTeamMember.Give(ctx, e, call, c, chart.RemoveTeamMember{Member: who.member})
		},
	}
}

// TestDryRun_IsWhatReallyHappens does whatever was rehearsed and compares.
func TestDryRun_IsWhatReallyHappens(t *testing.T) {
	effects := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		p := rehearsing(t)
		for range rapid.IntRange(1, 12).Draw(r, "commands") {
			kinds := p.kinds(r)
			kind := rapid.SampledFrom(slices.Sorted(maps.Keys(kinds))).Draw(r, "kind")
			before := p.seen()
			shown, refused := kinds[kind](dry(p.by(p.owner)))
			require.Equal(r, before, p.seen(), "a dry run changes nothing")
			_, err := kinds[kind](p.by(p.owner))
			require.Equal(r, refused == nil, err == nil, "%s: %v, %v", kind, refused, err)
			require.Equal(r, group.Diff(before, p.seen(), p.Now()), shown.Effects, kind)
			effects[kind] += len(shown.Effects)
		}
	})
	require.Positive(t, effects["set chart sharing"])
	require.Greater(t, len(effects), 10, "most kinds of commands were done")
}

// rehome does what the process does after a removal started.
func (p *practice) rehome(from, to person) {
	p.t.Helper()
	moved := 0
	for _, f := range p.seen().Charts {
		if f.Primary == from.member {
			_, err := commands.AssignClinician.Give(p.ctx(), p.engine, p.byProcess("removal"), f.Chart, chart.AssignClinician{Clinician: to.member})
			require.NoError(p.t, err)
			moved++
		}
	}
	_, err := commands.CompleteMemberRemoval.Give(p.ctx(), p.engine, p.byProcess("removal"), group.CompleteMemberRemoval{Member: from.member, ChartsMoved: moved})
	require.NoError(p.t, err)
}
