package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestCancelSubscription(t *testing.T) {
	t.Run("BIL-7 it ends with the period, and can be kept until then", func(t *testing.T) {
		s := subscribed(t).on("2024-06-16")
		require.Equal(t, []group.Event{group.SubscriptionCancellationScheduled{Effective: day("2024-07-01")}}, s.do(group.CancelSubscription{}))
		s.ignores(group.CancelSubscription{})
		on, ending := s.state().EndsOn()
		require.True(t, ending)
		require.Equal(t, day("2024-07-01"), on)
		next, err := s.state().NextInvoice(book)
		require.NoError(t, err)
		require.Equal(t, usd(0), next.Total)
		quote, err := s.state().QuoteLicences(book, pricing.ERxLite, 1, nil, s.now)
		require.NoError(t, err)
		require.Equal(t, [2]int64{4450, 0}, [2]int64{quote.Today.Minor, quote.PerPeriod.Minor}, "what is bought now lasts until the end")
		require.Equal(t, []group.Event{group.SubscriptionKept{Effective: day("2024-07-01")}}, s.do(group.KeepSubscription{}))
		s.ignores(group.KeepSubscription{})
		require.Equal(t, usd(8900), s.roll("2024-07-01").Total)
	})
	t.Run("L-12 then nothing is charged any more, licences end, clinicians keep their charts and lose premium features", func(t *testing.T) {
		s := subscribed(t)
		s.do(at(book, group.ChangeLicencePlan{Licence: s.state().Licences()[0].ID, Plan: pricing.PrescriberPremium, QuotedTotal: usd(3000)}))
		s.collect()
		s.do(group.CancelSubscription{})
		require.True(t, s.state().EntitledClinician(oona, pricing.OnlineBooking), "until the end everything stays")
		held := s.state().Licences()[0].ID
		require.Equal(t, []group.Event{
			group.SubscriptionCancelled{On: day("2024-07-01")},
			group.LicencesReleased{Licences: []id.Licence{held}, On: day("2024-07-01")},
		}, s.on("2024-07-02").do(at(book, group.RollBillingPeriod{})))
		s.ignores(at(book, group.RollBillingPeriod{}))
		s.on("2024-09-01").ignores(at(book, group.RollBillingPeriod{}))
		require.Empty(t, s.state().Licences())
		require.True(t, s.state().IsActiveClinician(oona))
		require.False(t, s.state().Entitled(pricing.OnlineBooking))
		require.False(t, s.state().EntitledClinician(oona, pricing.OnlineBooking))
		on, over := s.state().EndedOn()
		require.True(t, over)
		require.Equal(t, day("2024-07-01"), on)
		require.Empty(t, s.open())
		_, err := s.state().NextInvoice(book)
		require.Error(t, err)
	})
	t.Run("L-4 nobody new becomes a clinician without a subscription", func(t *testing.T) {
		s := subscribed(t)
		s.buy(pricing.TherapistBasic, 2)
		s.collect()
		s.joins(uma, pricing.Therapist)
		s.do(s.invitation(mia, pricing.Therapist))
		s.do(remove(oona, uma))
		s.do(group.CancelSubscription{})
		s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
		s.now = noon("2024-06-05") // before the invitation expires
		s.refuses(s.invitation(ugo, pricing.Therapist), "no_subscription")
		s.refuses(group.AcceptInvitation{Invitation: invitationOf(mia), Account: account(mia), EmailHash: hashOf(mia), Member: mia}, "no_subscription")
		s.refuses(as(oona, group.ReinstateMember{Member: uma}), "no_subscription")
		s.refuses(at(book, group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1}), "no_subscription")
		s.refuses(group.CancelSubscription{}, "no_subscription")
		s.refuses(group.KeepSubscription{}, "no_subscription")
		s.do(as(oona, group.RevokeInvitation{Invitation: invitationOf(mia)}))
		s.do(invitedBy(oona, group.InviteMember{Invitation: invitationOf(ada), EmailHash: hashOf(ada), Role: access.SuperAdmin, ExpiresAt: s.now.AddDate(0, 0, 7)}))
	})
	t.Run("what was charged before stays due and can still be paid, with another card too", func(t *testing.T) {
		s := subscribed(t)
		s.roll("2024-07-01")
		s.settle(false)
		s.do(group.CancelSubscription{})
		s.on("2024-08-01").do(at(book, group.RollBillingPeriod{}))
		s.do(group.ReplacePaymentMethod{Method: "pm_2"})
		require.Equal(t, usd(8900), s.open()[0].Total)
		s.collect()
		require.Empty(t, s.open())
	})
	t.Run("BIL-A11 a purchase that nobody could use, because it is not paid, is undone; its money goes back if it comes", func(t *testing.T) {
		s := subscribed(t).on("2024-06-20")
		l := s.buy(pricing.ERxLite, 1)[0]
		charge := s.open()[0].ID
		s.do(group.StartCollection{Charge: charge})
		s.do(group.CancelSubscription{})
		events := s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
		require.Equal(t, []group.Event{
			group.LicencePurchaseCancelled{Licences: []id.Licence{l}, Charge: charge, On: day("2024-07-01")},
			group.ChargeCancelled{Charge: charge, On: day("2024-07-01"), Awaited: 1},
		}, events[1:3])
		failed := s.otherwise()
		require.IsType(t, group.OvertakenAttemptFailed{}, failed.do(ended(charge, 1, false))[0])
		require.Equal(t, group.PaidAfterCancellation, s.do(ended(charge, 1, true))[0].(group.RefundDue).Reason)
	})
	t.Run("a trial that is cancelled ends without a charge", func(t *testing.T) {
		s := onTrial(t, "2024-06-12")
		require.Equal(t, group.SubscriptionCancellationScheduled{Effective: day("2024-06-12")}, s.do(group.CancelSubscription{})[0])
		events := s.on("2024-06-12").do(at(book, group.ExpireTrial{}))
		require.Equal(t, []group.Event{group.TrialExpired{On: day("2024-06-12")}, group.SubscriptionCancelled{On: day("2024-06-12")}}, events[:2])
		require.Empty(t, s.state().Charges())
	})
	t.Run("G-1 500 licences end in events of bounded size", func(t *testing.T) {
		s := subscribed(t)
		for range 6 {
			s.buy(pricing.TherapistBasic, 80)
		}
		s.collect()
		s.do(group.CancelSubscription{})
		ended := 0
		for _, e := range s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))[1:] {
			released := e.(group.LicencesReleased)
			require.LessOrEqual(t, len(released.Licences), 80)
			ended += len(released.Licences)
		}
		require.Equal(t, 481, ended)
	})
}

