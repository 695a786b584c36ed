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
)

// DraftInvoice puts charges of this patient with this clinician on a new
// invoice (BIL-19).
type DraftInvoice struct {
	Invoice id.Invoice  `json:"invoice"`
	Date    civil.Date  `json:"date"`
	Terms   Terms       `json:"terms"`
	Charges []id.Charge `json:"charges"`
}

// Decide drafts. Faults: "invoice_exists", "date_required", "date_in_future",
// "malformed_terms", "due_before_invoice_date", "due_date_out_of_range",
// "no_charges", "charge_not_in_ledger" (BIL-19), "charge_repeated", "charge_void",
// "charge_already_invoiced", "date_before_charge".
func (c DraftInvoice) Decide(s State, d Days, now time.Time) ([]Event, error) {
	if _, exists := s.invoices[c.Invoice]; exists {
		return nil, fault.New(fault.Rejected, "invoice_exists", "This invoice was already drafted.")
	}
	if err := cmp.Or(d.happened(c.Date, now), c.Terms.check()); err != nil {
		return nil, err
	}
	due := c.Terms.DueDate(c.Date)
	if !due.IsZero() && due.Before(c.Date) {
		return nil, fault.New(fault.Rejected, "due_before_invoice_date", "Due date is before the invoice date.").
			With("dueDate", due.String()).With("date", c.Date.String())
	}
	if due.Year > 9999 {
		// A later year could be written into an event, but never be read again.
		return nil, fault.New(fault.Invalid, "due_date_out_of_range", "The terms lead to a due date after the year 9999. Check the invoice date.")
	}
	total, err := s.sumOf(c.Charges)
	if err != nil {
		return nil, err
	}
	for _, ref := range c.Charges {
		if given := s.charges[ref].ServiceDate; c.Date.Before(d.notBefore(given, now)) {
			return nil, fault.New(fault.Rejected, "date_before_charge", "The invoice is dated %s, before a service on it, which was given on %s. Date it on that day or later.", c.Date, given).With("charge", ref.String())
		}
	}
	return []Event{Drafted{
		Invoice: c.Invoice, Date: c.Date, Terms: c.Terms, DueDate: due,
		Charges: slices.Clone(c.Charges), Total: total,
	}}, nil
}

// sumOf adds up charges that may go on a new invoice.
func (s State) sumOf(charges []id.Charge) (money.Money, error) {
	if len(charges) == 0 {
		return money.Money{}, fault.New(fault.Invalid, "no_charges", "An invoice needs at least one charge.")
	}
	var total money.Money
	seen := make(map[id.Charge]bool, len(charges))
	for _, c := range charges {
		charge, ok := s.charges[c]
		if !ok {
			return money.Money{}, fault.New(fault.Rejected, "charge_not_in_ledger", "Charge %s does not belong to this patient with this clinician. An invoice holds the charges of one clinician only.", c).With("charge", c.String())
		}
		if seen[c] {
			return money.Money{}, fault.New(fault.Invalid, "charge_repeated", "Charge %s is listed twice.", c).With("charge", c.String())
		}
		if err := s.free(charge); err != nil {
			return money.Money{}, err
		}
		seen[c] = true
		var err error
		if total, err = total.Plus(charge.Amount); err != nil {
			return money.Money{}, err
		}
	}
	return total, nil
}

// DiscardDraft gives up an invoice that was never issued (BIL-A15).
type DiscardDraft struct {
	Invoice id.Invoice `json:"invoice"`
}

// Decide discards. Faults: "invoice_not_found", "draft_discarded",
// "invoice_already_issued", "invoice_void".
func (c DiscardDraft) Decide(s State, _ time.Time) ([]Event, error) {
	i, err := s.draft(c.Invoice)
	return es.Decided[Event](err, false, DraftDiscarded{Invoice: i.ID, ReleasedCharges: i.Charges})
}

// IssueInvoice makes a draft owed, under a number that the clinician's series
// keeps for it (BIL-A22).
type IssueInvoice struct {
	Invoice id.Invoice `json:"invoice"`
}

// Decide issues. Faults: "invoice_not_found", "draft_discarded",
// "invoice_already_issued", "invoice_void", "number_required", "number_taken",
// "number_withdrawn".
func (c IssueInvoice) Decide(s State, n Numbered, _ time.Time) ([]Event, error) {
	i, err := s.draft(c.Invoice)
	if err != nil {
		return nil, err
	}
	if n.Number < 1 || n.Text == "" {
		return nil, fault.New(fault.Internal, "number_required", "An invoice is issued only under a number from its clinician's series.")
	}
	if n.Keeping <= i.withdrawn {
		return nil, ErrNumberWithdrawn
	}
	if _, taken := s.numbers[n.Number]; taken {
		return nil, fault.New(fault.Internal, "number_taken", "Number %s belongs to another invoice.", n.Text)
	}
	return []Event{Issued{
		Invoice: i.ID, Sequence: n.Number, Number: n.Text, Version: 1,
		Date: i.Date, Terms: i.Terms, DueDate: i.DueDate, Charges: i.Charges, Total: i.Total,
	}}, nil
}

