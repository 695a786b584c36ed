package group

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// TrialExpired ends the trial; the first paid period starts on the same day (BIL-A9).
type TrialExpired struct {
	On civil.Date `json:"on"`
}

// BillingPeriodStarted begins a period. Anchor is the day of the month that all
// periods begin on, 1 to 31 (BIL-A5).
type BillingPeriodStarted struct {
	Period pricing.Period `json:"period"`
	Anchor pricing.Anchor `json:"anchor"`
}

// LicencesRepriced says which licences cost something else from a period on.
type LicencesRepriced struct {
	Changes   []TermsChange `json:"changes"`
	Effective civil.Date    `json:"effective"`
	Reason    Repricing     `json:"reason"`
}

// Repricing is why a licence costs something else.
type Repricing string

// The reasons.
const (
	// RepricedByTraineeStatus is a proof that came, went, or left with its holder.
	RepricedByTraineeStatus Repricing = "trainee_status"
	// RepricedByBook is a new version of the price book.
	RepricedByBook Repricing = "price_book"
)

func (TrialExpired) isEvent()         {}
func (BillingPeriodStarted) isEvent() {}
func (LicencesRepriced) isEvent()     {}

// Period returns the present billing period; zero before the first and in trial.
func (s State) Period() pricing.Period { return s.subscription.period }

// today returns the local day in the billing zone.
func (s State) today(now time.Time) (civil.Date, error) {
	if !s.Exists() {
		return civil.Date{}, errNoGroup
	}
	zone, err := s.zone.Load()
	if err != nil {
		return civil.Date{}, err
	}
	return civil.In(now, zone), nil
}

var errPeriodDue = fault.New(fault.Conflict, "period_due", "A new billing period is just beginning. Repeat the request in a moment.")

// billable returns the local day if the subscription runs and its present period
// is open; a period that is due must be rolled first, else it would be unknown
// what a day costs. Rejections: "no_subscription", "period_due".
func (s State) billable(now time.Time) (civil.Date, error) {
	today, err := s.today(now)
	switch {
	case err != nil:
		return civil.Date{}, err
	case !s.Subscribed():
		return civil.Date{}, errNoSubscription
	case s.periodDue(now, today):
		return civil.Date{}, errPeriodDue
	}
	return today, nil
}

// periodDue reports whether the trial or the present period is over.
func (s State) periodDue(now time.Time, today civil.Date) bool {
	if s.subscription.inTrial() {
		return !now.Before(s.subscription.trial.EndsAt)
	}
	return !today.Before(s.subscription.period.End)
}

// nextPeriod returns the period that follows the present one, or the trial: the
// first paid period starts on the day on which the trial ends (BIL-A9).
func (s State) nextPeriod() (pricing.Period, pricing.Anchor, error) {
	if !s.subscription.inTrial() {
		return s.subscription.anchor.PeriodAt(s.subscription.period.End), s.subscription.anchor, nil
	}
	start, err := s.today(s.subscription.trial.EndsAt)
	anchor := pricing.AnchorOf(start)
	return anchor.PeriodAt(start), anchor, err
}

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
	total, err := s.sumOf(r.bill)
	return Invoice{Period: period, Lines: r.bill.Lines, Total: total}, err
}

// renewal is what the start of a period does to the licences.
type renewal struct {
	released                    []id.Licence
	downgraded, trainee, priced []TermsChange
	bill                        pricing.Bill
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
		r.bill.Add(l.ID, pricing.LineRenewal, terms, period.Start, period)
	}
	_, err := r.bill.Total()
	return r, err
}

// renewedTerms are those of a licence in a period that starts on the given day:
// the plan chosen for it, the price of that day, and the discount of the person
// who holds it or for whom it is reserved. Proofs are looked at once per period,
// on its first day (BIL-A9, BIL-A10).
func (s State) renewedTerms(l Licence, book pricing.Book, on civil.Date) (pricing.Terms, error) {
	plan := cmp.Or(l.Next, l.Plan)
	terms, err := s.listPrice(book, plan, on)
	terms.Discount = s.discountOf(l, plan, on)
	return terms, err
}

// ExpireTrial ends the trial once its end is reached; the first paid period
// starts on that day, for everybody at once (L-10, BIL-A9). The clock gives it;
// early or repeated it changes nothing.
type ExpireTrial struct{}

// Decide ends the trial and charges the first period.
func (c ExpireTrial) Decide(s State, book pricing.Book, now time.Time) ([]Event, error) {
	if !s.subscription.inTrial() || now.Before(s.subscription.trial.EndsAt) {
		return nil, nil
	}
	over, err := s.today(s.subscription.trial.EndsAt)
	if err != nil {
		return nil, err
	}
	events, err := s.startPeriod(book, now)
	if err != nil {
		return nil, err
	}
	return append([]Event{TrialExpired{On: over}}, events...), nil
}

// RollBillingPeriod starts the next period once the present one is over, and
// charges it: each period once. Scheduled releases and downgrades take effect,
// proofs of training are looked at anew. The clock gives it; early or repeated it
// changes nothing, and after a long silence it is given once per period missed.
type RollBillingPeriod struct{}

// Decide starts one period.
func (c RollBillingPeriod) Decide(s State, book pricing.Book, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil || !s.Subscribed() || s.subscription.inTrial() || !s.periodDue(now, today) {
		return nil, err
	}
	return s.startPeriod(book, now)
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
	charged, err := s.chargePeriod(today, period, r.bill.Lines)
	return append(events, charged...), err
}
