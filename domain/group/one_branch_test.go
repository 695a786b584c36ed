package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
	"praxis/domain/pricing"
)

func TestTheFreePlanAllowsOneBranch(t *testing.T) {
	open := group.CreateBranch{Branch: harbour, Name: "Harbour"}
	t.Run("L-12 once the subscription has ended no further branch is opened", func(t *testing.T) {
		s := subscribed(t)
		s.do(group.CancelSubscription{})
		s.on("2024-06-30").otherwise().do(open) // until the end everything stays
		s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
		require.True(t, s.state().AllowsOneBranch())
		s.refuses(open, "plan_allows_one_branch")
	})
	t.Run("L-12 branches that are open stay open", func(t *testing.T) {
		s := subscribed(t)
		s.do(open)
		s.do(group.CancelSubscription{})
		s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
		require.Len(t, s.state().Branches(), 2)
		s.do(group.RenameBranch{Branch: harbour, Name: "Port"})
	})
	t.Run("L-12 a subscription without a single licence is the free plan", func(t *testing.T) {
		s := subscribed(t)
		s.do(withoutCharts(group.UnassignLicence{Licence: s.state().Licences()[0].ID}))
		s.do(group.ScheduleLicenceRelease{Licence: s.state().Licences()[0].ID})
		s.otherwise().do(open) // it is paid to the end of the period
		s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
		require.Empty(t, s.state().Licences())
		s.refuses(open, "plan_allows_one_branch")
		s.buy(pricing.TherapistBasic, 1)
		s.refuses(open, "plan_allows_one_branch") // nobody has paid yet
		s.collect()
		s.do(open)
	})
	t.Run("L-12 L-10 a trial, and a practice that never subscribed, open as many as they like", func(t *testing.T) {
		onTrial(t, "2024-06-30").do(open)
		founded(t).do(open)
	})
}
