package commands_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
)

// rosters lists the charts of a practice from the log.
type rosters struct {
	p   *practice
	err error
	// behind is a read model that has seen nothing yet.
	behind bool
}

func (r rosters) GuardsOf(context.Context, id.Group) ([]access.Guard, error) { return nil, nil }

func (r rosters) ChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	if r.behind {
		return nil, r.err
	}
	return r.CurrentChartsOf(ctx, g)
}

func (r rosters) CurrentChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	states := map[es.Stream]chart.State{}
	var order []es.Stream
	for rec, err := range r.p.store.ReadAll(ctx, []es.Category{chart.Category}, es.Position{}) {
		if err != nil {
			return nil, err
		}
		env, err := r.p.registry.Decode(rec)
		if err != nil {
			return nil, err
		}
		if owner, _ := env.Stream.Group(); owner != g {
			continue
		}
		s, known := states[env.Stream]
		if !known {
			order = append(order, env.Stream)
		}
		chart.Evolve(&s, env.Event.(chart.Event))
		states[env.Stream] = s
	}
	var facts []group.ChartFacts
	for _, stream := range order {
		s := states[stream]
		facts = append(facts, group.ChartFacts{Chart: s.Chart, Primary: s.Primary(), Branch: s.Branch, Team: s.Team().Places(), Former: s.Former()})
	}
	return facts, r.err
}

// withRosters is a practice whose engine knows the charts.
func withRosters(t testing.TB) *practice {
	t.Helper()
	p := newPractice(t)
	p.knows(nil)
	return p
}

// knows makes the engine look charts up, with the given error.
func (p *practice) knows(err error) {
	c := p.config()
	c.Rosters = rosters{p: p, err: err}
	p.engine = commands.NewEngine(c)
}

func (p *practice) startRemoval(m id.Member, plan group.Rehoming) (commands.Receipt, error) {
	return commands.StartMemberRemoval.Give(p.ctx(), p.engine, p.by(p.owner), group.StartMemberRemoval{Member: m, Rehoming: plan})
}

func TestRemoval_WithCharts(t *testing.T) {
	p := withRosters(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	first, second := p.patient(ann), p.patient(ann)

	t.Run("AMB-14 charts need somebody to take them", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.RemoveMember.Give(t.Context(), p.engine, p.by(p.owner), group.RemoveMember{Member: ann.member})
			requireFault(t, err, "reassign_target_required")
			_, err = p.startRemoval(ann.member, group.Rehoming{Charts: []group.Reassignment{{Chart: first, To: bob.member}}})
			requireFault(t, err, "reassign_target_required")
		})
	})
	t.Run("AMB-14 access ends at once and the account is free, before any chart moves", func(t *testing.T) {
		receipt, err := p.startRemoval(ann.member, group.Rehoming{Default: bob.member})
		require.NoError(t, err)
		log := p.log(group.Stream(p.group))
		revoked := log[len(log)-2]
		require.Equal(t, group.MemberAccessRevoked{Member: ann.member, RevokedBy: p.owner.member}, revoked.Event)
		require.Equal(t, group.MemberRemovalStarted{
			Removal: revoked.ID, Member: ann.member, Plan: group.Rehoming{Default: bob.member}, Charts: 2, StartedBy: p.owner.member,
		}, log[len(log)-1].Event, "the removal is named by its first event")
		require.Len(t, receipt.Events, 2)
		_, err = p.newEngine().Admit(t.Context(), p.by(ann), question)
		requireFault(t, err, "permission_denied")
		claims := p.log(membership.Stream(ann.account))
		require.Equal(t, membership.Released{Group: p.group, Member: ann.member}, claims[len(claims)-1].Event)
	})
	t.Run("it cannot be completed, repeated or undone while charts are left", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.CompleteMemberRemoval.Give(t.Context(), p.engine, p.byProcess("removal"), group.CompleteMemberRemoval{Member: ann.member})
			requireFault(t, err, "charts_remain")
			_, err = p.startRemoval(ann.member, group.Rehoming{Default: bob.member})
			requireFault(t, err, "removal_in_progress")
			_, err = commands.ReinstateMember.Give(t.Context(), p.engine, p.by(p.owner), group.ReinstateMember{Member: ann.member})
			requireFault(t, err, "removal_in_progress")
		})
	})
	t.Run("others can be named meanwhile", func(t *testing.T) {
		_, err := commands.ReplanMemberRemoval.Give(t.Context(), p.engine, p.by(p.owner), group.ReplanMemberRemoval{
			Member: ann.member, Rehoming: group.Rehoming{Default: p.owner.member},
		})
		require.NoError(t, err)
	})
	t.Run("once they are moved, a process completes it", func(t *testing.T) {
		for _, c := range []id.Chart{first, second} {
			_, err := commands.AssignClinician.Give(t.Context(), p.engine, p.byProcess("removal"), c, chart.AssignClinician{Clinician: p.owner.member})
			require.NoError(t, err)
		}
		_, err := commands.CompleteMemberRemoval.Give(t.Context(), p.engine, p.byProcess("removal"), group.CompleteMemberRemoval{Member: ann.member, ChartsMoved: 2})
		require.NoError(t, err)
		log := p.log(group.Stream(p.group))
		require.Equal(t, group.MemberRemoved{Member: ann.member, ChartsMoved: 2}, log[len(log)-1].Event)
	})
	t.Run("AMB-14 who comes back is who they were", func(t *testing.T) {
		shown, err := commands.ReinstateMember.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.ReinstateMember{Member: ann.member})
		require.NoError(t, err)
		require.NotEmpty(t, shown.Effects)
		require.Equal(t, ann.member, shown.Effects[0].Member)
		_, err = p.engine.Admit(t.Context(), p.by(ann), question)
		requireFault(t, err, "permission_denied")

		call := p.by(p.owner)
		receipt, err := commands.ReinstateMember.Give(t.Context(), p.engine, call, group.ReinstateMember{Member: ann.member})
		require.NoError(t, err)
		a, err := p.newEngine().Admit(t.Context(), p.by(ann), question)
		require.NoError(t, err)
		require.Equal(t, ann.member, a.Subject.Member)
		m, err := p.engine.MembershipOf(t.Context(), ann.account)
		require.NoError(t, err)
		require.Equal(t, ann.member, m.Member)
		again, err := commands.ReinstateMember.Give(t.Context(), p.newEngine(), call, group.ReinstateMember{Member: ann.member})
		require.NoError(t, err)
		answers(t, receipt, again)
	})
}

