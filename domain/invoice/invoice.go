package invoice

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
)

// Stage is where an invoice is between being drafted and being void.
type Stage string

// The stages of an invoice. Discarded and Void are final.
const (
	Draft     Stage = "draft"
	Discarded Stage = "discarded"
	// Open is an issued invoice, settled or not.
	Open Stage = "open"
	Void Stage = "void"
)

// Settlement is how much of an issued invoice is settled, one of the two axes
// of its status (BIL-A12).
type Settlement string

// The settlements.
const (
	Unpaid  Settlement = "unpaid"
	Partial Settlement = "partial"
	Paid    Settlement = "paid"
)

// Status is the one word shown for an invoice (BIL-24, BIL-A12). Filters work
// on the axes, settlement and overdue, so that an overdue invoice paid in part
// is found under both.
type Status string

// The statuses in the order in which they win; drafts and discarded drafts show
// their stage.
const (
	ShowVoid      Status = "void"
	ShowPaid      Status = "paid"
	ShowOverdue   Status = "overdue"
	ShowPartial   Status = "partial"
	ShowUnpaid    Status = "unpaid"
	ShowDraft     Status = "draft"
	ShowDiscarded Status = "discarded"
)

// Invoice is an invoice or draft at one revision.
type Invoice struct {
	ID    id.Invoice
	Stage Stage
	// Sequence and Number are unset before issue and kept ever after.
	Sequence Number
	Number   string
	Date     civil.Date
	Terms    Terms
	// DueDate is unset for terms without one.
	DueDate civil.Date
	Charges []id.Charge
	Total   money.Money
	// Applied is what of payments settles the invoice.
	Applied money.Money

	applications map[id.Payment]money.Money
	// withdrawn is the last keeping of a number under which it is not issued.
	withdrawn int
}

// Fence is what the ledger says to the series of the invoice's number.
func (i Invoice) Fence() Fence { return Fence{Discarded: i.Stage == Discarded, Withdrawn: i.withdrawn} }

// Balance returns what is owed on the invoice: total less applied while it is
// issued, nothing before issue or once void.
func (i Invoice) Balance() money.Money {
	if i.Stage != Open {
		return money.Of(0, i.Total.Currency)
	}
	return less(i.Total, i.Applied)
}

// Settlement returns how much of the invoice is settled. An invoice over
// nothing is paid at issue.
func (i Invoice) Settlement() Settlement {
	switch {
	case i.Stage == Open && i.Balance().IsZero():
		return Paid
	case !i.Applied.IsZero():
		return Partial
	}
	return Unpaid
}

// Overdue reports whether money is owed after the due day has ended in the
// practice's time zone (BIL-A13). It is computed when asked, never stored.
func Overdue(i Invoice, now time.Time, zone *time.Location) bool {
	return i.Balance().Minor > 0 && !i.DueDate.IsZero() && civil.In(now, zone).After(i.DueDate)
}

// StatusOf returns the one word shown for an invoice: void before paid before
// overdue before partial before unpaid (BIL-A12).
func StatusOf(i Invoice, now time.Time, zone *time.Location) Status {
	switch i.Stage {
	case Draft:
		return ShowDraft
	case Discarded:
		return ShowDiscarded
	case Void:
		return ShowVoid
	case Open:
	}
	switch {
	case i.Settlement() == Paid:
		return ShowPaid
	case Overdue(i, now, zone):
		return ShowOverdue
	}
	return Status(i.Settlement())
}

// Payable returns the issued invoices on which money is owed, in the order in
// which a payment settles them: oldest due date, then invoice date, then number
// (BIL-A19). Invoices that are never due come last.
func (s State) Payable() []Invoice {
	var open []Invoice
	for _, i := range s.invoices {
		if i.Balance().Minor > 0 {
			open = append(open, i)
		}
	}
	slices.SortFunc(open, func(a, b Invoice) int {
		return cmp.Or(
			compareDue(a.DueDate, b.DueDate),
			b.Date.DaysUntil(a.Date),
			cmp.Compare(a.Sequence, b.Sequence),
		)
	})
	return open
}

func compareDue(a, b civil.Date) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return b.DaysUntil(a)
}
