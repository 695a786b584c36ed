package chart_test

import (
	"testing"

	"praxis/domain/chart"
	"praxis/domain/es/estest"
)

func TestRehome(t *testing.T) {
	toBen := chart.Target{Group: practice(clinician(ben, downtown)), Removal: removal, To: ben}
	rehome := func(target chart.Target) estest.With[chart.Rehome, chart.Target, chart.State, chart.Event] {
		return estest.Knowing(chart.Rehome{Leaver: ana}, target)
	}
	t.Run("AMB-14 a leaver's chart goes to whom the plan names, archived or not", func(t *testing.T) {
		moved := chart.PrimaryProfessionalChanged{From: ana, To: ben, Removal: removal}
		given(t, created).When(rehome(toBen), now).Then(moved)
		given(t, created, archived).When(rehome(toBen), now).Then(moved)
	})
	t.Run("a chart that has another primary by now is left alone, whatever the plan says", func(t *testing.T) {
		moved := chart.PrimaryProfessionalChanged{From: ana, To: cho}
		given(t, created, moved).When(rehome(toBen), now).ThenNothing()
		given(t, created, moved).When(rehome(chart.Target{}), now).ThenNothing()
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(rehome(toBen), now).ThenRejected("chart_not_found")
		given(t, created).When(rehome(chart.Target{Group: toBen.Group, Removal: removal}), now).ThenRejected("no_removal_in_progress")
		given(t, created).When(rehome(chart.Target{Group: practice(clinician(ben, north)), Removal: removal, To: ben}), now).ThenRejected("clinician_not_in_branch")
		given(t, created).When(rehome(chart.Target{Group: toBen.Group, Removal: removal, To: ben, Custody: true}), now).ThenRejected("active_clinician_exists")
	})
}
