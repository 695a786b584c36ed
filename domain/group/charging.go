package group

import (
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
// collected, so that nobody gets a charge per click (BIL-A6).
func (s State) chargeToday(today civil.Date, lines []pricing.Line) (id.SeatCharge, []Event, error) {
	for _, c := range s.subscription.charges {
		if c.Kind == ChargePurchase && c.Status == ChargeOpen && c.On == today {
			events, err := addLines(c.ID, c.Total, lines)
			return c.ID, events, err
		}
	}
	charge := s.nextCharge()
	head := lines[:min(len(lines), linesPerEvent)]
	total, err := pricing.Total(head)
	if err != nil {
		return id.SeatCharge{}, nil, err
	}
	more, err := addLines(charge, total, lines[len(head):])
	raised := ProratedChargeRaised{Charge: charge, Period: s.subscription.period, Lines: head, Total: total, On: today}
	return charge, append([]Event{raised}, more...), err
}

// chargePeriod charges lines as what is due for a period.
func (s State) chargePeriod(today civil.Date, period pricing.Period, lines []pricing.Line) ([]Event, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	charge := s.nextCharge()
	head := lines[:min(len(lines), linesPerEvent)]
	total, err := pricing.Total(head)
	if err != nil {
		return nil, err
	}
	more, err := addLines(charge, total, lines[len(head):])
	return append([]Event{SubscriptionCharged{Charge: charge, Period: period, Lines: head, Total: total, On: today}}, more...), err
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
// plan on a day: the full price if it is kept for nobody.
func (s State) discountOf(l Licence, plan pricing.PlanID, on civil.Date) pricing.Discount {
	switch {
	case !l.Holder.IsZero():
		return s.discountFor(s.personOf(l.Holder), plan, on)
	case !l.Invitation.IsZero():
		return s.discountFor(person{emailHash: s.invitations[l.Invitation].EmailHash}, plan, on)
	}
	return pricing.FullPrice()
}
