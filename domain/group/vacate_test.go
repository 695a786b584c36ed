package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
	"praxis/domain/id"
)

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
