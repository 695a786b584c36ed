package group_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestCloseBranch(t *testing.T) {
	uptown := id.Derive[id.Branch]("uptown")
	worksIn := func(m id.Member, branches ...id.Branch) group.Event {
		return group.ClinicianBranchesSet{Clinician: m, Added: branches, Removed: []id.Branch{mainSt}}
	}
	history := staffed(group.BranchCreated{Branch: uptown, Name: "Uptown"}, worksIn(uma, harbour), worksIn(ugo, harbour, uptown))

	t.Run("C-5 people and charts go where the branch says", func(t *testing.T) {
		given(t, history...).When(withCharts(2, group.CloseBranch{Branch: harbour, MovedTo: uptown}), now).
			Then(group.BranchClosed{Branch: harbour, MovedTo: uptown, Charts: 2})
		given(t, history...).When(withoutCharts(group.CloseBranch{Branch: harbour, MovedTo: uptown}), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, []id.Branch{uptown}, s.SubjectOfMember(uma).Branches)
			require.Equal(t, []id.Branch{uptown}, s.SubjectOfMember(ugo).Branches)
			require.Len(t, s.Branches(), 2)
			closed, known := s.Branch(harbour)
			require.True(t, known, "history keeps its name")
			require.Equal(t, group.Branch{ID: harbour, Name: "Harbour", Closed: true, MovedTo: uptown}, closed)
		})
	})
	t.Run("without a target, who worked nowhere else works in the default branch (AMB-13)", func(t *testing.T) {
		invited := joins(newcomer, access.User, true, 9)[0].(group.MemberInvited)
		invited.Branches = []id.Branch{harbour}
		given(t, append(history, invited)...).When(withoutCharts(group.CloseBranch{Branch: harbour}), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, []id.Branch{mainSt}, s.SubjectOfMember(uma).Branches)
			require.Equal(t, []id.Branch{uptown}, s.SubjectOfMember(ugo).Branches)
			i, _ := s.Invitation(invited.Invitation)
			require.Equal(t, []id.Branch{mainSt}, i.Branches, "who is invited there starts elsewhere")
		})
	})
	t.Run("C-5 charts need somewhere to go", func(t *testing.T) {
		f := given(t, history...).When(withCharts(7, group.CloseBranch{Branch: harbour}), now).ThenRejected("branch_has_charts")
		require.Equal(t, "7", f.Details["charts"])
	})
	t.Run("the default branch stays; targets are open and others", func(t *testing.T) {
		closed := slices.Concat(history, []group.Event{group.BranchClosed{Branch: uptown}})
		given(t, history...).When(withoutCharts(group.CloseBranch{Branch: mainSt, MovedTo: harbour}), now).ThenRejected("default_branch_required")
		given(t, history...).When(withoutCharts(group.CloseBranch{Branch: harbour, MovedTo: harbour}), now).ThenRejected("invalid_target")
		given(t, history...).When(withoutCharts(group.CloseBranch{Branch: id.Derive[id.Branch]("x")}), now).ThenRejected("branch_not_found")
		given(t, closed...).When(withoutCharts(group.CloseBranch{Branch: harbour, MovedTo: uptown}), now).ThenRejected("branch_closed")
		given(t, closed...).When(withCharts(1, group.CloseBranch{Branch: uptown}), now).ThenNothing()
	})
	t.Run("a closed branch takes nobody and no new name, and frees its own", func(t *testing.T) {
		closed := slices.Concat(history, []group.Event{group.BranchClosed{Branch: uptown}})
		given(t, closed...).When(as(oona, group.SetClinicianBranches{Clinician: uma, Branches: []id.Branch{uptown}}), now).ThenRejected("branch_closed")
		given(t, closed...).When(group.RenameBranch{Branch: uptown, Name: "Hill"}, now).ThenRejected("branch_closed")
		given(t, closed...).When(group.RenameBranch{Branch: harbour, Name: "uptown"}, now).
			Then(group.BranchRenamed{Branch: harbour, From: "Harbour", To: "uptown"})
	})
}

func TestVacateBranch(t *testing.T) {
	closed := group.BranchClosed{Branch: harbour, MovedTo: mainSt, Charts: 2}
	vacate := withoutCharts(group.VacateBranch{Branch: harbour, ChartsMoved: 2})
	t.Run("a closed branch is done with once no chart is left in it", func(t *testing.T) {
		given(t, staffed(closed)...).When(vacate, now).Then(group.BranchVacated{Branch: harbour, ChartsMoved: 2})
		given(t, staffed(closed, group.BranchVacated{Branch: harbour, ChartsMoved: 2})...).When(vacate, now).ThenNothing()
		left := vacate
		left.Facts = 1
		given(t, staffed(closed)...).When(left, now).ThenRejected("charts_remain")
	})
	t.Run("an open one keeps its charts", func(t *testing.T) {
		given(t, staffed()...).When(vacate, now).ThenRejected("branch_not_closed")
		given(t, founding()...).When(vacate, now).ThenRejected("branch_not_found")
	})
}

func TestBranchAfter(t *testing.T) {
	uptown, hill := id.Derive[id.Branch]("uptown"), id.Derive[id.Branch]("hill")
	more := []group.Event{group.BranchCreated{Branch: uptown, Name: "Uptown"}, group.BranchCreated{Branch: hill, Name: "Hill"}}
	after := func(b id.Branch, events ...group.Event) (id.Branch, error) {
		return fold(staffed(append(more, events...)...)...).BranchAfter(b)
	}
	got, err := after(harbour, group.BranchClosed{Branch: harbour, MovedTo: uptown})
	require.NoError(t, err)
	require.Equal(t, uptown, got)
	t.Run("a way of several branches is gone to its end", func(t *testing.T) {
		got, err := after(harbour, group.BranchClosed{Branch: harbour, MovedTo: uptown}, group.BranchClosed{Branch: uptown, MovedTo: hill})
		require.NoError(t, err)
		require.Equal(t, hill, got)
	})
	t.Run("AMB-13 the default branch takes what goes nowhere else", func(t *testing.T) {
		for _, events := range [][]group.Event{
			{group.BranchClosed{Branch: harbour}},
			{group.BranchClosed{Branch: harbour, MovedTo: uptown}, group.BranchClosed{Branch: uptown}},
		} {
			got, err := after(harbour, events...)
			require.NoError(t, err)
			require.Equal(t, mainSt, got)
		}
	})
	t.Run("only what closed has gone anywhere", func(t *testing.T) {
		_, err := after(harbour)
		require.ErrorContains(t, err, "branch_not_closed")
		_, err = after(id.Derive[id.Branch]("nowhere"))
		require.ErrorContains(t, err, "branch_not_found")
	})
}
