package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestEdgesOfUnpaidPurchases(t *testing.T) {
	t.Run("BIL-A11 an unpaid purchase takes no licence of another one with it", func(t *testing.T) {
		s := subscribed(t).on("2024-06-10")
		first := s.buy(pricing.ERxLite, 1)[0]
		s.settle(false)
		other := s.on("2024-06-12").buy(pricing.ERxLite, 1)[0]
		require.Equal(t, []id.Licence{first}, s.on("2024-06-17").do(group.CancelUnpaid{})[0].(group.LicencePurchaseCancelled).Licences)
		l, owned := s.state().Licence(other)
		require.True(t, owned && l.Pending)
	})
	t.Run("BIL-A11 two upgrades of one day that stay unpaid lead back to the first plan", func(t *testing.T) {
		s := subscribed(t)
		l := s.buy(pricing.TherapistBasic, 1)[0]
		s.collect()
		s.on("2024-06-16").do(at(book, group.ChangeLicencePlan{Licence: l, Plan: pricing.TherapistPremium, QuotedTotal: usd(1000)}))
		s.do(at(book, group.ChangeLicencePlan{Licence: l, Plan: pricing.PrescriberPremium, QuotedTotal: usd(2500)}))
		s.settle(false)
		s.on("2024-06-23").do(group.CancelUnpaid{})
		back, _ := s.state().Licence(l)
		require.Equal(t, pricing.TherapistBasic, back.Plan)
	})
	t.Run("BIL-A11 when the subscription ends a licence goes once, with its purchase or with the others", func(t *testing.T) {
		s := subscribed(t).on("2024-06-20")
		s.buy(pricing.ERxLite, 1)
		s.do(group.CancelSubscription{})
		held, _ := s.state().LicenceOf(oona)
		events := s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
		require.Equal(t, group.LicencesReleased{Licences: []id.Licence{held.ID}, On: day("2024-07-01")}, events[len(events)-1])
		require.Zero(t, s.state().Period())
	})
	t.Run("what a change costs compares periods with the licences that are still to be paid", func(t *testing.T) {
		s := subscribed(t).on("2024-06-20")
		s.buy(pricing.ERxLite, 1)
		cost, _, err := group.CostOf(s.state(), s.state(), book)
		require.NoError(t, err)
		require.Equal(t, []int64{17800, 17800}, []int64{cost.Before.Minor, cost.After.Minor})
	})
}

func TestEdgesOfTrialAndStart(t *testing.T) {
	t.Run("BIL-A9 a trial that is over is ended as one, whoever comes first", func(t *testing.T) {
		s := onTrial(t, "2024-06-12").on("2024-06-12")
		s.ignores(at(book, group.RollBillingPeriod{}))
		s.do(at(book, group.ExpireTrial{}))
	})
	t.Run("L-12 in the trial a practice without a licence has more than one branch", func(t *testing.T) {
		s := onTrial(t, "2024-06-12")
		l, _ := s.state().LicenceOf(oona)
		s.do(withoutCharts(group.UnassignLicence{Licence: l.ID}))
		s.do(at(generous, group.ReleaseLicenceNow{Licence: l.ID}))
		require.Empty(t, s.state().Licences())
		require.False(t, s.state().AllowsOneBranch())
	})
	t.Run("BIL-A27 where nobody treats anybody nothing is due, and no payment method is needed", func(t *testing.T) {
		s := &story{t: t, now: noon("2024-06-01")}
		s.do(group.CreateGroup{
			Group: practice, Name: "Elm Practice", Owner: oona, Account: account(oona), BillingZone: "America/New_York",
			Currency: "USD", DefaultBranch: mainSt, DefaultBranchName: "Main Street",
		})
		s.do(at(book, group.StartSubscription{}))
		require.Empty(t, s.state().Charges())
	})
}

func TestBILA8APlanThatALowerTaxMakesCheaperBeginsWithTheNextPeriod(t *testing.T) {
	untaxed := book.Versions()[1]
	untaxed.EffectiveFrom = day("2024-06-10")
	untaxed.Prices = []pricing.Price{
		{Plan: pricing.TherapistBasic, Minor: 4900},
		{Plan: pricing.TherapistPremium, Minor: 5000},
		{Plan: pricing.ERxLite, Minor: 9000},
		{Plan: pricing.PrescriberPremium, Minor: 11900},
	}
	prices := pricing.Aggregate().Fold(terms(book.Versions()[0], 2000), untaxed)
	s := subscribed(t)
	quote, err := s.state().QuoteLicences(prices, pricing.TherapistBasic, 1, nil, s.now)
	require.NoError(t, err)
	l := s.do(at(prices, group.PurchaseLicences{Plan: pricing.TherapistBasic, Quantity: 1, QuotedTotal: quote.Today}))[0].(group.LicencesPurchased).Licences[0].Licence
	s.collect()
	s.on("2024-06-16")
	require.Equal(t, []group.Event{
		group.PlanChangeScheduled{Licence: l, From: pricing.TherapistBasic, To: pricing.TherapistPremium, Effective: day("2024-07-01")},
	}, s.do(at(prices, group.ChangeLicencePlan{Licence: l, Plan: pricing.TherapistPremium, QuotedTotal: usd(0)})))
	s.do(group.CancelSubscription{})
	later, err := s.state().QuotePlanChange(prices, l, pricing.PrescriberPremium, s.now)
	require.NoError(t, err)
	require.Equal(t, usd(0), later.PerPeriod, "nothing comes after the end")
}
