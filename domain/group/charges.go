package group

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// Lines and changes are kept in events of bounded size, so that a practice may
// have any number of clinicians (G-1) and no event is ever too large to keep.
const (
	linesPerEvent   = 80
	changesPerEvent = 60
)

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

func (s State) nextCharge() id.SeatCharge {
	return id.Derive[id.SeatCharge]("charge", s.group.String(), strconv.Itoa(len(s.subscription.charges)+1))
}

// newLicence names the n-th licence, from 0, that the present purchase brings.
func (s State) newLicence(n int) id.Licence {
	return id.Derive[id.Licence]("licence", s.group.String(), strconv.Itoa(s.subscription.bought+n+1))
}

// chargeToday puts lines on the open charge of the day, or opens one: purchases
// of one local day are gathered until the day ends or the charge is being
// collected, so that a practice does not get a charge per click (BIL-A6).
func (s State) chargeToday(today civil.Date, lines []pricing.Line) (id.SeatCharge, []Event, error) {
	for _, c := range s.subscription.charges {
		if c.Kind == ChargePurchase && c.Status == ChargeOpen && c.On == today {
			events, err := addLines(c.ID, c.Total, lines)
			return c.ID, events, err
		}
	}
	return s.raise(lines, func(charge id.SeatCharge, head []pricing.Line, total money.Money) Event {
		return ProratedChargeRaised{Charge: charge, Period: s.subscription.period, Lines: head, Total: total, On: today}
	})
}

// chargePeriod charges lines as what is due for a period.
func (s State) chargePeriod(today civil.Date, period pricing.Period, lines []pricing.Line) ([]Event, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	_, events, err := s.raise(lines, func(charge id.SeatCharge, head []pricing.Line, total money.Money) Event {
		return SubscriptionCharged{Charge: charge, Period: period, Lines: head, Total: total, On: today}
	})
	return events, err
}

// raise returns the event that raises the next charge, with the first lines, and those
// that add the others.
func (s State) raise(lines []pricing.Line, raised func(id.SeatCharge, []pricing.Line, money.Money) Event) (id.SeatCharge, []Event, error) {
	charge, head := s.nextCharge(), lines[:min(len(lines), linesPerEvent)]
	total, err := pricing.Total(head)
	if err != nil {
		return charge, nil, err
	}
	more, err := addLines(charge, total, lines[len(head):])
	return charge, append([]Event{raised(charge, head, total)}, more...), err
}

func addLines(charge id.SeatCharge, total money.Money, lines []pricing.Line) ([]Event, error) {
	var events []Event
	for chunk := range slices.Chunk(lines, linesPerEvent) {
		sum, err := pricing.Total(chunk)
		if err != nil {
			return nil, err
		}
		if total, err = total.Plus(sum); err != nil {
			return nil, err
		}
		events = append(events, ChargeLinesAdded{Charge: charge, Lines: chunk, Total: total})
	}
	return events, nil
}

// listPrice returns what a plan costs on a day at full price. Rejections:
// "no_price_book" where nothing is published in the practice's currency,
// "unknown_plan", and "currency_mismatch" for a book of another currency (BIL-A25).
func (s State) listPrice(book pricing.Book, plan pricing.PlanID, on civil.Date) (pricing.Terms, error) {
	if !book.HoldsOn(on) {
		return pricing.Terms{}, fault.New(fault.Rejected, "no_price_book", "There are no prices in %s on %s. The operator of the installation publishes a price book in a currency before anything is sold in it.", s.currency, on).
			With("currency", string(s.currency))
	}
	terms, ok := book.Price(plan, on)
	if !ok {
		return pricing.Terms{}, errUnknownPlan
	}
	_, err := terms.Price.Plus(money.Of(0, s.currency))
	return terms, err
}

// person is whom a licence is for: a member, or somebody invited.
type person struct {
	member    id.Member
	emailHash string
}

func (s State) personOf(m id.Member) person {
	member, _ := s.Member(m)
	return person{member: m, emailHash: member.EmailHash}
}

// isFor reports whether the proof is about the person.
func (p Proof) isFor(who person) bool {
	return !p.Member.IsZero() && p.Member == who.member || p.EmailHash != "" && p.EmailHash == who.emailHash
}

// discountFor returns the discount that a verified proof gives a person on a plan
// on a day. A plan has one discount at most, so the first proof is as good as any.
func (s State) discountFor(who person, plan pricing.PlanID, on civil.Date) pricing.Discount {
	for _, p := range s.subscription.proofs {
		if d := p.Kind.DiscountOn(plan, p.ID); p.isFor(who) && p.holds(on) && !d.Full() {
			return d
		}
	}
	return pricing.FullPrice()
}

// discountOf returns what the person for whom a licence is kept would pay on a
// plan on a day: the full price if it is kept for no person.
func (s State) discountOf(l Licence, plan pricing.PlanID, on civil.Date) pricing.Discount {
	switch {
	case !l.Holder.IsZero():
		return s.discountFor(s.personOf(l.Holder), plan, on)
	case !l.Invitation.IsZero():
		return s.discountFor(person{emailHash: s.invitations[l.Invitation].EmailHash}, plan, on)
	}
	return pricing.FullPrice()
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

// sumOf is the total of a bill: nothing costs nothing of the practice's currency.
func (s State) sumOf(b pricing.Bill) (money.Money, error) {
	total, err := b.Total()
	if err != nil {
		return money.Money{}, err
	}
	return money.Of(0, s.currency).Plus(total)
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
