package group

import (
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// The events of the subscription carry the local day On, in the billing zone, so
// that a seat ledger is read from them alone.

// SubscriptionStarted begins the subscription. From here on every clinician
// needs a licence.
type SubscriptionStarted struct {
	Owner    id.Member      `json:"owner"`
	Zone     civil.Zone     `json:"zone"`
	Currency money.Currency `json:"currency"`
	On       civil.Date     `json:"on"`
}

// SubscriptionCancellationScheduled lets the subscription end with the period, or
// the trial. Effective is the first day without it.
type SubscriptionCancellationScheduled struct {
	Effective civil.Date `json:"effective"`
}

// SubscriptionKept calls a cancellation off that was scheduled. Effective is when
// the subscription would have ended.
type SubscriptionKept struct {
	Effective civil.Date `json:"effective"`
}

// SubscriptionCancelled ends the subscription: On is the first day without it. The
// licences end with it (LicencesReleased); what was charged before stays due.
type SubscriptionCancelled struct {
	On civil.Date `json:"on"`
}

// TrialStarted makes everything free until EndsAt, the end of the owner's own
// trial, copied so that a transfer of the ownership does not move it (AMB-10).
type TrialStarted struct {
	InheritedFrom id.Member `json:"inheritedFrom"`
	// EndsAt is the first instant that is not free, UTC.
	EndsAt time.Time  `json:"endsAt"`
	On     civil.Date `json:"on"`
}

// TrialExpired ends the trial; the first paid period starts on the same day (BIL-A9).
type TrialExpired struct {
	On civil.Date `json:"on"`
}

// BillingPeriodStarted begins a period. Anchor is the day of the month that all
// periods begin on, 1 to 31 (BIL-A5).
type BillingPeriodStarted struct {
	Period pricing.Period `json:"period"`
	Anchor pricing.Anchor `json:"anchor"`
}

// SubscriptionCharged charges every licence for one period.
type SubscriptionCharged struct {
	Charge id.SeatCharge  `json:"charge"`
	Period pricing.Period `json:"period"`
	Lines  []pricing.Line `json:"lines"`
	Total  money.Money    `json:"total"`
	On     civil.Date     `json:"on"`
}

// ProratedChargeRaised opens the one charge of a day for what was bought within a
// period; ChargeLinesAdded gathers further purchases of that day (BIL-A6).
type ProratedChargeRaised struct {
	Charge id.SeatCharge  `json:"charge"`
	Period pricing.Period `json:"period"`
	Lines  []pricing.Line `json:"lines"`
	Total  money.Money    `json:"total"`
	On     civil.Date     `json:"on"`
}

// ChargeLinesAdded adds lines to the open charge of the day. Total is the new one.
type ChargeLinesAdded struct {
	Charge id.SeatCharge  `json:"charge"`
	Lines  []pricing.Line `json:"lines"`
	Total  money.Money    `json:"total"`
}

// CollectionStarted closes a charge to further lines and fixes what the payment
// processor is asked for; charge and attempt make its idempotency key.
type CollectionStarted struct {
	Charge  id.SeatCharge `json:"charge"`
	Attempt int           `json:"attempt"`
	Amount  money.Money   `json:"amount"`
	// Method is the processor's reference of the payment method.
	Method string `json:"method"`
}

// ChargeCollected says that the money arrived.
type ChargeCollected struct {
	Charge  id.SeatCharge `json:"charge"`
	Attempt int           `json:"attempt"`
	Amount  money.Money   `json:"amount"`
	On      civil.Date    `json:"on"`
	// Awaited is a later attempt that is still with the payment processor; what it
	// brings goes back. 0 if there is none.
	Awaited int `json:"awaited,omitempty"`
	// Mode says whether money moved: "live", or "test" or "simulated" if none did.
	Mode string `json:"mode,omitempty"`
}

// OvertakenAttemptFailed says that an attempt brought no money at a charge that
// had been paid or cancelled meanwhile: nothing has to go back.
type OvertakenAttemptFailed struct {
	Charge  id.SeatCharge `json:"charge"`
	Attempt int           `json:"attempt"`
	// Reason is the processor's code.
	Reason string     `json:"reason"`
	On     civil.Date `json:"on"`
}

// ChargeFailed says that an attempt brought no money.
type ChargeFailed struct {
	Charge  id.SeatCharge `json:"charge"`
	Attempt int           `json:"attempt"`
	// Reason is the processor's code, never data of a card.
	Reason string     `json:"reason"`
	On     civil.Date `json:"on"`
}

// ChargeCancelled gives up a charge for purchases that stayed unpaid (BIL-A11), or
// were not paid when the subscription ended.
type ChargeCancelled struct {
	Charge id.SeatCharge `json:"charge"`
	On     civil.Date    `json:"on"`
	// Awaited is an attempt that is still with the payment processor; what it brings
	// goes back. 0 if there is none.
	Awaited int `json:"awaited,omitempty"`
}

// ChargeCredited lowers what is due for a charge that is not paid, because a
// licence on it was released before its period was over (BIL-A7).
type ChargeCredited struct {
	Charge id.SeatCharge `json:"charge"`
	// Line is the whole credit; Credit is the part of it that this charge gives, as
	// a positive amount. The rest is credited on other charges or refunded.
	Line   pricing.Line `json:"line"`
	Credit money.Money  `json:"credit"`
	// Total is what is still due.
	Total money.Money `json:"total"`
	On    civil.Date  `json:"on"`
}

// PaymentMethodReplaced names what is charged from now on, by the processor's
// reference. Data of cards never reaches Praxis.
type PaymentMethodReplaced struct {
	Method string `json:"method"`
	// Label is what the owner recognises it by, such as "Visa ending 4242".
	Label string `json:"label,omitempty"`
}

func (SubscriptionStarted) isEvent()               {}
func (SubscriptionCancellationScheduled) isEvent() {}
func (SubscriptionKept) isEvent()                  {}
func (SubscriptionCancelled) isEvent()             {}
func (ChargeCredited) isEvent()                    {}
func (TrialStarted) isEvent()                      {}
func (TrialExpired) isEvent()                      {}
func (BillingPeriodStarted) isEvent()              {}
func (SubscriptionCharged) isEvent()               {}
func (ProratedChargeRaised) isEvent()              {}
func (ChargeLinesAdded) isEvent()                  {}
func (CollectionStarted) isEvent()                 {}
func (ChargeCollected) isEvent()                   {}
func (ChargeFailed) isEvent()                      {}
func (ChargeCancelled) isEvent()                   {}
func (PaymentMethodReplaced) isEvent()             {}
func (OvertakenAttemptFailed) isEvent()            {}
func (RefundDue) isEvent()                         {}
func (ChargeRefunded) isEvent()                    {}
func (RefundFailed) isEvent()                      {}
func (LicencesPurchased) isEvent()                 {}
func (LicencesActivated) isEvent()                 {}
func (LicencePurchaseCancelled) isEvent()          {}
func (LicenceReserved) isEvent()                   {}
func (LicenceUnreserved) isEvent()                 {}
func (LicenceAssigned) isEvent()                   {}
func (LicenceUnassigned) isEvent()                 {}
func (ProfessionRecorded) isEvent()                {}
func (LicencePlanChanged) isEvent()                {}
func (PlanChangeScheduled) isEvent()               {}
func (PlanChangeCancelled) isEvent()               {}
func (LicenceReleaseScheduled) isEvent()           {}
func (LicenceReleaseCancelled) isEvent()           {}
func (LicencesReleased) isEvent()                  {}
func (LicencesRepriced) isEvent()                  {}
func (TraineeProofSubmitted) isEvent()             {}
func (TraineeProofVerified) isEvent()              {}
func (TraineeProofExpiring) isEvent()              {}
func (TraineeProofExpired) isEvent()               {}
