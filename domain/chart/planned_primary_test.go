package chart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es/estest"
)

func TestPlannedPrimary(t *testing.T) {
	p := practice(clinician(ana, downtown), clinician(ben, downtown), clinician(cho, downtown))
	p.By = ana
	october := planned.EffectiveAt
	assign := chart.AssignClinician{Clinician: ben, FormerBecomes: careteam.Clinician, EffectiveAt: october}
	isPlanned := chart.PrimaryChangePlanned{PlannedPrimary: planned}
	carryOut := chart.CarryOutPlannedPrimary{EffectiveAt: october}

	t.Run("AMB-16 Dr B is to be the primary from October on; nothing changes until then", func(t *testing.T) {
		given(t, created).When(in(p, assign), now).Then(isPlanned)
		s := chart.Aggregate().Fold(created, isPlanned)
		require.Equal(t, ana, s.Primary())
		require.Equal(t, planned, s.Planned())
	})
	t.Run("H-2 at that instant it is one fact", func(t *testing.T) {
		changed := chart.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Clinician, Planned: october}
		given(t, created, isPlanned).When(in(p, carryOut), october).Then(changed)
		given(t, created, archived, isPlanned).When(in(p, carryOut), october).Then(changed)
		require.True(t, chart.Aggregate().Fold(created, isPlanned, changed).Planned().IsZero())
	})
	t.Run("not before, not twice, and not what was planned before", func(t *testing.T) {
		given(t, created, isPlanned).When(in(p, carryOut), october.Add(-1)).Then()
		given(t, created).When(in(p, carryOut), october).Then()
		given(t, created, isPlanned).When(in(p, chart.CarryOutPlannedPrimary{EffectiveAt: october.Add(-time.Hour)}), october).Then()
		given(t).When(in(p, carryOut), october).ThenRejected("chart_not_found")
	})
	t.Run("another plan replaces it, the same one does not", func(t *testing.T) {
		other := assign
		other.Clinician = cho
		given(t, created, isPlanned).When(in(p, other), now).
			Then(chart.PrimaryChangePlanned{PlannedPrimary: careteam.PlannedPrimary{To: cho, FormerBecomes: careteam.Clinician, EffectiveAt: october, By: ana}})
		given(t, created, isPlanned).When(in(p, assign), now).ThenRejected("already_planned")
	})
	t.Run("it is cancelled", func(t *testing.T) {
		given(t, created, isPlanned).When(chart.CancelPlannedPrimary{}, now).Then(chart.PrimaryChangeCancelled{To: ben, EffectiveAt: october})
		given(t, created, isPlanned, chart.PrimaryChangeCancelled{To: ben, EffectiveAt: october}).When(chart.CancelPlannedPrimary{}, now).ThenRejected("no_planned_primary")
		given(t).When(chart.CancelPlannedPrimary{}, now).ThenRejected("chart_not_found")
	})
	t.Run("a reassignment made now replaces it", func(t *testing.T) {
		s := chart.Aggregate().Fold(created, isPlanned, chart.PrimaryProfessionalChanged{From: ana, To: cho})
		require.True(t, s.Planned().IsZero())
	})
	t.Run("it lapses when the clinician cannot take the chart by then, and says why", func(t *testing.T) {
		lapses := func(p chart.Group, reason string) {
			given(t, created, isPlanned).When(in(p, carryOut), october).
				Then(chart.PrimaryChangeLapsed{PlannedPrimary: planned, Primary: ana, Reason: reason})
		}
		lapses(practice(former(clinician(ben, downtown))), "not_active_clinician")
		lapses(practice(staff(ben)), "not_active_clinician")
		lapses(practice(clinician(ben, north)), "clinician_not_in_branch")
	})
	t.Run("a former primary who cannot stay leaves, and the change is made", func(t *testing.T) {
		given(t, created, isPlanned).When(in(practice(former(clinician(ana)), clinician(ben, downtown)), carryOut), october).
			Then(chart.PrimaryProfessionalChanged{From: ana, To: ben, Planned: october})
	})
	t.Run("AMB-14 it lapses when the primary leaves and somebody else takes the chart", func(t *testing.T) {
		to := func(to chart.Member) estest.With[chart.Rehome, chart.Target, chart.State, chart.Event] {
			return estest.Knowing(chart.Rehome{Leaver: ana}, chart.Target{Group: practice(to), Removal: removal, To: to.ID})
		}
		given(t, created, isPlanned).When(to(clinician(cho, downtown)), now).Then(
			chart.PrimaryChangeLapsed{PlannedPrimary: planned, Primary: cho, Reason: "primary_left"},
			chart.PrimaryProfessionalChanged{From: ana, To: cho, Removal: removal})
		given(t, created, isPlanned).When(to(clinician(ben, downtown)), now).Then(chart.PrimaryProfessionalChanged{From: ana, To: ben, Removal: removal})
	})
	t.Run("what cannot be done now cannot be planned", func(t *testing.T) {
		refused := func(c chart.AssignClinician, p chart.Group, code string) {
			given(t, created).When(in(p, c), now).ThenRejected(code)
		}
		refused(chart.AssignClinician{Clinician: ana, EffectiveAt: october}, p, "already_primary")
		refused(assign, practice(staff(ben)), "not_active_clinician")
		refused(assign, practice(clinician(ben, north)), "clinician_not_in_branch")
		refused(chart.AssignClinician{Clinician: ben, EffectiveAt: now}, p, "effective_in_past")
		refused(chart.AssignClinician{Clinician: ben, EffectiveAt: october.Add(1)}, p, "instant_not_whole_seconds")
	})
}
