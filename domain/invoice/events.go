package invoice

import (
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/money"
)

// Event is a fact of a ledger. The stream names the patient and the clinician;
// the envelope says who recorded it and when.
//
//sumtype:decl
type Event interface{ isEvent() }

// ChargeRecorded says that a service is owed for. It waits to be invoiced.
type ChargeRecorded struct {
	Charge id.Charge `json:"charge"`
	// ServiceDate is when the service was given: the charge takes effect then.
	ServiceDate civil.Date `json:"serviceDate"`
	// Code is the CPT or HCPCS code; what was treated can be read off it.
	Code        string      `json:"code" personal:"true"`
	Modifiers   []string    `json:"modifiers" personal:"true"`
	ICD10       []string    `json:"icd10" personal:"true"`
	Description string      `json:"description" personal:"true"`
	Units       int64       `json:"units"`
	UnitPrice   money.Money `json:"unitPrice"`
	// Amount is Units × UnitPrice, exactly.
	Amount money.Money `json:"amount"`
}

// ChargeVoided says that a charge should not have been recorded.
type ChargeVoided struct {
	Charge        id.Charge   `json:"charge"`
	Amount        money.Money `json:"amount"`
	EffectiveDate civil.Date  `json:"effectiveDate"`
	Reason        string      `json:"reason" personal:"true"`
}

// Drafted says that charges were put on a new invoice that nobody has seen yet.
type Drafted struct {
	Invoice id.Invoice  `json:"invoice"`
	Date    civil.Date  `json:"date"`
	Terms   Terms       `json:"terms"`
	DueDate civil.Date  `json:"dueDate"`
	Charges []id.Charge `json:"charges"`
	Total   money.Money `json:"total"`
}

// DraftDiscarded says that a draft was given up; its charges wait again. No
// number is burnt (BIL-A15).
type DraftDiscarded struct {
	Invoice         id.Invoice  `json:"invoice"`
	ReleasedCharges []id.Charge `json:"releasedCharges"`
}

// NumberWithdrawn says that a draft is not issued under a number that was kept for it,
// because that issue was refused: another invoice takes the number (BIL-A22).
type NumberWithdrawn struct {
	Invoice  id.Invoice `json:"invoice"`
	Sequence Number     `json:"sequence"`
	Number   string     `json:"number"`
	// Keeping says which keeping of a number for the draft it was.
	Keeping int `json:"keeping"`
}

// Issued says that an invoice is owed. Number and terms never change (BIL-A14, BIL-A22).
type Issued struct {
	Invoice id.Invoice `json:"invoice"`
	// Sequence orders the invoices of the clinician; Number is what people read.
	Sequence Number `json:"sequence"`
	Number   string `json:"number"`
	// Version is 1 at issue; revisions count up from it.
	Version int        `json:"version"`
	Date    civil.Date `json:"date"`
	Terms   Terms      `json:"terms"`
	// DueDate is empty for terms without one.
	DueDate civil.Date  `json:"dueDate"`
	Charges []id.Charge `json:"charges"`
	Total   money.Money `json:"total"`
}

// Voided says that an issued invoice is owed no more. It keeps its number; its
// charges wait to be invoiced again (BIL-A15). Money that was applied to it has
// been released by the PaymentUnapplied events before it.
type Voided struct {
	Invoice         id.Invoice  `json:"invoice"`
	Number          string      `json:"number"`
	EffectiveDate   civil.Date  `json:"effectiveDate"`
	Total           money.Money `json:"total"`
	ReleasedCharges []id.Charge `json:"releasedCharges"`
	// ReleasedCredit is what of payments became credit again.
	ReleasedCredit money.Money `json:"releasedCredit"`
	Reason         string      `json:"reason" personal:"true"`
}

// PaymentRecorded says that money was received. Until it is applied it is credit.
type PaymentRecorded struct {
	Payment id.Payment  `json:"payment"`
	Amount  money.Money `json:"amount"`
	Method  Method      `json:"method"`
	// ReceivedOn is the day on which the payment takes effect.
	ReceivedOn civil.Date `json:"receivedOn"`
	PayerName  string     `json:"payerName" personal:"true"`
	// ExternalRef is the check's, transfer's or processor's number.
	ExternalRef string `json:"externalRef"`
}

// PaymentApplied says that part of a payment settles part of an invoice.
type PaymentApplied struct {
	Payment       id.Payment  `json:"payment"`
	Invoice       id.Invoice  `json:"invoice"`
	Number        string      `json:"number"`
	Amount        money.Money `json:"amount"`
	EffectiveDate civil.Date  `json:"effectiveDate"`
}

// PaymentUnapplied says that what a payment had settled of an invoice is credit again.
type PaymentUnapplied struct {
	Payment       id.Payment       `json:"payment"`
	Invoice       id.Invoice       `json:"invoice"`
	Number        string           `json:"number"`
	Amount        money.Money      `json:"amount"`
	EffectiveDate civil.Date       `json:"effectiveDate"`
	Cause         UnappliedBecause `json:"cause"`
}

// UnappliedBecause says why money became credit again.
type UnappliedBecause string

// InvoiceWasVoided means that the invoice that the money had settled is void (BIL-A16).
const InvoiceWasVoided UnappliedBecause = "invoice_voided"

func (ChargeRecorded) isEvent()   {}
func (ChargeVoided) isEvent()     {}
func (Drafted) isEvent()          {}
func (DraftDiscarded) isEvent()   {}
func (NumberWithdrawn) isEvent()  {}
func (Issued) isEvent()           {}
func (Voided) isEvent()           {}
func (PaymentRecorded) isEvent()  {}
func (PaymentApplied) isEvent()   {}
func (PaymentUnapplied) isEvent() {}

// Events lists the event types of ledgers and number series with their wire
// names and versions.
func Events() []es.Row {
	return []es.Row{
		es.Define[ChargeRecorded]("invoice.charge_recorded", 1),
		es.Define[ChargeVoided]("invoice.charge_voided", 1),
		es.Define[Drafted]("invoice.drafted", 1),
		es.Define[DraftDiscarded]("invoice.draft_discarded", 1),
		es.Define[NumberWithdrawn]("invoice.number_withdrawn", 1),
		es.Define[Issued]("invoice.issued", 1),
		es.Define[Voided]("invoice.voided", 1),
		es.Define[PaymentRecorded]("invoice.payment_recorded", 1),
		es.Define[PaymentApplied]("invoice.payment_applied", 1),
		es.Define[PaymentUnapplied]("invoice.payment_unapplied", 1),
		es.Define[NumberAssigned]("invoice_series.number_assigned", 1),
		es.Define[NumberReleased]("invoice_series.number_released", 1),
	}
}