// start starts the subscription of oona's practice with her on e-Rx lite.
func (s *story) start() {
	s.t.Helper()
	total, err := s.state().QuoteSubscription(oonaOn(pricing.ERxLite), book, s.now)
	require.NoError(s.t, err)
	s.do(at(book, group.StartSubscription{Seats: oonaOn(pricing.ERxLite), Method: "pm_1", QuotedTotal: total}))
}

func TestASubscriptionStartsAgain(t *testing.T) {
	s := subscribed(t)
	s.do(group.CancelSubscription{})
	s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
	s.on("2024-07-16").start()
	require.True(t, s.state().Subscribed())
	_, over := s.state().EndedOn()
	require.False(t, over)
	require.Equal(t, usd(4594), s.open()[0].Total, "BIL-A1 16 of 31 days")
	require.True(t, s.state().EntitledClinician(oona, pricing.Prescribing))
	require.Equal(t, usd(9300), s.roll("2024-08-01").Total)
}

func TestBIL7L11OneTrialForLife(t *testing.T) {
	again := trialUntil(noon("2025-01-01"), group.StartTrial{Seats: oonaOn(pricing.ERxLite)})
	expired := func(t *testing.T) *story {
		s := onTrial(t, "2024-06-12").on("2024-06-12")
		s.do(at(book, group.ExpireTrial{}))
		return s
	}
	cancelled := func(t *testing.T) *story {
		s := onTrial(t, "2024-06-12")
		s.do(group.CancelSubscription{})
		s.on("2024-06-12").do(at(book, group.ExpireTrial{}))
		return s
	}
	t.Run("BIL-7 L-11 no second one while it runs", func(t *testing.T) { onTrial(t, "2024-06-12").refuses(again, "trial_already_used") })
	t.Run("BIL-7 L-11 none after it expired", func(t *testing.T) { expired(t).refuses(again, "trial_already_used") })
	t.Run("BIL-7 L-11 none after the subscription was cancelled", func(t *testing.T) { cancelled(t).refuses(again, "trial_already_used") })
	t.Run("BIL-7 L-11 none after the subscription started again", func(t *testing.T) {
		s := cancelled(t).on("2024-06-20")
		s.start()
		s.refuses(again, "trial_already_used")
		s.do(group.CancelSubscription{})
		s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
		s.refuses(again, "trial_already_used")
	})
	t.Run("BIL-7 L-11 AMB-10 none after the ownership went to somebody with a trial of their own", func(t *testing.T) {
		s := cancelled(t)
		s.do(invitedBy(oona, group.InviteMember{Invitation: invitationOf(sam), EmailHash: hashOf(sam), Role: access.SuperAdmin, ExpiresAt: s.now.AddDate(0, 0, 7)}))
		s.do(group.AcceptInvitation{Invitation: invitationOf(sam), Account: account(sam), EmailHash: hashOf(sam), Member: sam})
		s.do(as(oona, group.OfferOwnership{To: sam, ExpiresAt: s.now.AddDate(0, 0, 7)}))
		s.do(as(sam, group.AcceptOwnership{}))
		s.refuses(again, "trial_already_used")
	})
}
