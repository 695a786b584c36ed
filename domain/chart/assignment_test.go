package chart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// to assigns to a clinician who is active and works in the chart's branch.
func to(m id.Member) chart.AssignClinician {
	return chart.AssignClinician{Clinician: m, ClinicianIsActive: true, ClinicianIsInBranch: true}
}

func TestAssignClinician(t *testing.T) {
	t.Run("H-2 reassigning is one event", func(t *testing.T) {
		given(t, created).When(to(ben), now).Then(chart.PrimaryProfessionalChanged{From: ana, To: ben})
	})
	t.Run("AMB-14 an archived chart may be re-homed", func(t *testing.T) {
		given(t, created, archived).When(to(ben), now).Then(chart.PrimaryProfessionalChanged{From: ana, To: ben})
	})
	t.Run("the former primary may stay on the team", func(t *testing.T) {
		c := to(ben)
		c.FormerBecomes, c.FormerIsActive, c.FormerIsClinician = careteam.Clinician, true, true
		given(t, created).When(c, now).Then(chart.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Clinician})
		given(t, created).When(c, now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, ben, s.Primary())
			require.Equal(t, []id.Member{ana}, s.Team().OtherMembers())
		})
	})
	t.Run("a former primary whose access ended cannot stay", func(t *testing.T) {
		c := to(ben)
		c.FormerBecomes = careteam.Clinician
		given(t, created).When(c, now).ThenRejected("member_inactive")
		c.FormerIsActive = true
		given(t, created).When(c, now).ThenRejected("not_active_clinician")
	})
	t.Run("refusals", func(t *testing.T) {
		given(t, created).When(to(ana), now).ThenRejected("already_primary")
		given(t, created).When(chart.AssignClinician{Clinician: ben, ClinicianIsInBranch: true}, now).ThenRejected("not_active_clinician")
		given(t, created).When(chart.AssignClinician{Clinician: ben, ClinicianIsActive: true}, now).ThenRejected("clinician_not_in_branch")
		given(t).When(to(ben), now).ThenRejected("chart_not_found")
		second := to(ben)
		second.FormerBecomes = careteam.Primary
		given(t, created).When(second, now).ThenRejected("second_primary")
		second.FormerBecomes = "wizard"
		given(t, created).When(second, now).ThenRejected("role_unknown")
	})
}

func TestAssignBranch(t *testing.T) {
	move := chart.AssignBranch{Branch: north, BranchIsKnown: true, BranchIsOpen: true, PrimaryIsInBranch: true}
	t.Run("C-2 the chart moves", func(t *testing.T) {
		given(t, created).When(move, now).Then(chart.BranchChanged{From: downtown, To: north})
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(move, now).ThenRejected("chart_not_found")
		given(t, created, archived).When(move, now).ThenRejected("chart_archived")
		given(t, created, chart.BranchChanged{From: downtown, To: north}).When(move, now).ThenRejected("already_in_branch")
		given(t, created).When(chart.AssignBranch{Branch: north}, now).ThenRejected("branch_unknown")
		given(t, created).When(chart.AssignBranch{Branch: north, BranchIsKnown: true}, now).ThenRejected("branch_closed")
		given(t, created).When(chart.AssignBranch{Branch: north, BranchIsKnown: true, BranchIsOpen: true}, now).ThenRejected("primary_not_in_branch")
	})
}

func TestDefaultPrimary(t *testing.T) {
	third := time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)
	first := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	active := []chart.Clinician{{Member: ben, Joined: first}, {Member: ana, Joined: third}}
	t.Run("H-5 a creator who is a clinician is the primary", func(t *testing.T) {
		for _, creator := range []id.Member{ana, ben} {
			m, rule, err := chart.DefaultPrimary(creator, active)
			require.NoError(t, err)
			require.Equal(t, creator, m)
			require.Equal(t, chart.ByCreator, rule)
		}
	})
	t.Run("H-5 else it is the clinician who joined first", func(t *testing.T) {
		m, rule, err := chart.DefaultPrimary(cho, active)
		require.NoError(t, err)
		require.Equal(t, ana, m)
		require.Equal(t, chart.ByFirstProfessional, rule)
	})
	t.Run("AMB-16 a tie goes to the smaller member id", func(t *testing.T) {
		m, _, err := chart.DefaultPrimary(cho, []chart.Clinician{{Member: ben, Joined: first}, {Member: ana, Joined: first}})
		require.NoError(t, err)
		require.Equal(t, ana, m)
	})
	t.Run("AMB-16 without an active clinician no chart can be created", func(t *testing.T) {
		_, _, err := chart.DefaultPrimary(cho, nil)
		require.Equal(t, "no_professional_available", fault.From(err).Code)
	})
}

func TestResource(t *testing.T) {
	s := chart.Aggregate().Fold(created, chart.TeamMemberAdded{Member: cho, Role: careteam.Support})
	require.Equal(t, access.Resource{Group: group, Clinician: ana, Branch: downtown, Team: []id.Member{cho}, Chart: chartID}, s.Resource(group))
}
