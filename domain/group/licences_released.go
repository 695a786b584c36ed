package group

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// ScheduleLicenceRelease gives a licence up at the end of the billing period, or
// of the trial. It is not refunded (BIL-A7, AMB-8). Nobody may hold the licence
// when it ends, so it must be free. Rejections: "licence_not_found",
// "licence_in_use", "licence_reserved", "licence_pending_payment".
type ScheduleLicenceRelease struct {
	Licence id.Licence `json:"licence"`
}

// Decide schedules the release.
func (c ScheduleLicenceRelease) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil {
		return nil, err
	}
	l, err := s.releasable(c.Licence, now)
	if err != nil || l.Releasing {
		return nil, err
	}
	next, _, err := s.nextPeriod()
	if err != nil {
		return nil, err
	}
	events := s.unreserved(l.Invitation)
	return append(events, LicenceReleaseScheduled{Licence: l.ID, Effective: next.Start}), nil
}

// releasable returns a licence that is paid and free.
func (s State) releasable(licence id.Licence, now time.Time) (Licence, error) {
	l, ok := s.Licence(licence)
	switch {
	case !ok:
		return l, errNoLicence
	case l.Pending:
		return l, errLicencePending
	case !l.Holder.IsZero():
		return l, fault.New(fault.Rejected, "licence_in_use", "A member holds this licence. Unassign it first.").With("member", l.Holder.String())
	case s.reserved(l, now):
		return l, errLicenceReserved
	}
	return l, nil
}

// CancelRelease keeps a licence that was to be released; until the period ends
// that costs nothing (BIL-A7). Rejection: "licence_not_found".
type CancelRelease struct {
	Licence id.Licence `json:"licence"`
}

// Decide cancels the release.
func (c CancelRelease) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil {
		return nil, err
	}
	l, ok := s.Licence(c.Licence)
	switch {
	case !ok:
		return nil, errNoLicence
	case !l.Releasing:
		return nil, nil
	}
	return []Event{LicenceReleaseCancelled{Licence: l.ID}}, nil
}

// ReleaseLicenceNow gives a free licence up today and pays the days after today
// back, where the price book in force credits unused days (BIL-A7, AMB-8): what is
// not paid of them is taken off its charges, the rest is refunded. Rejections:
// "unused_not_credited", "charge_collecting" and those of ScheduleLicenceRelease.
type ReleaseLicenceNow struct {
	Licence id.Licence `json:"licence"`
}

// Decide releases the licence.
func (c ReleaseLicenceNow) Decide(s State, book pricing.Book, now time.Time) ([]Event, error) {
	today, err := s.billable(now)
	if err != nil {
		return nil, err
	}
	l, err := s.releasable(c.Licence, now)
	if err != nil {
		return nil, err
	}
	if !book.CreditsUnused(today) {
		return nil, errUnusedNotPaid
	}
	credits, err := s.unused(l, today)
	if err != nil {
		return nil, err
	}
	events := append(s.unreserved(l.Invitation), LicencesReleased{Licences: []id.Licence{l.ID}, On: today})
	return append(events, credits...), nil
}

// unused returns the events that give the days after today back.
func (s State) unused(l Licence, today civil.Date) ([]Event, error) {
	for _, part := range l.Charged {
		if s.subscription.charge(part.Charge).Awaiting {
			// What is asked for cannot be changed any more.
			return nil, errCollecting
		}
	}
	if l.PaidFor != s.subscription.period || len(l.Charged) == 0 {
		return nil, nil
	}
	line, err := pricing.NewLine(l.ID, pricing.LineUnusedCredit, l.Terms, today.Add(1), s.subscription.period)
	if err != nil {
		return nil, err
	}
	parts := slices.Clone(l.Charged)
	slices.Reverse(parts) // The latest charge gives first.
	line = capped(line, parts)
	credit, err := line.Gross()
	if err != nil || credit.Minor >= 0 {
		return nil, err
	}
	credit.Minor = -credit.Minor
	back, err := pricing.GiveBack(credit, s.shares(parts))
	if err != nil {
		return nil, err
	}
	var events []Event
	for i, part := range parts {
		c := s.subscription.charge(part.Charge)
		if back[i].Credit.Minor > 0 {
			total, err := c.Total.Minus(back[i].Credit)
			if err != nil {
				return nil, err
			}
			events = append(events, ChargeCredited{Charge: c.ID, Line: line, Credit: back[i].Credit, Total: total, On: today})
		}
		if back[i].Refund.Minor > 0 {
			events = append(events, RefundDue{
				Refund: s.refundID(c.ID, c.PaidBy, Unused, l.ID.String()), Charge: c.ID, Attempt: c.PaidBy,
				Amount: back[i].Refund, Reason: Unused, Line: &line, On: today,
			})
		}
	}
	return events, nil
}

// capped lowers a credit to what the licence was charged for in the period.
func capped(line pricing.Line, parts []Part) pricing.Line {
	var amount, tax money.Money
	for _, p := range parts {
		amount, tax = amount.UpTo(p.Amount), tax.UpTo(p.Tax)
	}
	line.Amount.Minor = max(line.Amount.Minor, amount.Negated().Minor)
	if line.Tax.Minor = max(line.Tax.Minor, tax.Negated().Minor); line.Tax.IsZero() {
		line.Tax = money.Money{}
	}
	return line
}

// shares says of each part how far its charge is paid: wholly or not at all.
func (s State) shares(parts []Part) []pricing.Share {
	shares := make([]pricing.Share, len(parts))
	for i, p := range parts {
		c := s.subscription.charge(p.Charge)
		shares[i] = pricing.Share{Line: p.Amount.UpTo(p.Tax), Charge: c.Total}
		if c.Status == ChargePaid {
			shares[i].Paid = c.Total
		}
	}
	return shares
}
