package group_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

func TestStartSubscription(t *testing.T) {
	start := func(quoted int64, seats ...group.Seat) with[group.StartSubscription, pricing.Book] {
		return at(book, group.StartSubscription{Seats: seats, Method: "pm_1", QuotedTotal: usd(quoted)})
	}
	lite := group.Seat{Member: oona, Plan: pricing.ERxLite, Profession: pricing.Prescriber}
	t.Run("the period is that of the practice's anchor, the rest of it is charged", func(t *testing.T) {
		s := founded(t).on("2024-08-20")
		quoted, err := s.state().QuoteSubscription([]group.Seat{lite}, book, s.now)
		require.NoError(t, err)
		require.Equal(t, usd(3600), quoted, "9300 × 12/31")
		events := s.do(start(3600, lite))
		require.Equal(t, group.SubscriptionStarted{Owner: oona, Zone: "America/New_York", Currency: "USD", On: day("2024-08-20")}, events[0])
		require.Equal(t, group.BillingPeriodStarted{Period: pricing.Period{Start: day("2024-08-01"), End: day("2024-09-01")}, Anchor: 1}, events[1])
		require.True(t, s.state().IsActiveClinician(oona), "who works already is not interrupted")
		s.refuses(start(3600, lite), "subscription_started")
		s.refuses(trialUntil(noon("2024-12-31"), group.StartTrial{}), "subscription_started")
	})
	t.Run("every clinician gets a licence, and nobody else", func(t *testing.T) {
		s := founded(t)
		s.joins(uma, "")
		missing := s.refuses(start(8900, lite), "clinician_without_licence")
		require.Equal(t, uma.String(), missing.Details["member"])
		s.refuses(start(8900, lite, lite), "not_a_clinician")
		s.refuses(start(8900, lite, group.Seat{Member: nobody, Plan: pricing.ERxLite, Profession: pricing.Prescriber}), "not_a_clinician")
		s.refuses(start(8900, lite, group.Seat{Member: uma, Plan: pricing.ERxLite, Profession: pricing.Therapist}), "plan_category_mismatch")
		s.refuses(start(8900, lite, group.Seat{Member: uma, Plan: "gold", Profession: pricing.Therapist}), "unknown_plan")
		s.refuses(start(8900, lite, group.Seat{Member: uma, Plan: pricing.TherapistBasic}), "unknown_profession")
		basic := group.Seat{Member: uma, Plan: pricing.TherapistBasic, Profession: pricing.Therapist}
		s.refuses(start(8900, lite, basic), "price_changed")
		s.do(start(13800, lite, basic))
	})
	t.Run("who left needs no licence", func(t *testing.T) {
		s := founded(t)
		s.joins(uma, "")
		s.do(remove(oona, uma))
		s.do(start(8900, lite))
	})
	t.Run("a payment method is needed where something is due, and is never a card", func(t *testing.T) {
		s := founded(t)
		c := start(8900, lite)
		c.Command.Method = ""
		s.refuses(c, "no_payment_method")
		c.Command.Method = "4242424242424242"
		s.refuses(c, "card_data_refused")
		s.refuses(start(0, lite), "price_changed")
	})
	t.Run("BIL-A25 prices in another currency are refused", func(t *testing.T) {
		euros := pricing.Aggregate().Fold(pricing.PriceBookPublished{Version: 1, Currency: "EUR", EffectiveFrom: day("2020-01-01"), Prices: pricing.FirstPrices()})
		subscribed(t).refuses(at(euros, group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: usd(8900)}), "currency_mismatch")
		c := at(euros, group.StartSubscription{Seats: []group.Seat{lite}, Method: "pm_1", QuotedTotal: money.Of(8900, "EUR")})
		founded(t).refuses(c, "currency_mismatch")
	})
	t.Run("there is no group", func(t *testing.T) {
		given(t).When(start(0), now).ThenRejected("group_not_found")
		given(t).When(estest.Knowing(group.StartTrial{}, group.TrialFacts{OwnerTrialEnds: now.Add(time.Hour)}), now).ThenRejected("group_not_found")
		given(t).When(at(pricing.Book{}, group.RollBillingPeriod{}), now).ThenRejected("group_not_found")
		_, err := fold().NextInvoice(book)
		require.Error(t, err)
	})
}

