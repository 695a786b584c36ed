package chart_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/chart"
	"praxis/domain/id"
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

func TestPatientAccounts(t *testing.T) {
	linked := chart.PatientAccountLinked{Account: parent}
	t.Run("a patient or guardian may be linked, and then act for the patient", func(t *testing.T) {
		given(t, created).When(chart.LinkPatientAccount{Account: parent}, now).Then(linked)
		given(t, created).When(chart.LinkPatientAccount{Account: parent}, now).ThenState(func(t testing.TB, s chart.State) {
			require.True(t, s.MayActFor(parent))
			require.Equal(t, []id.Account{parent}, s.PatientAccounts)
		})
	})
	t.Run("unlinking ends it, on archived charts too", func(t *testing.T) {
		given(t, created, linked, archived).When(chart.UnlinkPatientAccount{Account: parent}, now).Then(chart.PatientAccountUnlinked{Account: parent})
		s := chart.Aggregate().Fold(created, linked, chart.PatientAccountUnlinked{Account: parent})
		require.False(t, s.MayActFor(parent))
	})
	t.Run("refusals", func(t *testing.T) {
		given(t, created, linked).When(chart.LinkPatientAccount{Account: parent}, now).ThenRejected("account_already_linked")
		given(t, created).When(chart.LinkPatientAccount{}, now).ThenRejected("patient_account_required")
		given(t, created, archived).When(chart.LinkPatientAccount{Account: parent}, now).ThenRejected("chart_archived")
		given(t).When(chart.LinkPatientAccount{Account: parent}, now).ThenRejected("chart_not_found")
		given(t, created).When(chart.UnlinkPatientAccount{Account: parent}, now).ThenRejected("account_not_linked")
		given(t).When(chart.UnlinkPatientAccount{Account: parent}, now).ThenRejected("chart_not_found")
	})
	t.Run("a copy of the state keeps its accounts while the chart goes on", func(t *testing.T) {
		other := id.MustParse[id.Account]("00000000-0000-4000-8000-0000000000e2")
		s := chart.Aggregate().Fold(created, linked)
		left, right := s, s
		chart.Evolve(&left, chart.PatientAccountLinked{Account: other})
		chart.Evolve(&right, chart.PatientAccountUnlinked{Account: parent})
		require.Equal(t, []id.Account{parent}, s.PatientAccounts)
		require.Equal(t, []id.Account{parent, other}, left.PatientAccounts)
		require.Empty(t, right.PatientAccounts)
	})
}
