package group

import (
	"time"

	"praxis/domain/id"
	"praxis/domain/pricing"
)

// reservation returns the events that keep a licence for an invited clinician:
// the one named, or the first that suits (L-4, BIL-4). Groups without
// subscription reserve nothing. Rejections: "no_subscription" where it ended,
// "no_free_licence" with a quote, "role_needs_no_licence", and those of AssignLicence for the licence named.
func (c InviteMember) reservation(s State, now time.Time) ([]Event, error) {
	if s.neverSubscribed() || !c.Clinician {
		return nil, nil
	}
	if !s.Subscribed() {
		return nil, errNoSubscription
	}
	if c.Role == roleWithoutLicence {
		return nil, errRoleFree
	}
	profession := c.Profession
	if profession == "" {
		profession = pricing.Therapist
	}
	if !profession.Known() {
		return nil, errUnknownJob
	}
	l, err := s.pick(c.Licence, person{emailHash: c.EmailHash}, profession, c.Book, now)
	if err != nil {
		return nil, err
	}
	return append(s.unreserved(l.Invitation), LicenceReserved{Licence: l.ID, Invitation: c.Invitation, Profession: profession}), nil
}

// pick returns the licence named, or the most fitting free one of the person's own
// category: one paid at this trainee's price before others, then the one owned
// longest. A licence of another category is only given where it is named: a prescriber
// on a plan for therapists could not prescribe.
func (s State) pick(named id.Licence, who person, profession pricing.Category, book pricing.Book, now time.Time) (Licence, error) {
	if !named.IsZero() {
		l, ok := s.Licence(named)
		if !ok {
			return Licence{}, errNoLicence
		}
		return l, s.available(l, who, profession, now)
	}
	var best Licence
	bestFit := -1
	for _, l := range s.subscription.licences {
		if plan, _ := pricing.PlanOf(l.Plan); plan.Category != profession || s.available(l, who, profession, now) != nil {
			continue
		}
		fit := 0
		if p := s.subscription.proof(l.Discount.Proof); p != nil && p.isFor(who) {
			fit = 1
		}
		if fit > bestFit {
			best, bestFit = l, fit
		}
	}
	if bestFit < 0 {
		return Licence{}, s.noFreeLicence(s.offer(profession, book, now))
	}
	return best, nil
}

// offer prices one licence on the cheapest plan for a profession; ok is false
// where no price is known, or nothing would be due.
func (s State) offer(profession pricing.Category, book pricing.Book, now time.Time) (line pricing.Line, ok bool) {
	today, err := s.billable(now)
	if err != nil || s.subscription.inTrial() {
		return pricing.Line{}, false
	}
	terms, ok := book.Cheapest(profession, today)
	if !ok {
		return pricing.Line{}, false
	}
	line, err = pricing.NewLine(id.Licence{}, pricing.LinePurchase, terms, today, s.subscription.period)
	return line, err == nil
}

// unreserved returns the event that frees what an invitation reserved. Whatever
// ends an invitation without a yes comes with it.
func (s State) unreserved(i id.Invitation) []Event {
	for _, l := range s.subscription.licences {
		if l.Invitation == i && !i.IsZero() {
			return []Event{LicenceUnreserved{Licence: l.ID, Invitation: i}}
		}
	}
	return nil
}

// licensed returns the events that give a joining clinician the licence reserved
// for them; an invitation from before the subscription takes a free one of its
// category, and one to a practice without subscription records the profession. It
// comes after the event by which the member joined.
func (s State) licensed(inv Invitation, m id.Member, now time.Time) ([]Event, error) {
	if !inv.Clinician {
		return nil, nil
	}
	profession := inv.Profession
	if profession == "" {
		profession = pricing.Therapist
	}
	if s.neverSubscribed() {
		if inv.Profession == "" {
			return nil, nil
		}
		return s.professes(m, profession), nil
	}
	if !s.Subscribed() {
		return nil, errNoSubscription
	}
	for _, l := range s.subscription.licences {
		if l.Invitation == inv.ID {
			today, err := s.today(now)
			return append(s.professes(m, l.Profession), LicenceAssigned{Licence: l.ID, Member: m, On: today}), err
		}
	}
	if inv.Role == roleWithoutLicence {
		return nil, errRoleFree
	}
	l, err := s.pick(id.Licence{}, person{emailHash: inv.EmailHash}, profession, pricing.Book{}, now)
	if err != nil {
		return nil, err
	}
	return s.handed(l, m, profession, now)
}
