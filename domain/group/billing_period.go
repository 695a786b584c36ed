package group

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// Invoice is what a period costs.
type Invoice struct {
	Period pricing.Period
	Lines  []pricing.Line
	Total  money.Money
}

// NextInvoice returns what the next period will cost as things are: releases and
// plan changes that are scheduled, prices that are published and proofs that will
// still hold are in it. It is the very calculation that the period is charged by
// (RollBillingPeriod, ExpireTrial). Rejection: "no_subscription".
func (s State) NextInvoice(book pricing.Book) (Invoice, error) {
	if !s.Subscribed() {
		return Invoice{}, errNoSubscription
	}
	period, _, err := s.nextPeriod()
	if err != nil {
		return Invoice{}, err
	}
	if s.subscription.ending {
		return Invoice{Period: period, Total: money.Of(0, s.currency)}, nil
	}
	r, err := s.renewal(book, period)
	if err != nil {
		return Invoice{}, err
	}
	total, err := money.Of(0, s.currency).Plus(r.total)
	return Invoice{Period: period, Lines: r.lines, Total: total}, err
}

// renewal is what the start of a period does to the licences.
type renewal struct {
	released                    []id.Licence
	downgraded, trainee, priced []TermsChange
	lines                       []pricing.Line
	total                       money.Money
}

// renewal looks at every licence on the first day of a period. Licences whose
// purchase is unpaid are left out: they are charged when they become active.
func (s State) renewal(book pricing.Book, period pricing.Period) (renewal, error) {
	var r renewal
	for _, l := range s.subscription.licences {
		switch {
		case l.Releasing:
			r.released = append(r.released, l.ID)
			continue
		case l.Pending:
			continue
		}
		terms, err := s.renewedTerms(l, book, period.Start)
		if err != nil {
			return renewal{}, err
		}
		change := TermsChange{Licence: l.ID, From: l.Terms, To: terms}
		switch {
		case l.Plan != terms.Plan:
			r.downgraded = append(r.downgraded, change)
		case !l.Discount.Same(terms.Discount):
			r.trainee = append(r.trainee, change)
		case l.Price != terms.Price || l.TaxBasisPoints != terms.TaxBasisPoints:
			r.priced = append(r.priced, change)
		}
		line, err := pricing.NewLine(l.ID, pricing.LineRenewal, terms, period.Start, period)
		if err != nil {
			return renewal{}, err
		}
		r.lines = append(r.lines, line)
	}
	var err error
	r.total, err = pricing.Total(r.lines)
	return r, err
}

// renewedTerms are those of a licence in a period that starts on the given day:
// the plan chosen for it, the price of that day, and the discount of the person
// who holds it or for whom it is reserved. Proofs are looked at once per period,
// on its first day (BIL-A9, BIL-A10).
func (s State) renewedTerms(l Licence, book pricing.Book, on civil.Date) (pricing.Terms, error) {
	plan := l.Plan
	if l.Next != "" {
		plan = l.Next
	}
	terms, err := s.listPrice(book, plan, on)
	if err != nil {
		return pricing.Terms{}, err
	}
	terms.Discount = s.discountOf(l, plan, on)
	return terms, nil
}

// ExpireTrial ends the trial once its end is reached; the first paid period
// starts on that day, for everybody at once (L-10, BIL-A9). The clock gives it;
// early or repeated it changes nothing.
type ExpireTrial struct {
	Book pricing.Book `json:"-"`
}

// Decide ends the trial and charges the first period.
func (c ExpireTrial) Decide(s State, now time.Time) ([]Event, error) {
	if !s.subscription.inTrial() || now.Before(s.subscription.trial.EndsAt) {
		return nil, nil
	}
	over, err := s.today(s.subscription.trial.EndsAt)
	if err != nil {
		return nil, err
	}
	events, err := s.startPeriod(c.Book, now)
	if err != nil {
		return nil, err
	}
	return append([]Event{TrialExpired{On: over}}, events...), nil
}

// RollBillingPeriod starts the next period once the present one is over, and
// charges it: each period once. Scheduled releases and downgrades take effect,
// proofs of training are looked at anew. The clock gives it; early or repeated it
// changes nothing, and after a long silence it is given once per period missed.
type RollBillingPeriod struct {
	Book pricing.Book `json:"-"`
}

// Decide starts one period.
func (c RollBillingPeriod) Decide(s State, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil || !s.Subscribed() || s.subscription.inTrial() || !s.periodDue(now, today) {
		return nil, err
	}
	return s.startPeriod(c.Book, now)
}

// startPeriod starts the next period, whose first day may lie in the past; a
// subscription that was cancelled ends on that day instead.
func (s State) startPeriod(book pricing.Book, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	period, anchor, err := s.nextPeriod()
	if err != nil {
		return nil, err
	}
	if s.subscription.ending {
		return s.ended(period.Start, today), nil
	}
	r, err := s.renewal(book, period)
	if err != nil {
		return nil, err
	}
	events := []Event{BillingPeriodStarted{Period: period, Anchor: anchor}}
	if len(r.released) > 0 {
		events = append(events, LicencesReleased{Licences: r.released, On: period.Start})
	}
	for chunk := range slices.Chunk(r.downgraded, changesPerEvent) {
		events = append(events, LicencePlanChanged{Changes: chunk, Reason: PlanDowngraded, On: period.Start})
	}
	for chunk := range slices.Chunk(r.trainee, changesPerEvent) {
		events = append(events, LicencesRepriced{Changes: chunk, Effective: period.Start, Reason: RepricedByTraineeStatus})
	}
	for chunk := range slices.Chunk(r.priced, changesPerEvent) {
		events = append(events, LicencesRepriced{Changes: chunk, Effective: period.Start, Reason: RepricedByBook})
	}
	charged, err := s.chargePeriod(today, period, r.lines)
	if err != nil {
		return nil, err
	}
	return append(events, charged...), nil
}
