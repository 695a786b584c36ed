package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestCollection(t *testing.T) {
	// bought is a practice with one licence whose charge is with the processor.
	bought := func(t *testing.T) (*story, id.Licence, id.SeatCharge) {
		s := subscribed(t).on("2024-06-16")
		l := s.buy(pricing.ERxLite, 1)[0]
		charge := s.open()[0].ID
		require.Equal(t, []group.Event{group.CollectionStarted{Charge: charge, Attempt: 1, Amount: usd(4450), Method: "pm_1"}}, s.do(group.StartCollection{Charge: charge}))
		s.ignores(group.StartCollection{Charge: charge})
		return s, l, charge
	}
	outcome := func(c id.SeatCharge, attempt int, collected bool) command {
		return at(book, group.RecordCollection{Charge: c, Attempt: attempt, Collected: collected, Reason: "card_declined"})
	}
	t.Run("BIL-A11 a licence can be held once it is paid", func(t *testing.T) {
		s, l, charge := bought(t)
		s.refuses(withoutCharts(group.MoveLicence{Licence: l, To: oona}), "member_has_licence")
		s.refuses(s.invitation(uma, pricing.Prescriber), "no_free_licence")
		named := s.invitation(uma, pricing.Prescriber)
		named.Command.Licence = l
		s.refuses(named, "licence_pending_payment")
		require.Equal(t, []group.Event{
			group.ChargeCollected{Charge: charge, Attempt: 1, Amount: usd(4450), On: day("2024-06-16")},
			group.LicencesActivated{Licences: []id.Licence{l}, On: day("2024-06-16")},
		}, s.do(outcome(charge, 1, true)))
		s.joins(uma, pricing.Prescriber)
	})
	t.Run("outcomes come twice, late and out of order", func(t *testing.T) {
		s, _, charge := bought(t)
		s.refuses(outcome(charge, 2, true), "unknown_attempt")
		s.refuses(outcome(charge, 0, true), "unknown_attempt")
		s.refuses(outcome(id.SeatCharge{1}, 1, true), "charge_not_found")
		require.Equal(t, []group.Event{group.ChargeFailed{Charge: charge, Attempt: 1, Reason: "card_declined", On: day("2024-06-16")}}, s.do(outcome(charge, 1, false)))
		s.ignores(outcome(charge, 1, false))
		s.do(group.StartCollection{Charge: charge})
		s.ignores(outcome(charge, 1, false))
		s.do(outcome(charge, 1, true))
		s.ignores(outcome(charge, 1, true))
		s.ignores(group.StartCollection{Charge: charge})
		require.Equal(t, group.Utilisation{Owned: 2, Assigned: 1, Free: 1}, s.state().Utilisation(s.now))
	})
	t.Run("BIL-A11 an unpaid purchase is undone seven days after it failed", func(t *testing.T) {
		s, l, charge := bought(t)
		s.do(outcome(charge, 1, false))
		require.Equal(t, 1, s.state().Utilisation(s.now).Pending)
		s.on("2024-06-20").do(group.StartCollection{Charge: charge})
		s.do(outcome(charge, 2, false))
		s.on("2024-06-22").ignores(group.CancelUnpaid{})
		require.Equal(t, []group.Event{
			group.LicencePurchaseCancelled{Licences: []id.Licence{l}, Charge: charge, On: day("2024-06-23")},
			group.ChargeCancelled{Charge: charge, On: day("2024-06-23")},
		}, s.on("2024-06-23").do(group.CancelUnpaid{}))
		s.ignores(group.CancelUnpaid{})
		s.ignores(outcome(charge, 2, false))
		s.refuses(group.StartCollection{Charge: charge}, "charge_cancelled")
		next, err := s.state().NextInvoice(book)
		require.NoError(t, err)
		require.Equal(t, usd(8900), next.Total)
	})
	t.Run("a period that begins meanwhile is not charged for a licence nobody can hold, then from the day it is paid", func(t *testing.T) {
		s, l, charge := bought(t)
		s.on("2024-06-30").do(outcome(charge, 1, false))
		require.Equal(t, usd(8900), s.roll("2024-07-01").Total)
		s.on("2024-07-03").do(group.StartCollection{Charge: charge})
		events := s.do(outcome(charge, 2, true))
		late := events[2].(group.SubscriptionCharged)
		require.Equal(t, usd(8326), late.Total, "29 of 31 days")
		require.Equal(t, pricing.LineActivation, late.Lines[0].Kind)
		require.Equal(t, l, late.Lines[0].Licence)
		require.Equal(t, usd(18600), s.roll("2024-08-01").Total)
	})
	t.Run("paid when yet another period is due, it is charged with that one", func(t *testing.T) {
		s, _, charge := bought(t)
		s.roll("2024-07-01")
		require.Len(t, s.on("2024-08-01").do(outcome(charge, 1, true)), 2, "nothing for July: nobody could hold it")
		require.Equal(t, usd(18600), s.roll("2024-08-01").Total)
	})
	t.Run("a charge for a period stays due, and its licences stay", func(t *testing.T) {
		s := subscribed(t)
		s.roll("2024-07-01")
		s.settle(false)
		s.on("2024-07-31").ignores(group.CancelUnpaid{})
		require.Equal(t, usd(8900), s.open()[0].Total)
		require.True(t, s.state().IsActiveClinician(oona))
	})
	t.Run("without a payment method nothing is collected", func(t *testing.T) {
		s := founded(t)
		s.do(trialUntil(noon("2024-06-10"), group.StartTrial{Seats: oonaOn(pricing.ERxLite)}))
		s.on("2024-06-10").do(at(book, group.ExpireTrial{}))
		due, err := s.state().ChargesDue(s.now)
		require.NoError(t, err)
		s.refuses(group.StartCollection{Charge: due[0].ID}, "no_payment_method")
		s.do(group.ReplacePaymentMethod{Method: "pm_2"})
		s.collect()
		s.refuses(group.StartCollection{Charge: id.SeatCharge{1}}, "charge_not_found")
	})
	t.Run("a charge of 0 needs no collection", func(t *testing.T) {
		s := subscribed(t)
		s.buy(pricing.TherapistBasic, 1, s.proves(mia, pricing.NonPrescriberTrainee, "2025-01-01"))
		charges := s.state().Charges()
		s.ignores(group.StartCollection{Charge: charges[len(charges)-1].ID})
		s.joins(mia, "")
	})
}

func TestReplacePaymentMethod(t *testing.T) {
	s := subscribed(t)
	require.Equal(t, []group.Event{group.PaymentMethodReplaced{Method: "pm_2", Label: "Visa ending 4242"}}, s.do(group.ReplacePaymentMethod{Method: " pm_2", Label: "Visa ending 4242"}))
	s.ignores(group.ReplacePaymentMethod{Method: "pm_2", Label: "Visa ending 4242"})
	method, label := s.state().PaymentMethod()
	require.Equal(t, []string{"pm_2", "Visa ending 4242"}, []string{method, label})
	s.refuses(group.ReplacePaymentMethod{}, "method_required")
	for _, card := range []string{"4242424242424242", "4242 4242 4242 4242", "3782-822463-10005"} {
		refusal := s.refuses(group.ReplacePaymentMethod{Method: card}, "card_data_refused")
		require.NotContains(t, refusal.Error(), "4242", "a card is never repeated")
		s.refuses(group.ReplacePaymentMethod{Method: "pm_2", Label: card}, "card_data_refused")
	}
	founded(t).refuses(group.ReplacePaymentMethod{Method: "pm_1"}, "no_subscription")
}
