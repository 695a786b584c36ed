package invoice

import "praxis/domain/money"

// Totals are the sums of a ledger. Owed, waiting and credit are three numbers
// and never netted away, because a net cannot be explained (BIL-15).
type Totals struct {
	// Charged is the sum of the charges that were not voided.
	Charged money.Money
	// Received is the sum of the payments.
	Received money.Money
	// Outstanding is what is owed on issued invoices.
	Outstanding money.Money
	// Uninvoiced is the sum of charges that are on no issued invoice; drafts count here.
	Uninvoiced money.Money
	// Unapplied is what of payments settles nothing: credit.
	Unapplied money.Money
}

// Balance returns what the patient owes the clinician in all: charged less
// received, which is outstanding + uninvoiced − unapplied. Credit is negative.
func (t Totals) Balance() money.Money { return less(t.Charged, t.Received) }

// Totals returns the sums of the ledger. Each is added up from the things
// themselves, not derived from another. Fault: "ledger_out_of_range".
func (s State) Totals() (Totals, error) {
	var outstanding, uninvoiced, unapplied money.Sum
	for _, i := range s.invoices {
		outstanding = outstanding.Plus(i.Balance().Minor)
	}
	for _, c := range s.charges {
		if !c.Void && s.invoices[c.Invoice].Stage != Open {
			uninvoiced = uninvoiced.Plus(c.Amount.Minor)
		}
	}
	for _, p := range s.payments {
		unapplied = unapplied.Plus(p.Unapplied().Minor)
	}
	var t Totals
	for _, total := range []struct {
		of  *money.Money
		sum money.Sum
	}{{&t.Charged, s.charged}, {&t.Received, s.received}, {&t.Outstanding, outstanding}, {&t.Uninvoiced, uninvoiced}, {&t.Unapplied, unapplied}} {
		if !total.sum.InRange() {
			return Totals{}, ErrOutOfRange
		}
		minor, _ := total.sum.Minor()
		*total.of = money.Of(minor, s.currency)
	}
	return t, nil
}
