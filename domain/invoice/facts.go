package invoice

import (
	"praxis/domain/id"
	"praxis/domain/money"
)

// Intake is what must be known where something new enters a ledger.
type Intake struct {
	// Currency is the group's one currency (BIL-A25).
	Currency money.Currency
	Days     Days
}

// Numbered is the number that a clinician's series keeps for one invoice, or would
// give it next, and how people read it.
type Numbered struct {
	Number Number
	Text   string
	// Keeping tells one keeping of a number for an invoice from another: the how manieth
	// of the series it is.
	Keeping int
}

// Fence is what the ledger says of an invoice: that it can never be issued, or not
// under keepings up to Withdrawn.
type Fence struct {
	Discarded bool
	Withdrawn int
}

// Keeping is what a series must know to keep a number for an invoice.
type Keeping struct {
	// Chart says in which ledger of the clinician the invoice is.
	Chart id.Chart
	// Prefix is the clinician's, which the practice has settled.
	Prefix string
}
