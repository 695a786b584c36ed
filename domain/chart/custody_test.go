package chart_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

func TestPlaceInCustody(t *testing.T) {
	keep := in(practice(former(clinician(ana, downtown)), staff(cho)), chart.PlaceInCustody{Custodian: cho})
	t.Run("AMB-14 without a clinician somebody keeps the chart, archived or not", func(t *testing.T) {
		given(t, created).When(keep, now).Then(chart.PlacedInCustody{From: ana, Custodian: cho})
		given(t, created, archived).When(keep, now).Then(chart.PlacedInCustody{From: ana, Custodian: cho})
		given(t, created, chart.TeamMemberAdded{Member: cho, Role: careteam.Support}).When(keep, now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, cho, s.Primary())
			require.Empty(t, s.Team().OtherMembers(), "the former primary has left")
		})
	})
	t.Run("a clinician ends custody like any other assignment", func(t *testing.T) {
		given(t, created, chart.PlacedInCustody{From: ana, Custodian: cho}).When(to(ben), now).
			Then(chart.PrimaryProfessionalChanged{From: cho, To: ben})
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(keep, now).ThenRejected("chart_not_found")
		given(t, created).When(in(practice(staff(ana)), chart.PlaceInCustody{Custodian: ana}), now).ThenRejected("already_primary")
		given(t, created).When(in(practice(former(staff(cho))), chart.PlaceInCustody{Custodian: cho}), now).ThenRejected("member_inactive")
		given(t, created).When(in(practice(staff(id.Member{})), chart.PlaceInCustody{Custodian: id.Member{}}), now).ThenRejected("member_inactive")
		given(t, created).When(in(practice(staff(cho), clinician(ben)), keep.Command), now).ThenRejected("active_clinician_exists")
	})
}

func TestAssignBranch_OfAnArchivedChart(t *testing.T) {
	move := in(practice(clinician(ana, downtown, north)), chart.AssignBranch{Branch: north})
	given(t, created, archived).When(move, now).ThenRejected("chart_archived")
	t.Run("C-5 it leaves a branch that closed", func(t *testing.T) {
		move.Facts = closed(downtown, move.Facts)
		given(t, created, archived).When(move, now).Then(chart.BranchChanged{From: downtown, To: north})
		given(t).When(move, now).ThenRejected("chart_not_found")
	})
}

func TestLeaveClosedBranch(t *testing.T) {
	leave := estest.Knowing(chart.LeaveClosedBranch{From: created.Branch}, north)
	moved := chart.BranchChanged{From: created.Branch, To: north}
	t.Run("C-5 every chart leaves a branch that closed, archived or not, wherever its primary works", func(t *testing.T) {
		given(t, created).When(leave, now).Then(moved)
		given(t, created, chart.Archived{Reason: "over", StatusAtArchive: chart.Active}).When(leave, now).Then(moved)
	})
	t.Run("a chart that belongs elsewhere stays there", func(t *testing.T) {
		given(t, created, moved).When(leave, now).ThenNothing()
		given(t).When(leave, now).ThenRejected("chart_not_found")
	})
}
