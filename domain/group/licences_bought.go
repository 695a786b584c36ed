package group

import (
	"cmp"
	"fmt"
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

// TermsChange is one licence before and after.
type TermsChange struct {
	Licence id.Licence    `json:"licence"`
	From    pricing.Terms `json:"from"`
	To      pricing.Terms `json:"to"`
}

func (LicencesPurchased) isEvent()        {}
func (LicencesActivated) isEvent()        {}
func (LicencePurchaseCancelled) isEvent() {}

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
