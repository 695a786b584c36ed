package group

import (
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// RefundReason is why money must go back.
type RefundReason string

// The reasons.
const (
	// PaidAfterCancellation is money for a charge that was cancelled meanwhile.
	PaidAfterCancellation RefundReason = "paid_after_cancellation"
	// PaidTwice is money for a charge that another attempt had paid already.
	PaidTwice RefundReason = "paid_twice"
	// Unused is money for days that a licence was not kept for (BIL-A7).
	Unused RefundReason = "unused"
)

// RefundDue says that an attempt brought money that must go back. It happens once
// per matter, however often the payment processor reports the money.
type RefundDue struct {
	Refund id.Refund     `json:"refund"`
	Charge id.SeatCharge `json:"charge"`
	// Attempt is the one whose money goes back; with the charge it names the payment
	// at the processor.
	Attempt int          `json:"attempt"`
	Amount  money.Money  `json:"amount"`
	Reason  RefundReason `json:"reason"`
	// Line is the credit of unused days that the refund is of, if it is of one.
	Line *pricing.Line `json:"line,omitempty"`
	On   civil.Date    `json:"on"`
}

// ChargeRefunded says that the money went back.
type ChargeRefunded struct {
	Refund id.Refund     `json:"refund"`
	Charge id.SeatCharge `json:"charge"`
	Amount money.Money   `json:"amount"`
	On     civil.Date    `json:"on"`
}

// RefundFailed says that the payment processor did not give the money back; the
// practice is owed it on.
type RefundFailed struct {
	Refund id.Refund     `json:"refund"`
	Charge id.SeatCharge `json:"charge"`
	// Reason is the processor's code.
	Reason string     `json:"reason"`
	On     civil.Date `json:"on"`
}