func TestReinstatement_ClaimsTheAccount(t *testing.T) {
	p := withRosters(t)
	ann := p.join("ann", access.User, true)
	p.remove(p.engine, ann)
	elsewhere := p.founding()
	elsewhere.Group, elsewhere.Owner = id.Derive[id.Group]("elsewhere"), id.Derive[id.Member]("ann elsewhere")
	call := p.by(ann)
	call.Group = elsewhere.Group
	_, err := commands.CreateGroup.Give(t.Context(), p.engine, call, elsewhere)
	require.NoError(t, err)

	t.Run("G-7 nobody is brought back who joined another practice", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.ReinstateMember.Give(t.Context(), p.engine, p.by(p.owner), group.ReinstateMember{Member: ann.member})
			requireFault(t, err, "account_in_other_group")
			_, err = commands.ReinstateMember.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.ReinstateMember{Member: ann.member})
			requireFault(t, err, "account_in_other_group")
		})
	})
	t.Run("nor whom the practice never knew", func(t *testing.T) {
		_, err := commands.ReinstateMember.Give(t.Context(), p.engine, p.by(p.owner), group.ReinstateMember{Member: id.Derive[id.Member]("nobody")})
		requireFault(t, err, "member_not_found")
	})
	t.Run("nor by whom may not invite", func(t *testing.T) {
		bob := p.join("bob", access.User, true)
		_, err := commands.ReinstateMember.Give(t.Context(), p.engine, p.by(bob), group.ReinstateMember{Member: ann.member})
		requireFault(t, err, "permission_denied")
	})
}

func TestRemoval_OnARosterThatLags(t *testing.T) {
	p := withRosters(t)
	ann := p.join("ann", access.User, true)
	p.patient(ann)
	c := p.config()
	c.Rosters = rosters{p: p, behind: true}
	p.engine = commands.NewEngine(c)

	t.Run("AMB-14 it keeps nobody from ending somebody's access", func(t *testing.T) {
		_, err := p.startRemoval(ann.member, group.Rehoming{Default: p.owner.member})
		require.NoError(t, err)
	})
	t.Run("AMB-14 the end of a removal overlooks no chart all the same", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.CompleteMemberRemoval.Give(p.ctx(), p.engine, p.byProcess("removal"), group.CompleteMemberRemoval{Member: ann.member})
			requireFault(t, err, "charts_remain")
		})
	})
}

func TestRemoval_NeedsTheRosters(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	t.Run("what cannot be decided without knowing the charts is refused", func(t *testing.T) {
		p.unchanged(func() {
			_, err := p.startRemoval(ann.member, group.Rehoming{Default: p.owner.member})
			requireFault(t, err, "rosters_unavailable")
			_, err = commands.ReplanMemberRemoval.Give(t.Context(), p.engine, p.by(p.owner), group.ReplanMemberRemoval{Member: ann.member})
			requireFault(t, err, "rosters_unavailable")
			_, err = commands.CompleteMemberRemoval.Give(t.Context(), p.engine, p.byProcess("removal"), group.CompleteMemberRemoval{Member: ann.member})
			requireFault(t, err, "rosters_unavailable")
			_, err = commands.CloseBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CloseBranch{Branch: p.branch})
			requireFault(t, err, "rosters_unavailable")
		})
	})
	t.Run("a failing lookup changes nothing", func(t *testing.T) {
		away := errors.New("away")
		p.knows(away)
		p.unchanged(func() {
			_, err := commands.RemoveMember.Give(t.Context(), p.engine, p.by(p.owner), group.RemoveMember{Member: ann.member})
			require.ErrorIs(t, err, away)
			_, err = p.startRemoval(ann.member, group.Rehoming{Default: p.owner.member})
			require.ErrorIs(t, err, away)
		})
	})
}

