package group

import (
	"slices"

	"praxis/domain/money"
	"praxis/domain/pricing"
)

// Cost is what a change costs a practice, told before it is made.
type Cost struct {
	// Lines are charged at once, credits among them; there are none during the trial.
	Lines []pricing.Line
	// Today is what the charges grow by, less what is refunded for unused days.
	Today money.Money
	// Next is the period after the present one, or after the trial, Before what it
	// would have cost and After what it will, with the licences whose purchase is
	// still to be paid.
	Next          pricing.Period
	Before, After money.Money
}

// CostOf compares the charges and the next invoice of a practice before and after
// a change, at the prices of a book; ok is false for a practice that has no
// subscription afterwards, which nothing costs anything. Fault: "unknown_plan" for
// a licence whose plan has no price in the next period.
func CostOf(before, after State, book pricing.Book) (c Cost, ok bool, err error) {
	if !after.Subscribed() {
		return Cost{}, false, nil
	}
	c = Cost{Today: money.Of(0, after.currency), Before: money.Of(0, after.currency)}
	for _, now := range after.subscription.charges {
		was, _ := before.Charge(now.ID)
		grown, err := now.Total.Minus(was.Total)
		if err != nil {
			return Cost{}, false, err
		}
		if c.Today, err = c.Today.Plus(grown); err != nil {
			return Cost{}, false, err
		}
		if len(now.Lines) > len(was.Lines) {
			c.Lines = append(c.Lines, now.Lines[len(was.Lines):]...)
		}
	}
	for _, r := range after.subscription.refunds {
		if _, known := before.Refund(r.ID); known || r.Reason != Unused {
			continue
		}
		if c.Today, err = c.Today.Minus(r.Amount); err != nil {
			return Cost{}, false, err
		}
	}
	if before.Subscribed() {
		without, err := before.allPaid().NextInvoice(book)
		if err != nil {
			return Cost{}, false, err
		}
		c.Before = without.Total
	}
	with, err := after.allPaid().NextInvoice(book)
	c.Next, c.After = with.Period, with.Total
	return c, err == nil, err
}

// allPaid returns the state as it is once every purchase is paid.
func (s State) allPaid() State {
	s.subscription.licences = slices.Clone(s.subscription.licences)
	for i := range s.subscription.licences {
		s.subscription.licences[i].Pending = false
	}
	return s
}