// ErrNumberWithdrawn refuses an issue under a number that was given back meanwhile.
var ErrNumberWithdrawn = fault.New(fault.Conflict, "number_withdrawn", "The number that was kept for this invoice was given back meanwhile. Nothing was changed; issue it again.")

// WithdrawNumber makes sure that a draft is not issued under the number that is kept
// for it: what was refused must not happen later (BIL-A22).
type WithdrawNumber struct {
	Invoice id.Invoice `json:"invoice"`
}

// Decide withdraws the number from the draft. An invoice that is issued, discarded or
// not known, and one without a number, leads to no event.
func (c WithdrawNumber) Decide(s State, n Numbered, _ time.Time) ([]Event, error) {
	i := s.invoices[c.Invoice]
	isSo := i.Stage != Draft || n.Text == "" || n.Keeping <= i.withdrawn
	return es.Decided[Event](nil, isSo, NumberWithdrawn{Invoice: c.Invoice, Sequence: n.Number, Number: n.Text, Keeping: n.Keeping})
}

// VoidInvoice takes back an issued invoice: it keeps its number, its charges
// wait to be invoiced again (BIL-A15).
type VoidInvoice struct {
	Invoice id.Invoice `json:"invoice"`
	Reason  string     `json:"reason"`
	Date    civil.Date `json:"date"`
	// ReleasePayments turns money applied to the invoice into credit, in the same append (BIL-A16).
	ReleasePayments bool `json:"releasePayments"`
}

// Decide voids. Faults: "invoice_not_found", "invoice_is_draft",
// "draft_discarded", "invoice_void", "reason_required", "malformed_text",
// "date_required", "date_in_future", "date_too_early", "date_before_birth",
// "date_before_invoice", "payments_applied" (BIL-A16).
func (c VoidInvoice) Decide(s State, d Days, now time.Time) ([]Event, error) {
	i, err := s.issued(c.Invoice)
	reason, noReason := checkReason(c.Reason, "A reason is required to void an issued invoice.")
	if err := cmp.Or(err, noReason, d.happened(c.Date, now)); err != nil {
		return nil, err
	}
	switch {
	case c.Date.Before(d.notBefore(i.Date, now)):
		return nil, fault.New(fault.Rejected, "date_before_invoice", "Invoice %s is dated %s and cannot be void before that.", i.Number, i.Date)
	case !i.Applied.IsZero() && !c.ReleasePayments:
		return nil, fault.New(fault.Rejected, "payments_applied", "Invoice %s has %s applied. Repeat with releasePayments set to true: the money then becomes credit of the patient.", i.Number, i.Applied).
			With("invoice", i.ID.String()).With("applied", i.Applied.String())
	}
	var events []Event
	for _, p := range i.payers() {
		events = append(events, PaymentUnapplied{
			Payment: p, Invoice: i.ID, Number: i.Number, Amount: i.applications[p],
			EffectiveDate: later(c.Date, s.payments[p].ReceivedOn), Cause: InvoiceWasVoided,
		})
	}
	return append(events, Voided{
		Invoice: i.ID, Number: i.Number, EffectiveDate: c.Date, Total: i.Total,
		ReleasedCharges: i.Charges, ReleasedCredit: i.Applied, Reason: reason,
	}), nil
}

// draft returns an invoice that is still a draft.
func (s State) draft(ref id.Invoice) (Invoice, error) {
	i, ok := s.invoices[ref]
	switch {
	case !ok:
		return Invoice{}, errInvoiceNotFound
	case i.Stage == Open:
		return Invoice{}, fault.New(fault.Rejected, "invoice_already_issued", "Invoice %s was already issued. Void it to take it back.", i.Number)
	}
	return i, i.alive()
}

// issued returns an invoice that is owed or paid.
func (s State) issued(ref id.Invoice) (Invoice, error) {
	i, ok := s.invoices[ref]
	switch {
	case !ok:
		return Invoice{}, errInvoiceNotFound
	case i.Stage == Draft:
		return Invoice{}, fault.New(fault.Rejected, "invoice_is_draft", "This invoice is a draft. Issue it first, or discard it to take it back.")
	}
	return i, i.alive()
}

// alive refuses invoices in a final stage.
func (i Invoice) alive() error {
	switch i.Stage {
	case Void:
		return fault.New(fault.Rejected, "invoice_void", "Invoice %s is void.", i.Number).With("invoice", i.ID.String())
	case Discarded:
		return fault.New(fault.Rejected, "draft_discarded", "This draft was discarded. Draft a new invoice.")
	case Draft, Open:
	}
	return nil
}

// name returns how messages call the invoice.
func (i Invoice) name() string {
	if i.Number == "" {
		return "a draft"
	}
	return "invoice " + i.Number
}

var errInvoiceNotFound = fault.New(fault.NotFound, "invoice_not_found", "There is no such invoice in this ledger.")