func TestExpireInvitation(t *testing.T) {
	p := newPractice(t)
	i := p.invite(someone("ann"), access.User, true)
	_, err := commands.ExpireInvitation.Give(t.Context(), p.engine, p.byProcess("expiry"), group.ExpireInvitation{Invitation: i})
	requireFault(t, err, "invitation_not_expired")
	p.Pass(7 * 24 * time.Hour)
	_, err = commands.ExpireInvitation.Give(t.Context(), p.engine, p.byProcess("expiry"), group.ExpireInvitation{Invitation: i})
	require.NoError(t, err)
	log := p.log(group.Stream(p.group))
	require.Equal(t, group.InvitationExpired{Invitation: i}, log[len(log)-1].Event)
}

func TestCloseBranch(t *testing.T) {
	p := withRosters(t)
	ann := p.join("ann", access.User, true)
	harbour := id.Derive[id.Branch]("harbour")
	_, err := commands.CreateBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CreateBranch{Branch: harbour, Name: "Harbour"})
	require.NoError(t, err)
	_, err = commands.SetClinicianBranches.Give(t.Context(), p.engine, p.by(p.owner), group.SetClinicianBranches{Clinician: ann.member, Branches: []id.Branch{p.branch, harbour}})
	require.NoError(t, err)
	c := p.patient(ann)
	_, err = commands.AssignBranch.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignBranch{Branch: harbour})
	require.NoError(t, err)
	_, err = commands.ArchiveChart.Give(t.Context(), p.engine, p.by(p.owner), c, chart.Archive{Reason: "moved away"})
	require.NoError(t, err)

	_, err = commands.CloseBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CloseBranch{Branch: harbour})
	requireFault(t, err, "branch_has_charts")
	_, err = commands.CloseBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CloseBranch{Branch: harbour, MovedTo: p.branch})
	require.NoError(t, err)
	t.Run("C-5 an archived chart leaves a closed branch, and only that", func(t *testing.T) {
		_, err := commands.AssignBranch.Give(t.Context(), p.engine, p.byProcess("closing"), c, chart.AssignBranch{Branch: p.branch})
		require.NoError(t, err)
		third := id.Derive[id.Branch]("third")
		_, err = commands.CreateBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CreateBranch{Branch: third, Name: "Third"})
		require.NoError(t, err)
		_, err = commands.AssignBranch.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignBranch{Branch: third})
		requireFault(t, err, "chart_archived")
	})
	t.Run("C-5 no chart goes to a closed branch", func(t *testing.T) {
		other := p.patient(ann)
		_, err := commands.AssignBranch.Give(t.Context(), p.engine, p.by(p.owner), other, chart.AssignBranch{Branch: harbour})
		requireFault(t, err, "branch_closed")
		_, err = commands.CreateChart.Give(t.Context(), p.engine, p.by(ann), chart.CreateChart{
			Chart: id.Derive[id.Chart]("new"), Primary: ann.member, Branch: harbour, Patient: chart.Demographics{FamilyName: "Doe"},
		})
		requireFault(t, err, "branch_closed")
	})
}

func TestPlaceInCustody(t *testing.T) {
	p := withRosters(t)
	ann, sam := p.join("ann", access.User, true), p.join("sam", access.SuperAdmin, false)
	c := p.patient(ann)
	keep := chart.PlaceInCustody{Custodian: sam.member}
	_, err := commands.PlaceInCustody.Give(t.Context(), p.engine, p.by(p.owner), c, keep)
	requireFault(t, err, "active_clinician_exists")
	_, err = commands.PlaceInCustody.Give(t.Context(), p.engine, p.by(ann), c, keep)
	requireFault(t, err, "permission_denied")
	_, err = commands.PlaceInCustody.Give(t.Context(), p.engine, p.by(p.owner), c, chart.PlaceInCustody{Custodian: id.Derive[id.Member]("nobody")})
	requireFault(t, err, "member_inactive")
}

func TestPlaceInCustody_WhereNoClinicianIsLeft(t *testing.T) {
	p := emptyHouse(t)
	founding := p.founding()
	founding.OwnerIsClinician = false
	_, err := commands.CreateGroup.Give(t.Context(), p.engine, p.by(p.owner), founding)
	require.NoError(t, err)
	p.knows(nil)
	ann, sam := p.join("ann", access.User, true), p.join("sam", access.SuperAdmin, false)
	c := p.patient(ann)
	_, err = p.startRemoval(ann.member, group.Rehoming{Custodian: sam.member})
	require.NoError(t, err)
	_, err = commands.PlaceInCustody.Give(t.Context(), p.engine, p.byProcess("removal"), c, chart.PlaceInCustody{Custodian: sam.member})
	require.NoError(t, err)
	_, err = commands.CompleteMemberRemoval.Give(t.Context(), p.engine, p.byProcess("removal"), group.CompleteMemberRemoval{Member: ann.member, ChartsMoved: 1})
	require.NoError(t, err)
	log := p.log(chart.Stream(p.group, c))
	require.Equal(t, chart.PlacedInCustody{From: ann.member, Custodian: sam.member}, log[len(log)-1].Event)
}