func TestStartTrial(t *testing.T) {
	lite := oonaOn(pricing.ERxLite)
	t.Run("L-10 it ends when the owner's own trial does", func(t *testing.T) {
		s := founded(t)
		s.refuses(trialUntil(time.Time{}, group.StartTrial{Seats: lite}), "owner_not_on_trial")
		s.refuses(trialUntil(s.now, group.StartTrial{Seats: lite}), "owner_not_on_trial")
		events := s.do(trialUntil(noon("2024-06-30"), group.StartTrial{Seats: lite}))
		require.Equal(t, group.TrialStarted{InheritedFrom: oona, EndsAt: noon("2024-06-30"), On: day("2024-06-01")}, events[1])
	})
	t.Run("BIL-6 who joins on day 25 of 30 has 5 free days", func(t *testing.T) {
		s := onTrial(t, "2024-07-01").on("2024-06-26")
		s.buy(pricing.TherapistBasic, 1)
		s.joins(uma, "")
		events := s.on("2024-07-01").do(at(book, group.ExpireTrial{}))
		require.Equal(t, usd(13800), events[len(events)-1].(group.SubscriptionCharged).Total)
	})
	t.Run("L-11 BIL-7 a second one is refused while it lasts and ever after", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		again := trialUntil(noon("2025-06-30"), group.StartTrial{Seats: lite})
		s.refuses(again, "trial_already_used")
		s.on("2024-06-30").do(at(book, group.ExpireTrial{}))
		s.refuses(again, "trial_already_used")
		l, _ := s.state().LicenceOf(oona)
		s.do(at(book, group.ChangeLicencePlan{Licence: l.ID, Plan: pricing.TherapistBasic, QuotedTotal: usd(0)}))
		s.on("2024-07-30").do(at(book, group.RollBillingPeriod{}))
		s.refuses(again, "trial_already_used")
	})
	t.Run("AMB-10 it ends when it would have, whoever owns the practice by then", func(t *testing.T) {
		s := onTrial(t, "2024-06-30").on("2024-06-10")
		s.buy(pricing.TherapistBasic, 1)
		s.joins(uma, "")
		s.do(as(oona, group.OfferOwnership{To: uma, ExpiresAt: s.now.AddDate(0, 0, 7)}))
		s.do(as(uma, group.AcceptOwnership{}))
		require.Equal(t, noon("2024-06-30"), s.state().Trial().EndsAt)
		s.on("2024-06-29").ignores(at(book, group.ExpireTrial{}))
		require.Equal(t, group.TrialExpired{On: day("2024-06-30")}, s.on("2024-06-30").do(at(book, group.ExpireTrial{}))[0])
	})
	t.Run("BIL-A9 a trial that ends unnoticed is paid from its last day on", func(t *testing.T) {
		s := onTrial(t, "2024-06-30").on("2024-08-15")
		s.refuses(at(book, group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1}), "period_due")
		require.Equal(t, pricing.Period{Start: day("2024-06-30"), End: day("2024-07-30")}, s.do(at(book, group.ExpireTrial{}))[2].(group.SubscriptionCharged).Period)
		require.Equal(t, pricing.Period{Start: day("2024-07-30"), End: day("2024-08-30")}, s.do(at(book, group.RollBillingPeriod{}))[1].(group.SubscriptionCharged).Period)
		s.ignores(at(book, group.RollBillingPeriod{}))
	})
	t.Run("BIL-10 in the trial and after it a verified trainee is free", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		s.buy(pricing.TherapistBasic, 1, s.proves(uma, pricing.NonPrescriberTrainee, "2024-07-31"))
		s.joins(uma, "")
		events := s.on("2024-06-30").do(at(book, group.ExpireTrial{}))
		require.Equal(t, usd(8900), events[len(events)-1].(group.SubscriptionCharged).Total)
	})
}

func TestPeriodsRoll(t *testing.T) {
	t.Run("BIL-A5 BIL-T26 anchor 31 over a leap February", func(t *testing.T) {
		s := &story{t: t, now: noon("2024-01-31")}
		s.do(group.CreateGroup{
			Group: practice, Name: "Elm Practice", Owner: oona, Account: account(oona), OwnerIsClinician: true,
			BillingZone: "America/New_York", Currency: "USD", DefaultBranch: mainSt, DefaultBranchName: "Main Street",
		})
		s.do(at(book, group.StartSubscription{Seats: oonaOn(pricing.ERxLite), Method: "pm_1", QuotedTotal: usd(8900)}))
		s.on("2024-02-10").buy(pricing.ERxLite, 1)
		require.Equal(t, usd(5831), s.open()[1].Total, "BIL-T30 19/29")
		s.collect()
		require.Equal(t, "2024-03-31", s.roll("2024-02-29").Period.End.String())
		require.Equal(t, "2024-04-30", s.roll("2024-03-31").Period.End.String())
	})
	t.Run("BIL-T27 the period turns at midnight of the billing zone", func(t *testing.T) {
		s := subscribed(t)
		midnight := noon("2024-07-01").Add(-12 * time.Hour)
		s.now = midnight.Add(-time.Nanosecond)
		s.ignores(at(book, group.RollBillingPeriod{}))
		s.now = midnight
		require.Len(t, s.do(at(book, group.RollBillingPeriod{})), 2)
	})
	t.Run("without subscription nothing rolls", func(t *testing.T) {
		founded(t).on("2025-01-01").ignores(at(book, group.RollBillingPeriod{}))
		founded(t).on("2025-01-01").ignores(at(book, group.ExpireTrial{}))
	})
	t.Run("L-1 every line names its version of the price book", func(t *testing.T) {
		s := subscribed(t)
		require.Equal(t, 1, s.roll("2024-07-01").Lines[0].Book)
		august := s.roll("2024-08-01")
		require.Equal(t, 2, august.Lines[0].Book)
		require.Equal(t, usd(9300), august.Total)
	})
	t.Run("a price that is missing stops the period, loudly", func(t *testing.T) {
		s := subscribed(t).on("2024-07-01")
		s.refuses(at(pricing.Book{}, group.RollBillingPeriod{}), "no_price_book")
		_, err := s.state().NextInvoice(pricing.Book{})
		require.Error(t, err)
	})
}

func TestMoneyQueries(t *testing.T) {
	s := subscribed(t)
	charges := s.state().Charges()
	charge, ok := s.state().Charge(charges[0].ID)
	require.True(t, ok)
	require.Equal(t, group.ChargePaid, charge.Status)
	_, ok = s.state().Charge(id.SeatCharge{1})
	require.False(t, ok)
	_, ok = s.state().Licence(id.Licence{1})
	require.False(t, ok)
	_, ok = s.state().LicenceOf(id.Member{})
	require.False(t, ok)
	require.Empty(t, s.state().Proofs())
	require.Equal(t, pricing.Period{Start: day("2024-06-01"), End: day("2024-07-01")}, s.state().Period())
	_, err := fold().ChargesDue(now)
	require.Error(t, err)
}
