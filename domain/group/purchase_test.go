package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

func TestPurchaseLicences(t *testing.T) {
	purchase := func(plan pricing.PlanID, quantity int, quoted int64) with[group.PurchaseLicences, pricing.Book] {
		return at(book, group.PurchaseLicences{Plan: plan, Quantity: quantity, QuotedTotal: usd(quoted)})
	}
	t.Run("L-3 BIL-2 AMB-7 plans mix, one charge per command with a line per licence", func(t *testing.T) {
		s := subscribed(t)
		events := s.do(purchase(pricing.TherapistPremium, 2, 2*6900))
		require.Len(t, events, 2)
		require.Len(t, events[1].(group.ProratedChargeRaised).Lines, 2)
		s.do(purchase(pricing.ERxLite, 4, 4*8900))
		s.collect()
		next, err := s.state().NextInvoice(book)
		require.NoError(t, err)
		require.Equal(t, usd(2*6900+5*8900), next.Total)
	})
	t.Run("BIL-A6 purchases of the same local day are one charge, those of the next another", func(t *testing.T) {
		s := subscribed(t).on("2024-06-16")
		s.buy(pricing.ERxLite, 1)
		s.now = noon("2024-06-17").Add(-12*60*60*1e9 - 1)
		s.buy(pricing.ERxLite, 1)
		require.Len(t, s.open(), 1)
		require.Equal(t, usd(8900), s.open()[0].Total, "one minute before midnight is still the 16th")
		due, err := s.state().ChargesDue(s.now)
		require.NoError(t, err)
		require.Empty(t, due, "the charge of today is not due by itself")
		s.now = noon("2024-06-17").Add(-12 * 60 * 60 * 1e9)
		s.buy(pricing.ERxLite, 1)
		require.Len(t, s.open(), 2)
		require.Equal(t, usd(4153), s.open()[1].Total, "14 of 30 days")
		due, err = s.state().ChargesDue(s.now)
		require.NoError(t, err)
		require.Equal(t, s.open()[0].ID, due[0].ID, "its day is over")
		require.Len(t, due, 1)
	})
	t.Run("BIL-A6 a charge that is being collected takes no further lines", func(t *testing.T) {
		s := subscribed(t)
		s.buy(pricing.ERxLite, 1)
		first := s.open()[0]
		s.do(group.StartCollection{Charge: first.ID})
		s.buy(pricing.ERxLite, 1)
		require.Len(t, s.open(), 1)
		require.NotEqual(t, first.ID, s.open()[0].ID)
	})
	t.Run("the price that was shown is the price that is paid", func(t *testing.T) {
		s := subscribed(t).on("2024-06-16")
		refusal := s.refuses(purchase(pricing.ERxLite, 1, 8900), "price_changed")
		require.Equal(t, map[string]string{"quoted": "USD 89.00", "current": "USD 44.50"}, refusal.Details)
		euro := purchase(pricing.ERxLite, 1, 4450)
		euro.Command.QuotedTotal = money.Of(4450, "EUR")
		s.refuses(euro, "price_changed")
		_, err := s.state().QuoteLicences(book, pricing.ERxLite, 1, nil, s.now)
		require.NoError(t, err)
		require.Len(t, s.state().Licences(), 1, "a quote buys nothing")
	})
	t.Run("a quote says what comes after", func(t *testing.T) {
		s := subscribed(t).on("2024-06-16")
		lapsing := s.proves(mia, pricing.PrescriberTrainee, "2024-06-20")
		quote, err := s.state().QuoteLicences(book, pricing.ERxLite, 2, []id.TraineeProof{lapsing}, s.now)
		require.NoError(t, err)
		require.Equal(t, usd(2225+4450), quote.Today)
		require.Equal(t, usd(17800), quote.PerPeriod, "AMB-9 the proof is over by then")
		require.Equal(t, day("2024-06-30"), quote.Until)
	})
	t.Run("what cannot be bought", func(t *testing.T) {
		s := subscribed(t)
		s.refuses(purchase("gold", 1, 0), "unknown_plan")
		s.refuses(purchase(pricing.ERxLite, 0, 0), "quantity_out_of_range")
		s.refuses(purchase(pricing.ERxLite, 81, 0), "quantity_out_of_range")
		s.refuses(at(pricing.Book{}, group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1}), "no_price_book")
		founded(t).refuses(purchase(pricing.ERxLite, 1, 8900), "no_subscription")
		s.on("2024-07-01").refuses(purchase(pricing.ERxLite, 1, 8900), "period_due")
		poor := founded(t)
		poor.do(trialUntil(noon("2024-06-10"), group.StartTrial{Seats: oonaOn(pricing.ERxLite)}))
		poor.on("2024-06-10").do(at(book, group.ExpireTrial{}))
		poor.refuses(purchase(pricing.ERxLite, 1, 8900), "no_payment_method")
	})
	t.Run("BIL-3 G-1 0 to 1 to 50 to 1 licences, and 500", func(t *testing.T) {
		s := subscribed(t)
		many := s.buy(pricing.TherapistBasic, 50)
		s.collect()
		for _, l := range many {
			s.do(group.ScheduleLicenceRelease{Licence: l})
		}
		require.Equal(t, usd(8900), s.roll("2024-07-01").Total)
		require.Len(t, s.state().Licences(), 1)
		for range 7 {
			s.buy(pricing.TherapistBasic, 71)
		}
		s.collect()
		s.on("2024-08-01")
		events := s.do(at(book, group.RollBillingPeriod{}))
		require.Less(t, len(events), 100, "one append keeps them")
		charges := s.state().Charges()
		require.Equal(t, usd(497*4900+9300), charges[len(charges)-1].Total)
		require.Len(t, charges[len(charges)-1].Lines, 498)
	})
}

