package group_test

import (
	"time"

	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// subscriptionSamples is one event of each type of the subscription, every field set.
func subscriptionSamples() []group.Event {
	var (
		day      = civil.MustDate("2024-06-16")
		june     = pricing.Period{Start: civil.MustDate("2024-06-01"), End: civil.MustDate("2024-07-01")}
		licence  = id.Derive[id.Licence]("licence")
		charge   = id.Derive[id.SeatCharge]("charge")
		proof    = id.Derive[id.TraineeProof]("proof")
		half     = pricing.Discount{Num: 1, Den: 2, Proof: proof}
		lite     = pricing.Terms{Plan: pricing.ERxLite, Price: money.Of(8900, "USD"), Discount: half, Book: 1}
		premium  = pricing.Terms{Plan: pricing.PrescriberPremium, Price: money.Of(11900, "USD"), Discount: pricing.FullPrice(), Book: 2}
		dollars  = money.Of(2225, "USD")
		change   = []group.TermsChange{{Licence: licence, From: lite, To: premium}}
		licences = []id.Licence{licence}
		lines    = []pricing.Line{{
			Licence: licence, Kind: pricing.LinePurchase, Terms: lite, From: day, Period: june, Days: 15, PeriodDays: 30, Amount: dollars,
		}}
	)
	back := lines[0]
	back.Kind, back.Amount, back.TaxBasisPoints, back.Tax = pricing.LineUnusedCredit, money.Of(-2225, "USD"), 2000, money.Of(-445, "USD")
	return []group.Event{
		group.SubscriptionCancellationScheduled{Effective: june.End},
		group.SubscriptionKept{Effective: june.End},
		group.SubscriptionCancelled{On: june.End},
		group.ChargeCredited{Charge: charge, Line: back, Credit: money.Of(2670, "USD"), Total: dollars, On: day},
		group.SubscriptionStarted{Owner: oona, Zone: "America/New_York", Currency: "USD", On: day},
		group.TrialStarted{InheritedFrom: oona, EndsAt: time.Date(2024, 6, 30, 4, 0, 0, 0, time.UTC), On: day},
		group.TrialExpired{On: day},
		group.BillingPeriodStarted{Period: june, Anchor: 1},
		group.SubscriptionCharged{Charge: charge, Period: june, Lines: lines, Total: dollars, On: day},
		group.ProratedChargeRaised{Charge: charge, Period: june, Lines: lines, Total: dollars, On: day},
		group.ChargeLinesAdded{Charge: charge, Lines: lines, Total: dollars},
		group.CollectionStarted{Charge: charge, Attempt: 1, Amount: dollars, Method: "pm_1"},
		group.OvertakenAttemptFailed{Charge: charge, Attempt: 2, Reason: "card_declined", On: day},
		group.RefundDue{Refund: id.Derive[id.Refund]("refund"), Charge: charge, Attempt: 2, Amount: dollars, Reason: group.Unused, Line: &back, On: day},
		group.ChargeRefunded{Refund: id.Derive[id.Refund]("refund"), Charge: charge, Amount: dollars, On: day},
		group.RefundFailed{Refund: id.Derive[id.Refund]("refund"), Charge: charge, Reason: "card_expired", On: day},
		group.ChargeCollected{Charge: charge, Attempt: 1, Amount: dollars, On: day},
		group.ChargeFailed{Charge: charge, Attempt: 1, Reason: "card_declined", On: day},
		group.ChargeCancelled{Charge: charge, On: day},
		group.PaymentMethodReplaced{Method: "pm_1", Label: "Visa ending 4242"},
		group.LicencesPurchased{On: day, Licences: []group.BoughtLicence{
			{Licence: licence, Terms: lite, Pending: true, Holder: oona, Profession: pricing.Prescriber},
		}},
		group.LicencesActivated{Licences: licences, On: day},
		group.LicencePurchaseCancelled{Licences: licences, Charge: charge, On: day},
		group.LicenceReserved{Licence: licence, Invitation: letter, Profession: pricing.Prescriber},
		group.LicenceUnreserved{Licence: licence, Invitation: letter},
		group.LicenceAssigned{Licence: licence, Member: uma, On: day},
		group.LicenceUnassigned{Licence: licence, Member: uma, On: day},
		group.ProfessionRecorded{Member: uma, Profession: pricing.Prescriber},
		group.ClinicalWorkStarted{Member: uma, On: day},
		group.ClinicalWorkEnded{Member: uma, On: day},
		group.LicencePlanChanged{Changes: change, Charge: charge, Reason: group.PlanUpgraded, On: day},
		group.PlanChangeScheduled{Licence: licence, From: pricing.PrescriberPremium, To: pricing.ERxLite, Effective: june.End},
		group.PlanChangeCancelled{Licence: licence},
		group.LicenceReleaseScheduled{Licence: licence, Effective: june.End},
		group.LicenceReleaseCancelled{Licence: licence},
		group.LicencesReleased{Licences: licences, On: june.End},
		group.LicencesRepriced{Changes: change, Effective: june.End, Reason: group.RepricedByTraineeStatus},
		group.TraineeProofSubmitted{
			Proof: proof, Member: uma, EmailHash: "hash", Kind: pricing.PrescriberTrainee, Programme: "Residency", ValidFrom: june.Start,
			ValidUntil: day, DocHash: "sha256", SubmittedBy: oona,
		},
		group.TraineeProofVerified{Proof: proof, VerifiedBy: oona, On: day},
		group.TraineeProofExpiring{Proof: proof, Threshold: 7, ValidUntil: june.End, On: day},
		group.TraineeProofExpired{Proof: proof, On: day},
	}
}
