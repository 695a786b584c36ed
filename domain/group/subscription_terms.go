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

// Seat gives one present clinician a licence when the subscription starts.
type Seat struct {
	Member     id.Member        `json:"member"`
	Plan       pricing.PlanID   `json:"plan"`
	Profession pricing.Category `json:"profession"`
}

// StartSubscription begins to charge a practice, in the billing period that
// contains today, with a licence for every present clinician. These are charged
// like a renewal: they can be held at once, because their holders work already.
// Before it a group needs no licences. Rejections: "subscription_started",
// "clinician_without_licence", "not_a_clinician", "role_needs_no_licence",
// "unknown_plan", "plan_category_mismatch", "price_changed", "no_payment_method".
type StartSubscription struct {
	Seats []Seat `json:"seats"`
	// Method is the processor's reference of the payment method, Label what the
	// owner recognises it by; needed if anything is due.
	Method string `json:"method,omitempty"`
	Label  string `json:"label,omitempty"`
	// QuotedTotal is the total for today that the owner saw (QuoteSubscription).
	QuotedTotal money.Money `json:"quotedTotal"`
}

// Decide starts the subscription and charges the rest of the period.
func (c StartSubscription) Decide(s State, book pricing.Book, now time.Time) ([]Event, error) {
	if s.Subscribed() {
		return nil, errSubscribed
	}
	today, bought, err := s.seated(c.Seats, book, now)
	if err != nil {
		return nil, err
	}
	anchor := pricing.AnchorOf(s.anchor)
	period := anchor.PeriodAt(today)
	bill := startBill(bought, today, period)
	total, err := bill.Total()
	if err := cmp.Or(err, checkQuote(c.QuotedTotal, total), fault.When(total.Minor > 0 && c.Method == "", errNoPaymentMethod)); err != nil {
		return nil, err
	}
	events := []Event{
		SubscriptionStarted{Owner: s.owner, Zone: s.zone, Currency: s.currency, On: today},
		BillingPeriodStarted{Period: period, Anchor: anchor},
	}
	if c.Method != "" {
		method, err := ReplacePaymentMethod{Method: c.Method, Label: c.Label}.check()
		if err != nil {
			return nil, err
		}
		events = append(events, method)
	}
	charged, err := s.chargePeriod(today, period, bill.Lines)
	return append(append(events, purchases(bought, today)...), charged...), err
}

// QuoteSubscription says what StartSubscription would charge today.
func (s State) QuoteSubscription(seats []Seat, book pricing.Book, now time.Time) (money.Money, error) {
	today, bought, err := s.seated(seats, book, now)
	if err != nil {
		return money.Money{}, err
	}
	return s.sumOf(startBill(bought, today, pricing.AnchorOf(s.anchor).PeriodAt(today)))
}

// StartTrial makes the practice free until the owner's own trial ends, whenever
// its members join (L-10, BIL-6), once in the life of the practice (L-11, BIL-7).
// Rejections: "trial_already_used", "owner_not_on_trial", "subscription_started"
// and those of StartSubscription about clinicians.
type StartTrial struct {
	Seats []Seat `json:"seats"`
}

// Decide starts the subscription with the trial.
func (c StartTrial) Decide(s State, f TrialFacts, now time.Time) ([]Event, error) {
	switch {
	case s.subscription.trial.Used:
		return nil, fault.New(fault.Rejected, "trial_already_used", "This group has already used its one free trial. It started on %s; there is one per practice for life.", s.subscription.trial.On)
	case s.Subscribed():
		return nil, errSubscribed
	case !now.Before(f.OwnerTrialEnds):
		return nil, fault.New(fault.Rejected, "owner_not_on_trial", "The trial is that of the owner, who is not on one.")
	}
	today, bought, err := s.seated(c.Seats, f.Book, now)
	if err != nil {
		return nil, err
	}
	return append([]Event{
		SubscriptionStarted{Owner: s.owner, Zone: s.zone, Currency: s.currency, On: today},
		TrialStarted{InheritedFrom: s.owner, EndsAt: f.OwnerTrialEnds.UTC(), On: today},
	}, purchases(bought, today)...), nil
}

