package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// doe is a chart that leaves its primary and its branch open.
func (p *practice) doe() chart.CreateChart {
	return chart.CreateChart{Chart: id.Derive[id.Chart]("spec", p.next()), Patient: chart.Demographics{FamilyName: "Doe"}}
}

// may grants a member a permission for the whole practice.
func (p *practice) may(who person, c access.Capability, s access.Scope) {
	p.t.Helper()
	_, err := commands.GrantPermission.Give(p.ctx(), p.engine, p.by(p.owner), group.GrantPermission{Member: who.member, Capability: c, Scope: s})
	require.NoError(p.t, err)
}

func created(t *testing.T, r commands.Receipt) chart.Created {
	t.Helper()
	require.Len(t, r.Events, 1)
	return r.Events[0].Event.(chart.Created)
}

func TestChart_DefaultPrimary(t *testing.T) {
	p := newPractice(t)
	p.Pass(time.Hour)
	ann := p.join("ann", access.User, true)
	super := p.join("super", access.SuperAdmin, false)
	p.may(super, access.ChartCreate, access.ScopeGroup)

	t.Run("H-5 the creator, if they are a clinician", func(t *testing.T) {
		r, err := commands.CreateChart.Give(t.Context(), p.engine, p.by(ann), p.doe())
		require.NoError(t, err)
		require.Equal(t, ann.member, created(t, r).Primary)
		require.Equal(t, chart.ByCreator, created(t, r).PrimaryRule)
		require.Equal(t, p.branch, created(t, r).Branch, "AMB-13 the default branch")
	})
	t.Run("AMB-16 else the clinician who joined first", func(t *testing.T) {
		r, err := commands.CreateChart.Give(t.Context(), p.engine, p.by(super), p.doe())
		require.NoError(t, err)
		require.Equal(t, p.owner.member, created(t, r).Primary)
		require.Equal(t, chart.ByFirstProfessional, created(t, r).PrimaryRule)
	})
	t.Run("H-5 whoever was named, and the caller cannot say it was a rule", func(t *testing.T) {
		c := p.doe()
		c.Primary, c.PrimaryRule = ann.member, chart.ByFirstProfessional
		r, err := commands.CreateChart.Give(t.Context(), p.engine, p.by(super), c)
		require.NoError(t, err)
		require.Equal(t, ann.member, created(t, r).Primary)
		require.Equal(t, chart.ByChoice, created(t, r).PrimaryRule)
	})
	t.Run("nobody who treats no patients", func(t *testing.T) {
		c := p.doe()
		c.Primary = super.member
		p.unchanged(func() {
			_, err := commands.CreateChart.Give(t.Context(), p.engine, p.by(super), c)
			requireFault(t, err, "primary_not_professional")
		})
	})
	t.Run("nobody who left", func(t *testing.T) {
		bob := p.join("bob", access.User, true)
		c := p.doe()
		c.Primary = bob.member
		other := p.newEngine()
		p.remove(other, bob)
		p.unchanged(func() {
			_, err := commands.CreateChart.Give(t.Context(), p.engine, p.by(super), c)
			requireFault(t, err, "primary_not_professional")
		})
	})
	t.Run("AMB-16 a practice without clinicians opens no chart", func(t *testing.T) {
		p := emptyHouse(t)
		founding := p.founding()
		founding.OwnerIsClinician = false
		_, err := commands.CreateGroup.Give(t.Context(), p.engine, p.by(p.owner), founding)
		require.NoError(t, err)
		p.may(p.owner, access.ChartCreate, access.ScopeGroup)
		p.unchanged(func() {
			_, err := commands.CreateChart.Give(t.Context(), p.engine, p.by(p.owner), p.doe())
			requireFault(t, err, "no_professional_available")
		})
	})
}

