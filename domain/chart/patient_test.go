package chart_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/chart"
)

func TestUpdateDemographics(t *testing.T) {
	moved := patient
	moved.Phone = "555 0100"
	update := func(d chart.Demographics) knowing[chart.UpdateDemographics] {
		return in(practice(), chart.UpdateDemographics{Patient: d})
	}
	t.Run("the event holds everything known from now on", func(t *testing.T) {
		given(t, created).When(update(moved), now).Then(chart.DemographicsUpdated(moved))
		given(t, created).When(update(moved), now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, moved, s.Patient)
		})
	})
	t.Run("no change leads to no event", func(t *testing.T) {
		given(t, created).When(update(patient), now).ThenNothing()
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(update(moved), now).ThenRejected("chart_not_found")
		given(t, created, archived).When(update(moved), now).ThenRejected("chart_archived")
		given(t, created).When(update(chart.Demographics{}), now).ThenRejected("name_required")
	})
}