func oonaOn(plan pricing.PlanID) []group.Seat {
	return []group.Seat{{Member: oona, Plan: plan, Profession: pricing.Prescriber}}
}

func TestPurchaseForTrainees(t *testing.T) {
	buy := func(plan pricing.PlanID, quoted int64, proofs ...id.TraineeProof) with[group.PurchaseLicences, pricing.Book] {
		return at(book, group.PurchaseLicences{Plan: plan, Quantity: 1, Proofs: proofs, QuotedTotal: usd(quoted)})
	}
	t.Run("L-8 L-9 no verified proof, no discount", func(t *testing.T) {
		s := subscribed(t)
		s.refuses(buy(pricing.ERxLite, 4450, proofOf(mia)), "proof_not_found")
		s.do(as(oona, group.SubmitTraineeProof{
			Proof: proofOf(mia), EmailHash: hashOf(mia), Kind: pricing.PrescriberTrainee, Programme: "Residency",
			ValidFrom: day("2024-06-02"), ValidUntil: day("2024-06-10"), DocHash: "sha256",
		}))
		s.refuses(buy(pricing.ERxLite, 4450, proofOf(mia)), "proof_not_valid")
		s.do(as(oona, group.VerifyTraineeProof{Proof: proofOf(mia), Accredited: true}))
		s.refuses(buy(pricing.ERxLite, 4450, proofOf(mia)), "proof_not_valid")
		s.on("2024-06-02").do(buy(pricing.ERxLite, 4302, proofOf(mia)))
		s.on("2024-06-10").do(buy(pricing.ERxLite, 3115, proofOf(mia)))
		refusal := s.on("2024-06-11").refuses(buy(pricing.ERxLite, 2967, proofOf(mia)), "proof_not_valid")
		require.Equal(t, "Proof of training status is missing or expired on 2024-06-11.", refusal.Message)
	})
	t.Run("L-9 a 50 % trainee discount applies only to prescriber plans", func(t *testing.T) {
		s := subscribed(t)
		prescriber, therapist := s.proves(mia, pricing.PrescriberTrainee, "2025-01-01"), s.proves(uma, pricing.NonPrescriberTrainee, "2025-01-01")
		require.Equal(t, "A 50 % trainee discount applies only to prescriber plans.", s.refuses(buy(pricing.TherapistBasic, 2450, prescriber), "no_trainee_discount").Message)
		s.refuses(buy(pricing.ERxLite, 0, therapist), "plan_category_mismatch")
		s.refuses(buy(pricing.TherapistBasic, 0, therapist, therapist), "too_many_proofs")
		twice := buy(pricing.TherapistBasic, 0, therapist, therapist)
		twice.Command.Quantity = 2
		s.refuses(twice, "too_many_proofs")
	})
	t.Run("BIL-A6 a trainee's licence does not become somebody else's for free", func(t *testing.T) {
		s := subscribed(t)
		half := s.buy(pricing.ERxLite, 1, s.proves(mia, pricing.PrescriberTrainee, "2025-01-01"))[0]
		s.collect()
		other := s.invitation(uma, pricing.Prescriber)
		other.Command.Licence = half
		s.refuses(other, "trainee_licence")
		other.Command.Licence = id.Licence{}
		s.refuses(other, "no_free_licence")
		s.joins(mia, pricing.Prescriber)
		full := s.buy(pricing.ERxLite, 1)[0]
		s.collect()
		s.joins(uma, pricing.Prescriber)
		held, _ := s.state().LicenceOf(uma)
		require.Equal(t, full, held.ID)
		s.do(withoutCharts(group.UnassignLicence{Licence: full}))
		s.refuses(withoutCharts(group.MoveLicence{Licence: half, To: uma}), "trainee_licence")
		s.do(withoutCharts(group.UnassignLicence{Licence: half}))
		s.do(group.AssignLicence{Licence: half, Member: mia})
		require.Equal(t, usd(8900+4450+8900), s.roll("2024-07-01").Total, "the free one is charged in full")
		s.do(withoutCharts(group.UnassignLicence{Licence: half}))
		s.refuses(group.AssignLicence{Licence: half, Member: uma}, "trainee_licence")
		require.Equal(t, usd(3*9300), s.roll("2024-08-01").Total, "nobody's licence has no discount")
		s.do(group.AssignLicence{Licence: half, Member: uma})
	})
	t.Run("BIL-A6 AMB-9 a trainee gets their licence back at no cost, also after the proof ended", func(t *testing.T) {
		s := subscribed(t)
		half := s.buy(pricing.ERxLite, 1, s.proves(mia, pricing.PrescriberTrainee, "2024-06-10"))[0]
		s.collect()
		s.joins(mia, pricing.Prescriber)
		s.on("2024-06-11").do(withoutCharts(group.UnassignLicence{Licence: half}))
		s.do(group.AssignLicence{Licence: half, Member: mia})
		require.Empty(t, s.open())
	})
	t.Run("L-4 an invited trainee is given the licence bought for them", func(t *testing.T) {
		s := subscribed(t)
		s.buy(pricing.ERxLite, 1)
		half := s.buy(pricing.ERxLite, 1, s.proves(mia, pricing.PrescriberTrainee, "2025-01-01"))[0]
		s.collect()
		s.joins(mia, pricing.Prescriber)
		held, _ := s.state().LicenceOf(mia)
		require.Equal(t, half, held.ID)
	})
	t.Run("L-6 BIL-8 40 administrators and one clinician are one licence", func(t *testing.T) {
		s := subscribed(t)
		for i := range 40 {
			m := id.Derive[id.Member]("administrator", string(rune('a'+i)))
			s.do(invitedBy(oona, group.InviteMember{Invitation: invitationOf(m), EmailHash: hashOf(m), Role: access.SuperAdmin, ExpiresAt: s.now.AddDate(0, 0, 7)}))
			s.do(group.AcceptInvitation{Invitation: invitationOf(m), Account: account(m), EmailHash: hashOf(m), Member: m})
		}
		require.Equal(t, usd(8900), s.roll("2024-07-01").Total)
	})
}