func TestChart_WhoMayOpenOne(t *testing.T) {
	p := newPractice(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	manager := p.join("manager", access.Manager, true, ann.member)
	p.may(manager, access.ChartCreate, access.ScopeManaged)

	for name, c := range map[string]struct {
		who, primary person
		allowed      bool
	}{
		"a user for themselves":          {ann, ann, true},
		"a user not for another":         {ann, bob, false},
		"a manager for whom they manage": {manager, ann, true},
		"a manager for themselves":       {manager, manager, true},
		"a manager not for anybody else": {manager, bob, false},
		"the owner not without a grant":  {p.owner, p.owner, false},
	} {
		t.Run(name, func(t *testing.T) {
			open := p.doe()
			open.Primary = c.primary.member
			_, err := commands.CreateChart.Give(t.Context(), p.engine, p.by(c.who), open)
			if c.allowed {
				require.NoError(t, err)
				return
			}
			requireFault(t, err, "permission_denied")
			require.Empty(t, p.log(chart.Stream(p.group, open.Chart)))
		})
	}
	t.Run("the owner with a grant, for everybody", func(t *testing.T) {
		p.may(p.owner, access.ChartCreate, access.ScopeGroup)
		open := p.doe()
		open.Primary = bob.member
		_, err := commands.CreateChart.Give(t.Context(), p.engine, p.by(p.owner), open)
		require.NoError(t, err)
	})
}

func TestChart_Branches(t *testing.T) {
	p := newPractice(t)
	north := id.Derive[id.Branch]("north")
	_, err := commands.CreateBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CreateBranch{Branch: north, Name: "North"})
	require.NoError(t, err)
	ann := p.join("ann", access.User, true)
	c := p.patient(ann)
	move := func() error {
		_, err := commands.AssignBranch.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignBranch{Branch: north})
		return err
	}

	t.Run("AMB-13 a chart moves where its primary works", func(t *testing.T) {
		requireFault(t, move(), "primary_not_in_branch")
		_, err := commands.SetClinicianBranches.Give(t.Context(), p.newEngine(), p.by(p.owner), group.SetClinicianBranches{
			Clinician: ann.member, Branches: []id.Branch{p.branch, north},
		})
		require.NoError(t, err)
		require.NoError(t, move())
	})
	t.Run("and gets a primary who works there", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.AssignClinician.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignClinician{Clinician: p.owner.member})
			requireFault(t, err, "clinician_not_in_branch")
		})
	})
	t.Run("a branch that the practice does not have is unknown", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.AssignBranch.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignBranch{Branch: id.Derive[id.Branch]("none")})
			requireFault(t, err, "branch_unknown")
		})
	})
}

func TestChart_ReassignmentMovesTheReach(t *testing.T) {
	p := newPractice(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	c := p.patient(ann)
	update := func(who person, name string) error {
		_, err := commands.UpdateDemographics.Give(t.Context(), p.engine, p.by(who), c, chart.UpdateDemographics{Patient: chart.Demographics{FamilyName: name}})
		return err
	}
	require.NoError(t, update(ann, "Roe"))
	requireFault(t, update(bob, "Poe"), "chart_not_found")
	_, err := commands.AssignClinician.Give(t.Context(), p.newEngine(), p.by(p.owner), c, chart.AssignClinician{Clinician: bob.member})
	require.NoError(t, err)
	require.NoError(t, update(bob, "Poe"))

	t.Run("C-2 the former primary reaches it no more", func(t *testing.T) {
		requireFault(t, update(ann, "Moe"), "chart_not_found")
	})
	t.Run("C-2 unless they stay on the team", func(t *testing.T) {
		_, err := commands.AssignClinician.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignClinician{Clinician: ann.member, FormerBecomes: "clinician"})
		require.NoError(t, err)
		require.NoError(t, update(bob, "Moe"))
	})
	t.Run("AMB-14 a leaver's charts can be given away", func(t *testing.T) {
		p.remove(p.engine, ann)
		_, err := commands.AssignClinician.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignClinician{Clinician: bob.member})
		require.NoError(t, err)
	})
}

func TestChart_Tenancy(t *testing.T) {
	p := newPractice(t)
	c := p.patient(p.owner)
	rival := someone("rival")
	other := p.another()
	_, err := commands.CreateGroup.Give(t.Context(), p.engine, p.by(rival), other)
	require.NoError(t, err)
	there := func() commands.Call { call := p.by(rival); call.Group = other.Group; return call }

	t.Run("in their own practice the chart does not exist", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.ArchiveChart.Give(t.Context(), p.engine, there(), c, chart.Archive{Reason: "mine"})
			requireFault(t, err, "chart_not_found")
		})
	})
	t.Run("in the other practice they are strangers", func(t *testing.T) {
		p.practiceUnchanged(func() {
			_, err := commands.ArchiveChart.Give(t.Context(), p.engine, p.by(rival), c, chart.Archive{Reason: "mine"})
			requireFault(t, err, "group_not_found")
		})
	})
	t.Run("members of one practice are no clinicians of another", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.AssignClinician.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignClinician{Clinician: other.Owner})
			requireFault(t, err, "not_active_clinician")
		})
	})
	t.Run("branches of one practice are none of another", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.AssignBranch.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignBranch{Branch: other.DefaultBranch})
			requireFault(t, err, "branch_unknown")
		})
	})
}
