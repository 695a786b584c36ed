package chart_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
)

// What a link can allow.
var (
	viewing   = []access.Capability{access.AppointmentViewOwn}
	booking   = []access.Capability{access.AppointmentViewOwn, access.AppointmentBookOwn}
	reporting = []access.Capability{access.AccessReportOwn}
	whole     = []access.Capability{access.AppointmentViewOwn, access.AppointmentBookOwn, access.AccessReportOwn}
)

func linkOf(t *testing.T, at time.Time, history ...chart.Event) (access.Link, bool) {
	t.Helper()
	return chart.Aggregate().Fold(history...).LinkOf(parent, at)
}

func TestPatientAccounts(t *testing.T) {
	linked := chart.PatientAccountLinked{Account: parent}
	t.Run("an account may be linked without saying who it is, and then books for the patient", func(t *testing.T) {
		given(t, created).When(chart.LinkPatientAccount{Account: parent}, now).Then(linked)
		link, ok := linkOf(t, now, created, linked)
		require.True(t, ok)
		require.Equal(t, access.Link{Chart: chartID, May: booking}, link)
	})
	t.Run("links of the log from before relations and limits were recorded read as that", func(t *testing.T) {
		var old chart.PatientAccountLinked
		require.NoError(t, json.Unmarshal([]byte(`{"account":"`+parent.String()+`"}`), &old))
		require.Equal(t, linked, old)
	})
	t.Run("with a relation, the limits follow from it or are named", func(t *testing.T) {
		for _, c := range []struct {
			asked chart.LinkPatientAccount
			may   []access.Capability
		}{
			{chart.LinkPatientAccount{Relation: chart.Self}, whole},
			{chart.LinkPatientAccount{Relation: chart.Guardian}, whole},
			{chart.LinkPatientAccount{Relation: chart.Partner}, viewing},
			{chart.LinkPatientAccount{Relation: chart.Other}, viewing},
			{chart.LinkPatientAccount{Relation: chart.Self, May: reporting}, reporting},
			{chart.LinkPatientAccount{Relation: chart.Partner, May: []access.Capability{access.AppointmentBookOwn, access.AppointmentBookOwn}}, booking},
		} {
			c.asked.Account, c.asked.Until = parent, now.Add(time.Hour)
			given(t, created).When(c.asked, now).Then(chart.PatientAccountLinked{Account: parent, Relation: c.asked.Relation, May: c.may, Until: now.Add(time.Hour)})
		}
	})
	t.Run("unlinking ends it, on archived charts too", func(t *testing.T) {
		given(t, created, linked, archived).When(chart.UnlinkPatientAccount{Account: parent}, now).Then(chart.PatientAccountUnlinked{Account: parent})
		_, ok := linkOf(t, now, created, linked, chart.PatientAccountUnlinked{Account: parent})
		require.False(t, ok)
	})
	t.Run("refusals", func(t *testing.T) {
		link := func(c chart.LinkPatientAccount) chart.LinkPatientAccount { c.Account = parent; return c }
		given(t, created, linked).When(chart.LinkPatientAccount{Account: parent}, now).ThenRejected("account_already_linked")
		given(t, created).When(chart.LinkPatientAccount{}, now).ThenRejected("patient_account_required")
		given(t, created, archived).When(chart.LinkPatientAccount{Account: parent}, now).ThenRejected("chart_archived")
		given(t).When(chart.LinkPatientAccount{Account: parent}, now).ThenRejected("chart_not_found")
		given(t, created).When(link(chart.LinkPatientAccount{Relation: "aunt"}), now).ThenRejected("unknown_relation")
		given(t, created).When(link(chart.LinkPatientAccount{May: viewing}), now).ThenRejected("unknown_relation")
		given(t, created).When(link(chart.LinkPatientAccount{Relation: chart.Self, May: []access.Capability{access.RosterView}}), now).ThenRejected("unknown_limit")
		given(t, created).When(link(chart.LinkPatientAccount{Relation: chart.Partner, May: reporting}), now).ThenRejected("limit_not_for_relation")
		given(t, created).When(link(chart.LinkPatientAccount{Relation: chart.Self, Until: now}), now).ThenRejected("access_ends_in_past")
		given(t, created).When(chart.UnlinkPatientAccount{Account: parent}, now).ThenRejected("account_not_linked")
		given(t).When(chart.UnlinkPatientAccount{Account: parent}, now).ThenRejected("chart_not_found")
	})
	t.Run("a copy of the state keeps its accounts while the chart goes on", func(t *testing.T) {
		other := id.MustParse[id.Account]("00000000-0000-4000-8000-0000000000e2")
		s := chart.Aggregate().Fold(created, linked)
		left, right := s, s
		chart.Evolve(&left, chart.PatientAccountLinked{Account: other})
		chart.Evolve(&right, chart.PatientAccessChanged{Account: parent, Relation: chart.Self, May: viewing})
		require.Len(t, left.PatientAccounts, 2)
		require.Equal(t, []chart.PatientAccount{{Account: parent, May: booking}}, s.PatientAccounts)
		require.Equal(t, []chart.PatientAccount{{Account: parent, Relation: chart.Self, May: viewing}}, right.PatientAccounts)
	})
}

func TestChangePatientAccess(t *testing.T) {
	comesOfAge := now.AddDate(3, 0, 0)
	linked := chart.PatientAccountLinked{Account: parent, Relation: chart.Guardian, May: whole, Until: comesOfAge}
	t.Run("a guardian's link ends when the minor comes of age", func(t *testing.T) {
		link, ok := linkOf(t, comesOfAge.Add(-time.Second), created, linked)
		require.True(t, ok)
		require.Equal(t, access.Link{Chart: chartID, May: whole, Until: comesOfAge}, link)
		_, ok = linkOf(t, comesOfAge, created, linked)
		require.False(t, ok)
	})
	t.Run("what it says replaces what was, on archived charts too", func(t *testing.T) {
		changed := chart.PatientAccessChanged{Account: parent, Relation: chart.Other, May: viewing}
		given(t, created, linked, archived).When(chart.ChangePatientAccess{Account: parent, Relation: chart.Other}, now).Then(changed)
		link, ok := linkOf(t, comesOfAge, created, linked, changed)
		require.True(t, ok)
		require.Equal(t, access.Link{Chart: chartID, May: viewing}, link)
	})
	t.Run("the same again leads to no event", func(t *testing.T) {
		given(t, created, linked).When(chart.ChangePatientAccess{Account: parent, Relation: chart.Guardian, Until: comesOfAge}, now).ThenNothing()
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(chart.ChangePatientAccess{Account: parent, Relation: chart.Self}, now).ThenRejected("chart_not_found")
		given(t, created).When(chart.ChangePatientAccess{Account: parent, Relation: chart.Self}, now).ThenRejected("account_not_linked")
		given(t, created, linked).When(chart.ChangePatientAccess{Account: parent}, now).ThenRejected("unknown_relation")
		given(t, created, linked).When(chart.ChangePatientAccess{Account: parent, Relation: chart.Other, May: whole}, now).ThenRejected("limit_not_for_relation")
		given(t, created, linked).When(chart.ChangePatientAccess{Account: parent, Relation: chart.Self, Until: now}, now).ThenRejected("access_ends_in_past")
	})
}
