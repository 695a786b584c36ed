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

// The events of the subscription carry the local day On, in the billing zone, so
// that a seat ledger is read from them alone.

// SubscriptionStarted begins the subscription. From here on every clinician
// needs a licence.
type SubscriptionStarted struct {
	Owner    id.Member      `json:"owner"`
	Zone     civil.Zone     `json:"zone"`
	Currency money.Currency `json:"currency"`
	On       civil.Date     `json:"on"`
}

// SubscriptionCancellationScheduled lets the subscription end with the period, or
// the trial. Effective is the first day without it.
type SubscriptionCancellationScheduled struct {
	Effective civil.Date `json:"effective"`
}

// SubscriptionKept calls a cancellation off that was scheduled. Effective is when
// the subscription would have ended.
type SubscriptionKept struct {
	Effective civil.Date `json:"effective"`
}

// SubscriptionCancelled ends the subscription: On is the first day without it. The
// licences end with it (LicencesReleased); what was charged before stays due.
type SubscriptionCancelled struct {
	On civil.Date `json:"on"`
}

// TrialStarted makes everything free until EndsAt, the end of the owner's own
// trial, copied so that a transfer of the ownership does not move it (AMB-10).
type TrialStarted struct {
	InheritedFrom id.Member `json:"inheritedFrom"`
	// EndsAt is the first instant that is not free, UTC.
	EndsAt time.Time  `json:"endsAt"`
	On     civil.Date `json:"on"`
}

func (SubscriptionStarted) isEvent()               {}
func (SubscriptionCancellationScheduled) isEvent() {}
func (SubscriptionKept) isEvent()                  {}
func (SubscriptionCancelled) isEvent()             {}
func (TrialStarted) isEvent()                      {}

// subscription is the part of the state that is about licences and their money.
// A group whose subscription never started has the zero value: it needs no
// licences.
type subscription struct {
	started   bool
	ending    bool       // cancelled, and running until the period or the trial ends
	endedOn   civil.Date // the day on which it ended; zero while it runs
	trial     Trial
	period    pricing.Period // the present one; zero during the trial
	anchor    pricing.Anchor
	method    string
	label     string
	licences  []Licence // those owned, in the order of purchase
	bought    int       // how many licences there ever were
	charges   []Charge  // in the order of their opening
	refunds   []Refund  // in the order in which they fell due
	proofs    []Proof   // in the order of their submission
	professed map[id.Member]pricing.Category
}

// Trial is the one free trial of a practice's life (L-10, L-11).
type Trial struct {
	// Used reports that there was or is a trial.
	Used bool `json:"-"`
	// On is the day on which it started, in the billing zone.
	On civil.Date `json:"on"`
	// EndsAt is the first instant that is not free, UTC.
	EndsAt time.Time `json:"endsAt"`
	// Over reports that the first paid period has started.
	Over bool `json:"over"`
}

// Subscribed reports whether the subscription has started, so that clinicians
// need licences. Groups from before it go on without until they start theirs.
func (s State) Subscribed() bool { return s.subscription.started }

// neverSubscribed reports whether there was no subscription yet.
func (s State) neverSubscribed() bool { return !s.Subscribed() && s.subscription.endedOn.IsZero() }

// EndedOn returns the first day without a subscription; ok is false while one runs
// and where there never was one. Without one that ended, clinicians keep their
// charts (L-12), but nobody becomes a clinician.
func (s State) EndedOn() (on civil.Date, ok bool) {
	return s.subscription.endedOn, !s.subscription.endedOn.IsZero()
}

// EndsOn returns the first day without the subscription that runs, if it was
// cancelled.
func (s State) EndsOn() (on civil.Date, ok bool) {
	next, _, err := s.nextPeriod()
	return next.Start, s.subscription.ending && err == nil
}

// Trial returns the trial of the practice's life, used or not.
func (s State) Trial() Trial { return s.subscription.trial }

// inTrial reports whether everything is free at present.
func (s *subscription) inTrial() bool { return s.trial.Used && !s.trial.Over }

// ended notes that there is no subscription any more. What was charged stays due.
func (s *subscription) ended(e SubscriptionCancelled) {
	s.started, s.ending, s.endedOn = false, false, e.On
	s.period, s.anchor = pricing.Period{}, 0
}

// The rejections about the subscription.
var (
	errNoSubscription = fault.New(fault.Rejected, "no_subscription", "The practice has no subscription. Start it first.")
	errSubscribed     = fault.New(fault.Rejected, "subscription_started", "The subscription of this practice has started already.")
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

// TrialFacts are when the owner's own trial ends, UTC, zero for none, and the prices.
type TrialFacts struct {
	OwnerTrialEnds time.Time
	Book           pricing.Book
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
