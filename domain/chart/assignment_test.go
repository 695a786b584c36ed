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

// to assigns to a clinician who is active and works in the chart's branch, in a
// practice with these others.
func to(m id.Member, others ...chart.Member) knowing[chart.AssignClinician] {
	return in(practice(append(others, clinician(m, downtown))...), chart.AssignClinician{Clinician: m})
}

func TestAssignClinician(t *testing.T) {
	t.Run("H-2 reassigning is one event", func(t *testing.T) {
		given(t, created).When(to(ben), now).Then(chart.PrimaryProfessionalChanged{From: ana, To: ben})
	})
	t.Run("AMB-14 an archived chart may be re-homed", func(t *testing.T) {
		given(t, created, archived).When(to(ben), now).Then(chart.PrimaryProfessionalChanged{From: ana, To: ben})
	})
	t.Run("the former primary may stay on the team", func(t *testing.T) {
		c := to(ben, clinician(ana))
		c.Command.FormerBecomes = careteam.Clinician
		given(t, created).When(c, now).Then(chart.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Clinician})
		given(t, created).When(c, now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, ben, s.Primary())
			require.Equal(t, []id.Member{ana}, s.Team().OtherMembers())
		})
	})
	t.Run("a former primary whose access ended cannot stay", func(t *testing.T) {
		c := to(ben, former(staff(ana)))
		c.Command.FormerBecomes = careteam.Clinician
		given(t, created).When(c, now).ThenRejected("member_inactive")
		c.Facts = to(ben, staff(ana)).Facts
		given(t, created).When(c, now).ThenRejected("not_active_clinician")
	})
	t.Run("refusals", func(t *testing.T) {
		given(t, created).When(to(ana), now).ThenRejected("already_primary")
		toBen := chart.AssignClinician{Clinician: ben}
		given(t, created).When(in(practice(staff(ben, downtown)), toBen), now).ThenRejected("not_active_clinician")
		given(t, created).When(in(practice(former(clinician(ben, downtown))), toBen), now).ThenRejected("not_active_clinician")
		given(t, created).When(in(practice(clinician(ben, north)), toBen), now).ThenRejected("clinician_not_in_branch")
		given(t).When(to(ben), now).ThenRejected("chart_not_found")
		second := to(ben)
		second.Command.FormerBecomes = careteam.Primary
		given(t, created).When(second, now).ThenRejected("second_primary")
		second.Command.FormerBecomes = "wizard"
		given(t, created).When(second, now).ThenRejected("role_unknown")
	})
}

func TestAssignBranch(t *testing.T) {
	move := in(practice(clinician(ana, downtown, north)), chart.AssignBranch{Branch: north})
	t.Run("C-2 the chart moves", func(t *testing.T) {
		given(t, created).When(move, now).Then(chart.BranchChanged{From: downtown, To: north})
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(move, now).ThenRejected("chart_not_found")
		given(t, created, archived).When(move, now).ThenRejected("chart_archived")
		given(t, created, chart.BranchChanged{From: downtown, To: north}).When(move, now).ThenRejected("already_in_branch")
		elsewhere := practice(clinician(ana, downtown))
		given(t, created).When(in(without(north, elsewhere), move.Command), now).ThenRejected("branch_unknown")
		given(t, created).When(in(closed(north, elsewhere), move.Command), now).ThenRejected("branch_closed")
		given(t, created).When(in(elsewhere, move.Command), now).ThenRejected("primary_not_in_branch")
	})
}

func TestDefaultPrimary(t *testing.T) {
	third := time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)
	first := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	joined := func(m chart.Member, at time.Time) chart.Member { m.Joined = at; return m }
	others := []chart.Member{joined(former(clinician(id.Derive[id.Member]("left"))), time.Time{}), joined(staff(cho), time.Time{})}
	clinic := practice(append(others, joined(clinician(ben), first), joined(clinician(ana), third))...)
	t.Run("H-5 a creator who is a clinician is the primary", func(t *testing.T) {
		for _, creator := range []id.Member{ana, ben} {
			m, rule, err := clinic.DefaultPrimary(creator)
			require.NoError(t, err)
			require.Equal(t, creator, m)
			require.Equal(t, chart.ByCreator, rule)
		}
	})
	t.Run("H-5 else it is the clinician who joined first", func(t *testing.T) {
		m, rule, err := clinic.DefaultPrimary(cho)
		require.NoError(t, err)
		require.Equal(t, ana, m)
		require.Equal(t, chart.ByFirstProfessional, rule)
	})
	t.Run("AMB-16 a tie goes to the smaller member id", func(t *testing.T) {
		m, _, err := practice(append(others, joined(clinician(ben), first), joined(clinician(ana), first))...).DefaultPrimary(cho)
		require.NoError(t, err)
		require.Equal(t, ana, m)
	})
	t.Run("AMB-16 without an active clinician no chart can be created", func(t *testing.T) {
		_, _, err := practice(others...).DefaultPrimary(cho)
		require.Equal(t, "no_professional_available", fault.From(err).Code)
	})
}

func TestResource(t *testing.T) {
	s := chart.Aggregate().Fold(created, chart.TeamMemberAdded{Member: cho, Role: careteam.Support})
	require.Equal(t, access.Resource{Group: group, Clinician: ana, Branch: downtown, Team: []access.Place{{Member: cho}}, Chart: chartID}, s.Resource(group))
}
