package group

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// LicencesPurchased gives the practice licences. Those that cost something are
// pending until their charge is collected (BIL-A11).
type LicencesPurchased struct {
	Licences []BoughtLicence `json:"licences"`
	On       civil.Date      `json:"on"`
}

// BoughtLicence is one licence with the terms it was bought on.
type BoughtLicence struct {
	Licence id.Licence `json:"licence"`
	pricing.Terms
	// Pending reports that it has to be paid before anybody can hold it.
	Pending bool `json:"pending,omitempty"`
	// Holder is set for a clinician who was there before the subscription was.
	Holder     id.Member        `json:"holder,omitzero"`
	Profession pricing.Category `json:"profession,omitempty"`
}

// LicencesActivated makes paid licences assignable.
type LicencesActivated struct {
	Licences []id.Licence `json:"licences"`
	On       civil.Date   `json:"on"`
}

// LicencePurchaseCancelled takes back licences that stayed unpaid (BIL-A11).
type LicencePurchaseCancelled struct {
	Licences []id.Licence  `json:"licences"`
	Charge   id.SeatCharge `json:"charge"`
	On       civil.Date    `json:"on"`
}

// LicencePlanChanged puts licences on other terms now.
type LicencePlanChanged struct {
	Changes []TermsChange `json:"changes"`
	// Charge holds the net line pair of an upgrade; zero where nothing is due.
	Charge id.SeatCharge `json:"charge,omitzero"`
	Reason PlanChange    `json:"reason"`
	On     civil.Date    `json:"on"`
}

