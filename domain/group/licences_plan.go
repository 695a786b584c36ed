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

// LicencePlanChanged puts licences on other terms now.
type LicencePlanChanged struct {
	Changes []TermsChange `json:"changes"`
	// Charge holds the net line pair of an upgrade; zero where nothing is due.
	Charge id.SeatCharge `json:"charge,omitzero"`
	Reason PlanChange    `json:"reason"`
	On     civil.Date    `json:"on"`
}

// PlanChange is why a licence changed its plan.
type PlanChange string

// The reasons.
const (
	// PlanUpgraded is a dearer plan, at once (BIL-A8).
	PlanUpgraded PlanChange = "upgraded"
	// PlanDowngraded is a cheaper plan, at the end of a period.
	PlanDowngraded PlanChange = "downgraded"
	// PlanChangedInTrial costs nothing and keeps the trial (L-12).
	PlanChangedInTrial PlanChange = "changed_in_trial"
	// PlanUnpaid takes back an upgrade that stayed unpaid.
	PlanUnpaid PlanChange = "unpaid"
)

// PlanChangeScheduled will put a licence on a cheaper plan at the end of the period.
type PlanChangeScheduled struct {
	Licence   id.Licence     `json:"licence"`
	From      pricing.PlanID `json:"from"`
	To        pricing.PlanID `json:"to"`
	Effective civil.Date     `json:"effective"`
}

// PlanChangeCancelled keeps the licence on the plan it has.
type PlanChangeCancelled struct {
	Licence id.Licence `json:"licence"`
}

func (LicencePlanChanged) isEvent()  {}
func (PlanChangeScheduled) isEvent() {}
func (PlanChangeCancelled) isEvent() {}

// ChangeLicencePlan puts a licence on another plan. A plan that is not cheaper
// begins today and is charged as a net line pair: the rest of the period on the
// plan before is given back, the rest on the plan after is charged (BIL-A8). A
// cheaper one begins with the next period. During the trial both begin today, at
// no cost, and the trial keeps its end (L-12). A trainee's discount stays where
// the new plan has it too. Choosing the present plan again cancels a change that
// was scheduled. Rejections: "licence_not_found", "unknown_plan",
// "plan_category_mismatch", "licence_pending_payment", "charge_unpaid",
// "licence_release_scheduled", "price_changed", "no_payment_method".
type ChangeLicencePlan struct {
	Licence id.Licence     `json:"licence"`
	Plan    pricing.PlanID `json:"plan"`
	// QuotedTotal is the net total for today that the owner saw (QuotePlanChange).
	QuotedTotal money.Money `json:"quotedTotal"`
}

// QuotePlanChange says what ChangeLicencePlan would charge today: nothing for a
// cheaper plan and during the trial.
func (s State) QuotePlanChange(book pricing.Book, licence id.Licence, plan pricing.PlanID, now time.Time) (Quote, error) {
	today, err := s.billable(now)
	if err != nil {
		return Quote{}, err
	}
	l, to, err := s.changeable(book, licence, plan, today)
	if err != nil {
		return Quote{}, err
	}
	next, _, err := s.nextPeriod()
	if err != nil {
		return Quote{}, err
	}
	q := s.quote(next)
	l.Next = plan
	later, err := s.renewedTerms(l, book, next.Start)
	if err != nil {
		return Quote{}, err
	}
	if q.PerPeriod, err = later.PerPeriod(); err != nil {
		return Quote{}, err
	}
	if s.subscription.ending {
		q.PerPeriod.Minor = 0
	}
	if s.subscription.inTrial() || l.Plan == plan || to.Price.Minor < l.Price.Minor {
		return q, nil
	}
	var pair pricing.Bill
	pair.Add(l.ID, pricing.LineUpgradeCredit, l.Terms, today, s.subscription.period)
	pair.Add(l.ID, pricing.LineUpgradeCharge, to, today, s.subscription.period)
	total, err := pair.Total()
	if err != nil || total.Minor < 0 {
		// With a lower tax even a dearer plan can cost less; it begins like a cheaper one.
		return q, err
	}
	q.Lines, q.Today = pair.Lines, total
	return q, nil
}

// changeable returns the licence and the terms that it would have on the plan.
func (s State) changeable(book pricing.Book, licence id.Licence, plan pricing.PlanID, today civil.Date) (Licence, pricing.Terms, error) {
	l, ok := s.Licence(licence)
	terms, err := s.listPrice(book, plan, today)
	profession := l.Profession
	if !l.Holder.IsZero() {
		profession = s.Profession(l.Holder)
	}
	p := s.subscription.proof(l.Discount.Proof)
	terms.Discount = p.Kind.DiscountOn(plan, p.ID)
	if s.subscription.inTrial() {
		terms.Discount = s.discountOf(l, plan, today)
	}
	return l, terms, cmp.Or(
		fault.When(!ok, errNoLicence),
		err,
		fault.When(l.Pending, errLicencePending),
		fault.When(l.Releasing, errReleasing),
		fault.When(profession != "" && !plan.Open(profession), errPlanCategory),
		fault.When(s.upgradeUnpaid(l.ID, today), errUnpaidUpgrade),
	)
}

// upgradeUnpaid reports whether an upgrade of the licence is about to be collected,
// is being collected or failed, so that it may still have to be taken back. One of
// today shares its charge with the next.
func (s State) upgradeUnpaid(licence id.Licence, today civil.Date) bool {
	for _, c := range s.subscription.charges {
		settled := c.Status == ChargePaid || c.Status == ChargeGivenUp || c.Status == ChargeOpen && c.On == today
		if c.Kind == ChargePurchase && !settled && slices.ContainsFunc(c.Lines, func(l pricing.Line) bool { return l.Licence == licence }) {
			return true
		}
	}
	return false
}

// Decide changes the plan, or schedules the change.
func (c ChangeLicencePlan) Decide(s State, book pricing.Book, now time.Time) ([]Event, error) {
	quote, err := s.QuotePlanChange(book, c.Licence, c.Plan, now)
	if err != nil {
		return nil, err
	}
	today, err := s.billable(now)
	if err != nil {
		return nil, err
	}
	l, to, err := s.changeable(book, c.Licence, c.Plan, today)
	if err != nil {
		return nil, err
	}
	if err := checkQuote(c.QuotedTotal, quote.Today); err != nil {
		return nil, err
	}
	change := LicencePlanChanged{Changes: []TermsChange{{Licence: l.ID, From: l.Terms, To: to}}, Reason: PlanUpgraded, On: today}
	switch {
	case l.Plan == c.Plan && l.Next == "" || l.Next == c.Plan:
		return nil, nil
	case l.Plan == c.Plan:
		return []Event{PlanChangeCancelled{Licence: l.ID}}, nil
	case s.subscription.inTrial():
		change.Reason = PlanChangedInTrial
		return []Event{change}, nil
	case len(quote.Lines) == 0:
		return []Event{PlanChangeScheduled{Licence: l.ID, From: l.Plan, To: c.Plan, Effective: s.subscription.period.End}}, nil
	case quote.Today.Minor > 0 && s.subscription.method == "":
		return nil, errNoPaymentMethod
	}
	var charged []Event
	if change.Charge, charged, err = s.chargeToday(today, quote.Lines); err != nil {
		return nil, err
	}
	return append([]Event{change}, charged...), nil
}
