package invoice

import (
	"cmp"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/text"
)

// Method is how money was received.
type Method string

// The methods of payment.
const (
	Cash         Method = "cash"
	Check        Method = "check"
	Card         Method = "card"
	BankTransfer Method = "bank_transfer"
	OtherMethod  Method = "other"
)

// ParseMethod reads a method. Fault: "unknown_method".
func ParseMethod(s string) (Method, error) {
	switch m := Method(s); m {
	case Cash, Check, Card, BankTransfer, OtherMethod:
		return m, nil
	}
	return "", fault.New(fault.Invalid, "unknown_method", "The method of a payment must be cash, check, card, bank_transfer or other.")
}

var errPaymentExists = fault.New(fault.Rejected, "payment_exists", "This payment was already recorded.")

// What is kept about a payment.
var (
	payerName   = text.Line("payer's name", 200)
	externalRef = text.Line("reference", 100)
)

// RecordPayment records money that was received. It is always taken in: what
// settles no invoice is credit of this patient with this clinician (BIL-A18).
type RecordPayment struct {
	Payment    id.Payment  `json:"payment"`
	Amount     money.Money `json:"amount"`
	Method     Method      `json:"method"`
	ReceivedOn civil.Date  `json:"receivedOn"`
	PayerName  string      `json:"payerName"`
	// ExternalRef is the check's, transfer's or processor's number.
	ExternalRef string `json:"externalRef"`
	// Allocations are an explicit choice of invoices (BIL-A19). Nil means the
	// default order; an empty list that is not nil leaves everything as credit.
	Allocations []Allocation `json:"allocations"`

	// MayRepeat says that the request has no Idempotency-Key, which would tell it from
	// an earlier one, and that the caller did not confirm that it is another: what
	// looks the same as something that is there is then refused.
	MayRepeat bool `json:"-"`
}

// Decide records the payment and applies it. Faults: "payment_exists",
// "amount_not_positive", "currency_mismatch", "unknown_method", "date_required",
// "received_in_future", "date_too_early", "date_before_birth", "amount_too_large", "ledger_out_of_range",
// "possible_duplicate_payment", those of package text, and those of
// chosen allocations: "allocation_repeated", "invoice_not_found",
// "invoice_is_draft", "invoice_void", "draft_discarded", "exceeds_balance",
// "exceeds_payment".
func (c RecordPayment) Decide(s State, f Intake, now time.Time) ([]Event, error) {
	_, exists := s.payments[c.Payment]
	payer, errPayer := payerName.Read(c.PayerName)
	reference, errReference := externalRef.Read(c.ExternalRef)
	c.ExternalRef = reference
	if err := cmp.Or(
		fault.When(exists, errPaymentExists),
		c.check(f, now),
		errPayer, errReference,
		withinLimit(s.received, c.Amount),
		c.duplicate(s),
	); err != nil {
		return nil, err
	}
	list, err := s.allocate(c.Payment, c.Amount, c.Allocations)
	if err != nil {
		return nil, err
	}
	recorded := PaymentRecorded{
		Payment: c.Payment, Amount: c.Amount, Method: c.Method, ReceivedOn: c.ReceivedOn,
		PayerName: payer, ExternalRef: reference,
	}
	return append([]Event{recorded}, s.applications(c.Payment, c.ReceivedOn, list)...), nil
}

func (c RecordPayment) check(f Intake, now time.Time) error {
	_, unknown := ParseMethod(string(c.Method))
	return cmp.Or(checkPositive(c.Amount, f.Currency), c.Amount.Check(), unknown, f.Days.received(c.ReceivedOn, now))
}

// ApplyPayment settles invoices from the credit that is left of a payment.
type ApplyPayment struct {
	Payment id.Payment `json:"payment"`
	Date    civil.Date `json:"date"`
	// Allocations are an explicit choice of invoices; nil means the default order (BIL-A19).
	Allocations []Allocation `json:"allocations"`
}

// Decide applies the credit. Faults: "payment_not_found", "date_required",
// "date_in_future", "date_too_early", "date_before_birth", "nothing_to_apply", and those of chosen allocations as in
// RecordPayment.
func (c ApplyPayment) Decide(s State, d Days, now time.Time) ([]Event, error) {
	p, ok := s.payments[c.Payment]
	if !ok {
		return nil, fault.New(fault.NotFound, "payment_not_found", "There is no such payment in this ledger.")
	}
	if err := d.happened(c.Date, now); err != nil {
		return nil, err
	}
	list, err := s.allocate(c.Payment, p.Unapplied(), c.Allocations)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Rejected, "nothing_to_apply", "Payment %s has %s left to apply, and nothing was or could be chosen for it to settle.", p.ID, p.Unapplied())
	}
	return s.applications(p.ID, later(c.Date, p.ReceivedOn), list), nil
}

// allocate returns the chosen allocations, checked, or those by default.
func (s State) allocate(p id.Payment, left money.Money, chosen []Allocation) ([]Allocation, error) {
	if chosen == nil {
		return s.byDefault(left), nil
	}
	return chosen, s.checkChosen(p, left, chosen)
}
