package invoice

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/text"
)

// RecordCharge records a service to be paid for.
type RecordCharge struct {
	Charge      id.Charge   `json:"charge"`
	ServiceDate civil.Date  `json:"serviceDate"`
	Code        string      `json:"code"`
	Modifiers   []string    `json:"modifiers"`
	ICD10       []string    `json:"icd10"`
	Description string      `json:"description"`
	Units       int64       `json:"units"`
	UnitPrice   money.Money `json:"unitPrice"`

	// MayRepeat says that the request has no Idempotency-Key, which would tell it from
	// an earlier one, and that the caller did not confirm that it is another: what
	// looks the same as something that is there is then refused.
	MayRepeat bool `json:"-"`
}

// The limits of a charge.
const (
	maxUnits     = 1000
	maxModifiers = 4
	maxDiagnoses = 12
)

var errChargeExists = fault.New(fault.Rejected, "charge_exists", "This charge was already recorded.")

var description = text.Line("description", 500)

// Decide records the charge over units × unit price. Faults: "charge_exists",
// "date_required", "date_in_future", "date_too_early", "service_before_birth", "malformed_code", "malformed_modifier", "malformed_diagnosis",
// "units_out_of_range", "negative_price", "currency_mismatch",
// "amount_too_large", "ledger_out_of_range", "possible_duplicate_charge", and those of package text for the description.
func (c RecordCharge) Decide(s State, f Intake, now time.Time) ([]Event, error) {
	_, exists := s.charges[c.Charge]
	about, errAbout := description.Read(c.Description)
	amount, err := c.UnitPrice.Times(c.Units)
	err = cmp.Or(
		fault.When(exists, errChargeExists),
		f.Days.given(c.ServiceDate, now),
		c.check(f.Currency),
		errAbout,
		err,
		amount.Check(),
		withinLimit(s.charged, amount),
		c.duplicate(s),
	)
	return es.Decided[Event](err, false, ChargeRecorded{
		Charge: c.Charge, ServiceDate: c.ServiceDate,
		Code: c.Code, Modifiers: slices.Clone(c.Modifiers), ICD10: slices.Clone(c.ICD10), Description: about,
		Units: c.Units, UnitPrice: c.UnitPrice, Amount: amount,
	})
}

func (c RecordCharge) check(currency money.Currency) error {
	isCode := func(n int) func(string) bool { return func(s string) bool { return codeLike(s, n) } }
	switch {
	case !codeLike(c.Code, 10):
		return fault.New(fault.Invalid, "malformed_code", "A service code must be 2 to 10 capital letters and digits, such as the CPT code 90837.")
	case len(c.Modifiers) > maxModifiers || !all(c.Modifiers, isCode(2)):
		return fault.New(fault.Invalid, "malformed_modifier", "Give at most %d modifiers of 2 capital letters or digits, such as 95.", maxModifiers)
	case len(c.ICD10) > maxDiagnoses || !all(c.ICD10, diagnosisLike):
		return fault.New(fault.Invalid, "malformed_diagnosis", "Give at most %d ICD-10 codes, written like F41.1.", maxDiagnoses)
	case c.Units < 1 || c.Units > maxUnits:
		return fault.New(fault.Invalid, "units_out_of_range", "A charge has 1 to %d units.", maxUnits)
	case c.UnitPrice.Minor < 0:
		return fault.New(fault.Invalid, "negative_price", "A price cannot be negative. Correct a wrong charge by voiding it.")
	}
	return sameCurrency(c.UnitPrice, currency)
}

// VoidCharge takes back a charge that should not have been recorded.
type VoidCharge struct {
	Charge id.Charge  `json:"charge"`
	Reason string     `json:"reason"`
	Date   civil.Date `json:"date"`
}

// Decide voids the charge. Faults: "charge_not_found", "charge_void",
// "charge_already_invoiced", "reason_required", "date_required", "date_in_future",
// "date_too_early", "date_before_birth", "date_before_charge", and those of package text.
func (c VoidCharge) Decide(s State, d Days, now time.Time) ([]Event, error) {
	charge, ok := s.charges[c.Charge]
	if !ok {
		return nil, fault.New(fault.NotFound, "charge_not_found", "There is no such charge in this ledger.")
	}
	reason, err := checkReason(c.Reason, "A reason is required to void a charge.")
	if err := cmp.Or(s.free(charge), err, d.happened(c.Date, now)); err != nil {
		return nil, err
	}
	if c.Date.Before(d.notBefore(charge.ServiceDate, now)) {
		return nil, fault.New(fault.Rejected, "date_before_charge", "The charge is dated %s and cannot be void before that.", charge.ServiceDate)
	}
	return []Event{ChargeVoided{Charge: c.Charge, Amount: charge.Amount, EffectiveDate: c.Date, Reason: reason}}, nil
}

// free says whether a charge is live and on no live invoice. Faults:
// "charge_void", "charge_already_invoiced".
func (s State) free(c Charge) error {
	switch {
	case c.Void:
		return fault.New(fault.Rejected, "charge_void", "Charge %s is void.", c.ID).With("charge", c.ID.String())
	case !c.Invoice.IsZero():
		return fault.New(fault.Rejected, "charge_already_invoiced", "Charge %s is already on %s.", c.ID, s.invoices[c.Invoice].name()).
			With("charge", c.ID.String()).With("invoice", c.Invoice.String())
	}
	return nil
}
