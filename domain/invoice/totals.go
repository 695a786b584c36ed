package invoice

import "praxis/domain/money"

// Totals are the sums of a ledger. Owed, waiting and credit are three numbers
// and never netted away, because nobody can explain a net (BIL-15).
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
// themselves, not derived from another.
func (s State) Totals() Totals {
	currency := plus(s.charged, s.received).Currency
	zero := money.Of(0, currency)
	t := Totals{Charged: plus(zero, s.charged), Received: plus(zero, s.received), Outstanding: zero, Uninvoiced: zero, Unapplied: zero}
	for _, i := range s.invoices {
		t.Outstanding = plus(t.Outstanding, i.Balance())
	}
	for _, c := range s.charges {
		if !c.Void && s.invoices[c.Invoice].Stage != Open {
			t.Uninvoiced = plus(t.Uninvoiced, c.Amount)
		}
	}
	for _, p := range s.payments {
		t.Unapplied = plus(t.Unapplied, p.Unapplied())
	}
	return t
}