// TermsChange is one licence before and after.
type TermsChange struct {
	Licence id.Licence    `json:"licence"`
	From    pricing.Terms `json:"from"`
	To      pricing.Terms `json:"to"`
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

func (LicencesPurchased) isEvent()        {}
func (LicencesActivated) isEvent()        {}
func (LicencePurchaseCancelled) isEvent() {}
func (LicencePlanChanged) isEvent()       {}
func (PlanChangeScheduled) isEvent()      {}
func (PlanChangeCancelled) isEvent()      {}

// purchased adds bought licences; those that need not be paid can be held at once.
func (s *subscription) purchased(e LicencesPurchased) {
	for _, b := range e.Licences {
		s.bought++
		s.licences = append(s.licences, Licence{ID: b.Licence, Terms: b.Terms, Pending: b.Pending, Holder: b.Holder})
		if b.Profession != "" {
			s.professed[b.Holder] = b.Profession
		}
	}
}

// changeTerms puts licences on other terms; what was scheduled for them is done.
func (s *subscription) changeTerms(changes []TermsChange) {
	for _, c := range changes {
		l := s.licence(c.Licence)
		if l.Next == c.To.Plan || c.From.Plan != c.To.Plan {
			l.Next = ""
		}
		l.Terms = c.To
	}
}

// newLicence names the n-th licence, from 0, that the present purchase brings.
func (s State) newLicence(n int) id.Licence {
	return id.Derive[id.Licence]("licence", s.group.String(), strconv.Itoa(s.subscription.bought+n+1))
}

// maxPurchase bounds one purchase; more licences are bought by further ones.
const maxPurchase = 80

var errUnpaidUpgrade = fault.New(fault.Rejected, "charge_unpaid", "The last change of this licence's plan is not paid yet. Collect its charge first.")

// Quote is what a purchase costs, shown before it is made.
type Quote struct {
	// Lines come without the ids of licences, which are not bought yet. There are
	// none during the trial.
	Lines []pricing.Line
	// Today is the total of the lines, with tax, as are all totals.
	Today money.Money
	// Until is the last day that it pays for, or the last before the trial ends.
	Until civil.Date
	// PerPeriod is what the licences cost per period from then on, at the prices and
	// the proofs of the day after Until; nothing if the subscription ends then.
	PerPeriod money.Money
	// InTrial reports that everything is free until then, Ends that the subscription
	// ends with it.
	InTrial, Ends bool
}

// Explain says in one sentence what is due when.
func (q Quote) Explain() string {
	due := fmt.Sprintf("%s is due today, for the days to %s", pricing.Spell(q.Today), q.Until)
	switch {
	case q.InTrial:
		due = fmt.Sprintf("Nothing is due in the trial, which covers the days to %s", q.Until)
	case len(q.Lines) == 0:
		due = "Nothing is due today"
	}
	if q.Ends {
		return due + fmt.Sprintf("; the subscription ends on %s.", q.Until)
	}
	return due + fmt.Sprintf("; from %s on it is %s per period.", q.Until.Add(1), pricing.Spell(q.PerPeriod))
}

// QuoteLicences says what a purchase would cost; it is the calculation of
// PurchaseLicences, and its rejections.
func (s State) QuoteLicences(book pricing.Book, plan pricing.PlanID, quantity int, proofs []id.TraineeProof, now time.Time) (Quote, error) {
	today, err := s.billable(now)
	if err != nil {
		return Quote{}, err
	}
	if quantity < 1 || quantity > maxPurchase {
		return Quote{}, fault.New(fault.Invalid, "quantity_out_of_range", "From 1 to %d licences are bought at once.", maxPurchase)
	}
	if len(proofs) > quantity {
		return Quote{}, fault.New(fault.Invalid, "too_many_proofs", "There are more proofs than licences.")
	}
	seats, err := s.seats(book, plan, quantity, proofs, today)
	if err != nil {
		return Quote{}, err
	}
	next, _, err := s.nextPeriod()
	if err != nil {
		return Quote{}, err
	}
	q := s.quote(next)
	var bill pricing.Bill
	for _, terms := range seats {
		// Proofs that are over by then count no more, prices are those published.
		then, err := s.listPrice(book, plan, next.Start)
		if err != nil {
			return Quote{}, err
		}
		if s.subscription.proof(terms.Discount.Proof).holds(next.Start) {
			then.Discount = terms.Discount
		}
		later, err := then.PerPeriod()
		if err != nil {
			return Quote{}, err
		}
		if q.PerPeriod, err = q.PerPeriod.Plus(later); err != nil {
			return Quote{}, err
		}
		if !s.subscription.inTrial() {
			bill.Add(id.Licence{}, pricing.LinePurchase, terms, today, s.subscription.period)
		}
	}
	q.Lines = bill.Lines
	if q.Today, err = s.sumOf(bill); err != nil {
		return Quote{}, err
	}
	if s.subscription.ending {
		q.PerPeriod.Minor = 0
	}
	return q, nil
}

// quote returns a quote of nothing yet, until the given period.
func (s State) quote(next pricing.Period) Quote {
	nothing := money.Of(0, s.currency)
	return Quote{
		Today: nothing, Until: next.Start.Add(-1), PerPeriod: nothing, InTrial: s.subscription.inTrial(), Ends: s.subscription.ending,
	}
}

// seats returns the terms of licences to be bought: first those for trainees, one
// per proof, then those at full price.
func (s State) seats(book pricing.Book, plan pricing.PlanID, quantity int, proofs []id.TraineeProof, today civil.Date) ([]pricing.Terms, error) {
	terms, err := s.listPrice(book, plan, today)
	if err != nil {
		return nil, err
	}
	seen := map[id.TraineeProof]bool{}
	seats := make([]pricing.Terms, quantity)
	for i := range seats {
		seats[i] = terms
		if i >= len(proofs) {
			continue
		}
		p := s.subscription.proof(proofs[i])
		switch {
		case p.ID.IsZero():
			return nil, errNoProof
		case seen[p.ID]:
			return nil, fault.New(fault.Invalid, "too_many_proofs", "One proof is for one licence.")
		case !p.holds(today):
			return nil, fault.New(fault.Rejected, "proof_not_valid", "Proof of training status is missing or expired on %s.", today).With("proof", p.ID.String())
		}
		seen[p.ID] = true
		seats[i].Discount = p.Kind.DiscountOn(plan, p.ID)
		if seats[i].Discount.Full() && p.Kind == pricing.PrescriberTrainee {
			return nil, fault.New(fault.Rejected, "no_trainee_discount", "A 50 %% trainee discount applies only to prescriber plans.")
		}
		if seats[i].Discount.Full() {
			return nil, errPlanCategory
		}
	}
	return seats, nil
}

// PurchaseLicences buys licences on one plan, after their price was shown (L-1,
// L-4, BIL-A6). Licences for trainees are bought with their verified proofs. Each
// has one line on the charge of the day; those that cost something can be held
// once the charge is collected (BIL-A11). During the trial nothing is charged.
// Rejections: "no_subscription", "period_due", "unknown_plan", "price_changed",
// "no_payment_method", "proof_not_found", "proof_not_valid",
// "no_trainee_discount", "plan_category_mismatch".
type PurchaseLicences struct {
	Plan     pricing.PlanID `json:"plan"`
	Quantity int            `json:"quantity"`
	// Proofs are for the first licences, one each.
	Proofs []id.TraineeProof `json:"proofs,omitempty"`
	// QuotedTotal is the total for today that the owner saw.
	QuotedTotal money.Money `json:"quotedTotal"`
}

// Decide buys the licences.
func (c PurchaseLicences) Decide(s State, book pricing.Book, now time.Time) ([]Event, error) {
	quote, err := s.QuoteLicences(book, c.Plan, c.Quantity, c.Proofs, now)
	if err := cmp.Or(
		err,
		checkQuote(c.QuotedTotal, quote.Today),
		fault.When(quote.Today.Minor > 0 && s.subscription.method == "", errNoPaymentMethod),
	); err != nil {
		return nil, err
	}
	today, err := s.billable(now)
	if err != nil {
		return nil, err
	}
	seats, err := s.seats(book, c.Plan, c.Quantity, c.Proofs, today)
	if err != nil {
		return nil, err
	}
	bought := LicencesPurchased{On: today}
	for i, terms := range seats {
		b := BoughtLicence{Licence: s.newLicence(i), Terms: terms}
		if len(quote.Lines) > 0 {
			quote.Lines[i].Licence = b.Licence
			b.Pending = quote.Lines[i].Amount.Minor > 0
		}
		bought.Licences = append(bought.Licences, b)
	}
	if len(quote.Lines) == 0 {
		return []Event{bought}, nil
	}
	_, charged, err := s.chargeToday(today, quote.Lines)
	if err != nil {
		return nil, err
	}
	return append([]Event{bought}, charged...), nil
}

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
