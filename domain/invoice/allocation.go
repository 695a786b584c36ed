package invoice

import (
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
)

// Allocation says how much of a payment settles which invoice.
type Allocation struct {
	Invoice id.Invoice  `json:"invoice"`
	Amount  money.Money `json:"amount"`
}

// maxApplications bounds what one payment settles at once, so that the payment
// and its applications fit in one append. What is beyond stays credit.
const maxApplications = es.MaxAppendSize - 1

// byDefault spreads what is left of a payment over the invoices owed, in the
// order of Payable (BIL-A19). Money beyond them is not allocated (BIL-A18).
func (s State) byDefault(left money.Money) []Allocation {
	var list []Allocation
	for _, i := range s.Payable() {
		if left.IsZero() || len(list) == maxApplications {
			break
		}
		amount := i.Balance()
		if left.Minor < amount.Minor {
			amount = left
		}
		list = append(list, Allocation{Invoice: i.ID, Amount: amount})
		left = less(left, amount)
	}
	return list
}

// checkChosen says whether a payment with this much left may settle invoices as
// chosen. Faults: "allocation_repeated", "amount_not_positive",
// "currency_mismatch", "invoice_not_found", "invoice_is_draft", "invoice_void",
// "draft_discarded", "exceeds_balance", "exceeds_payment".
func (s State) checkChosen(p id.Payment, left money.Money, chosen []Allocation) error {
	requested := money.Of(0, left.Currency)
	seen := make(map[id.Invoice]bool, len(chosen))
	for _, a := range chosen {
		i, err := s.issued(a.Invoice)
		if err != nil {
			return err
		}
		if seen[a.Invoice] {
			return fault.New(fault.Invalid, "allocation_repeated", "Invoice %s is listed twice.", i.Number)
		}
		seen[a.Invoice] = true
		if err := checkPositive(a.Amount, left.Currency); err != nil {
			return err
		}
		if owed := i.Balance(); a.Amount.Minor > owed.Minor {
			return fault.New(fault.Rejected, "exceeds_balance", "Invoice %s owes %s; %s was requested.", i.Number, owed, a.Amount).
				With("invoice", i.ID.String()).With("owed", owed.String()).With("requested", a.Amount.String())
		}
		if requested, err = requested.Plus(a.Amount); err != nil {
			return err
		}
	}
	if requested.Minor > left.Minor {
		return fault.New(fault.Rejected, "exceeds_payment", "Payment %s has %s left to apply; %s was requested.", p, left, requested).
			With("payment", p.String()).With("left", left.String()).With("requested", requested.String())
	}
	return nil
}

// applications returns the events that settle invoices from a payment. Each
// takes effect on the given day, but never before the invoice it settles is dated.
func (s State) applications(p id.Payment, on civil.Date, list []Allocation) []Event {
	events := make([]Event, 0, len(list))
	for _, a := range list {
		i := s.invoices[a.Invoice]
		events = append(events, PaymentApplied{
			Payment: p, Invoice: i.ID, Number: i.Number, Amount: a.Amount,
			EffectiveDate: later(on, i.Date),
		})
	}
	return events
}

func later(a, b civil.Date) civil.Date {
	if a.Before(b) {
		return b
	}
	return a
}

func checkPositive(m money.Money, c money.Currency) error {
	if m.Minor <= 0 {
		return fault.New(fault.Invalid, "amount_not_positive", "An amount of money to record or apply must be more than zero.")
	}
	return sameCurrency(m, c)
}
