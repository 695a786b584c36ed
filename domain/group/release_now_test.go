package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestReleaseLicenceNow(t *testing.T) {
	// spare is a practice that bought a second licence, paid, for all of June, at the
	// prices of generous: 89.00 and 20 % tax.
	spare := func(t *testing.T) (*story, id.Licence) {
		s := subscribed(t)
		quote, err := s.state().QuoteLicences(generous, pricing.ERxLite, 1, nil, s.now)
		require.NoError(t, err)
		require.Equal(t, usd(10680), quote.Today, "tax is in what is quoted")
		require.Equal(t, usd(10680), quote.PerPeriod)
		bought := s.do(at(generous, group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: quote.Today}))
		s.collect()
		return s, bought[0].(group.LicencesPurchased).Licences[0].Licence
	}
	now := func(l id.Licence) command { return at(generous, group.ReleaseLicenceNow{Licence: l}) }
	t.Run("BIL-A7 AMB-8 by default unused days are not paid back", func(t *testing.T) {
		s := subscribed(t)
		l := s.buy(pricing.ERxLite, 1)[0]
		s.collect()
		s.refuses(at(book, group.ReleaseLicenceNow{Licence: l}), "unused_not_credited")
		s.do(group.ScheduleLicenceRelease{Licence: l})
	})
	t.Run("BIL-A7 the day of the release is used, the days after it are refunded if they were paid", func(t *testing.T) {
		s, l := spare(t)
		events := s.on("2024-06-15").do(now(l))
		require.Equal(t, group.LicencesReleased{Licences: []id.Licence{l}, On: day("2024-06-15")}, events[0])
		refund := events[1].(group.RefundDue)
		require.Len(t, events, 2)
		require.Equal(t, usd(5340), refund.Amount, "15 of 30 days, 44.50 and tax of 8.90")
		require.Equal(t, group.Unused, refund.Reason)
		require.Equal(t, 1, refund.Attempt, "the attempt that paid")
		require.Equal(t, usd(-890), refund.Line.Tax)
		require.Contains(t, refund.Line.Explain(""), "given back because the licence was released on 2024-06-15; 20 % tax of −$8.90 makes it −$53.40")
		s.refuses(now(l), "licence_not_found")
		require.Len(t, s.roll("2024-07-01").Lines, 1, "it is not renewed")
	})
	t.Run("BIL-A7 a dry run tells what goes back, from charges and by refunds alike", func(t *testing.T) {
		s, l := spare(t)
		before := s.on("2024-06-15").state()
		s.do(now(l))
		cost, subscribed, err := group.CostOf(before, s.state(), generous)
		require.NoError(t, err)
		require.True(t, subscribed)
		require.Equal(t, []int64{-5340, 2 * 10680, 10680}, []int64{cost.Today.Minor, cost.Before.Minor, cost.After.Minor})
	})
	t.Run("BIL-A7 a release on the last day gives nothing back", func(t *testing.T) {
		s, l := spare(t)
		require.Len(t, s.on("2024-06-30").do(now(l)), 1)
		require.Empty(t, s.state().Refunds())
	})
	t.Run("BIL-A7 what is not paid is taken off the charge, and less is collected", func(t *testing.T) {
		s, l := spare(t)
		s.roll("2024-07-01")
		charge := s.open()[0]
		credited := s.on("2024-07-11").do(now(l))[1].(group.ChargeCredited)
		require.Equal(t, usd(5742), credited.Credit, "20 of 31 days, without tax in the book of July")
		require.Equal(t, usd(17800-5742), credited.Total)
		require.Equal(t, usd(17800-5742), s.do(group.StartCollection{Charge: charge.ID})[0].(group.CollectionStarted).Amount)
		s.do(ended(charge.ID, 1, true))
		require.Empty(t, s.state().Refunds())
	})
	t.Run("an attempt from before the credit that brings its money late gives the credit back", func(t *testing.T) {
		s, l := spare(t)
		s.roll("2024-07-01")
		charge := s.open()[0].ID
		s.do(group.StartCollection{Charge: charge})
		s.refuses(now(l), "charge_collecting")
		s.do(ended(charge, 1, false))
		s.on("2024-07-11").do(now(l))
		events := s.do(ended(charge, 1, true))
		require.Equal(t, usd(17800), events[0].(group.ChargeCollected).Amount)
		require.Equal(t, usd(5742), events[1].(group.RefundDue).Amount)
		s.ignores(ended(charge, 1, true))
	})
	t.Run("BIL-T19 an upgrade that is not paid is credited first, the rest refunded", func(t *testing.T) {
		s, l := spare(t)
		quote, err := s.on("2024-06-16").state().QuotePlanChange(generous, l, pricing.PrescriberPremium, s.now)
		require.NoError(t, err)
		require.Equal(t, usd(1800), quote.Today, "15.00 and tax of 3.00")
		s.do(at(generous, group.ChangeLicencePlan{Licence: l, Plan: pricing.PrescriberPremium, QuotedTotal: quote.Today}))
		events := s.on("2024-06-20").do(now(l))
		require.Equal(t, usd(1800), events[1].(group.ChargeCredited).Credit)
		require.Equal(t, usd(0), events[1].(group.ChargeCredited).Total)
		require.Equal(t, usd(4760-1800), events[2].(group.RefundDue).Amount, "10 of 30 days of 119.00, with tax, less what was credited")
		require.Empty(t, s.open())
	})
	t.Run("in the trial there is nothing to pay back", func(t *testing.T) {
		s := onTrial(t, "2024-06-20")
		l := s.buy(pricing.ERxLite, 1)[0]
		require.Len(t, s.on("2024-06-10").do(now(l)), 1)
	})
	t.Run("it must be free and paid, as for a scheduled release", func(t *testing.T) {
		s, l := spare(t)
		s.joins(uma, pricing.Prescriber)
		s.refuses(now(l), "licence_in_use")
		s.do(withoutCharts(group.UnassignLicence{Licence: l}))
		s.do(group.ScheduleLicenceRelease{Licence: l})
		s.on("2024-06-15").do(now(l))
		pending := s.buy(pricing.ERxLite, 1)[0]
		s.refuses(now(pending), "licence_pending_payment")
		founded(t).refuses(now(l), "no_subscription")
	})
}