// seated returns a licence for each active clinician, in the order of the seats.
func (s State) seated(seats []Seat, book pricing.Book, now time.Time) (civil.Date, []BoughtLicence, error) {
	today, err := s.today(now)
	if err != nil {
		return civil.Date{}, nil, err
	}
	var bought []BoughtLicence
	for i, seat := range seats {
		terms, priceErr := s.listPrice(book, seat.Plan, today)
		m, _ := s.Member(seat.Member)
		switch {
		case !s.IsActiveClinician(seat.Member) || slices.ContainsFunc(seats[:i], func(o Seat) bool { return o.Member == seat.Member }):
			return civil.Date{}, nil, fault.New(fault.Rejected, "not_a_clinician", "Seats are for the active clinicians of the practice, one each.").With("member", seat.Member.String())
		case m.Role == roleWithoutLicence:
			return civil.Date{}, nil, errRoleFree
		case !seat.Profession.Known():
			return civil.Date{}, nil, errUnknownJob
		case priceErr != nil:
			return civil.Date{}, nil, priceErr
		case !seat.Plan.Open(seat.Profession):
			return civil.Date{}, nil, errPlanCategory
		}
		terms.Discount = s.discountFor(s.personOf(seat.Member), seat.Plan, today)
		bought = append(bought, BoughtLicence{Licence: s.newLicence(i), Terms: terms, Holder: seat.Member, Profession: seat.Profession})
	}
	for _, m := range s.members {
		seat := func(o Seat) bool { return o.Member == m.ID }
		if m.Active && m.Clinician && !slices.ContainsFunc(seats, seat) {
			return civil.Date{}, nil, fault.New(fault.Rejected, "clinician_without_licence", "Every clinician of the practice needs a licence. Choose a plan for each.").With("member", m.ID.String())
		}
	}
	return today, bought, nil
}

func startBill(bought []BoughtLicence, today civil.Date, period pricing.Period) (bill pricing.Bill) {
	for _, b := range bought {
		bill.Add(b.Licence, pricing.LinePurchase, b.Terms, today, period)
	}
	return bill
}

func purchases(bought []BoughtLicence, today civil.Date) []Event {
	var events []Event
	for chunk := range slices.Chunk(bought, linesPerEvent) {
		events = append(events, LicencesPurchased{Licences: chunk, On: today})
	}
	return events
}

// CancelSubscription lets the subscription end with the present period, or with
// the trial; until then everything stays and it can be kept. Rejections:
// "no_subscription", "period_due".
type CancelSubscription struct{}

// Decide schedules the end.
func (c CancelSubscription) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil || s.subscription.ending {
		return nil, err
	}
	next, _, err := s.nextPeriod()
	if err != nil {
		return nil, err
	}
	return []Event{SubscriptionCancellationScheduled{Effective: next.Start}}, nil
}

// KeepSubscription calls off a cancellation that was scheduled. Rejections:
// "no_subscription", "period_due".
type KeepSubscription struct{}

// Decide keeps the subscription.
func (c KeepSubscription) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil || !s.subscription.ending {
		return nil, err
	}
	next, _, err := s.nextPeriod()
	if err != nil {
		return nil, err
	}
	return []Event{SubscriptionKept{Effective: next.Start}}, nil
}

// ended returns the events by which a cancelled subscription ends on a day, with
// all licences. Purchases that nobody could use yet, because they are not paid, are
// undone; what was charged otherwise stays due.
func (s State) ended(on, today civil.Date) []Event {
	events := append([]Event{SubscriptionCancelled{On: on}}, s.unusable(today)...)
	var owned []id.Licence
	for _, l := range s.subscription.licences {
		if !l.Pending {
			owned = append(owned, l.ID)
		}
	}
	for chunk := range slices.Chunk(owned, linesPerEvent) {
		events = append(events, LicencesReleased{Licences: chunk, On: on})
	}
	return events
}

// unusable returns the events that undo purchases which nobody can use any more,
// because they are not paid. Money that comes for them goes back.
func (s State) unusable(today civil.Date) []Event {
	var events []Event
	for _, c := range s.subscription.charges {
		if c.Kind != ChargePurchase || c.Status == ChargePaid || c.Status == ChargeGivenUp {
			continue
		}
		if gone := s.pendingOn(c.ID); len(gone) > 0 {
			events = append(events, LicencePurchaseCancelled{Licences: gone, Charge: c.ID, On: today}, c.giveUp(today))
		}
	}
	return events
}

// pendingOn returns the licences that wait for the charge of their purchase.
func (s State) pendingOn(charge id.SeatCharge) []id.Licence {
	var pending []id.Licence
	for _, l := range s.subscription.licences {
		if l.Pending && l.Charge == charge {
			pending = append(pending, l.ID)
		}
	}
	return pending
}

// giveUp returns the event that cancels the charge.
func (c Charge) giveUp(today civil.Date) ChargeCancelled {
	e := ChargeCancelled{Charge: c.ID, On: today}
	if c.Awaiting {
		e.Awaited = c.Attempt
	}
	return e
}
