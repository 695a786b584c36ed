package group

import (
	"fmt"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// maxPurchase bounds one purchase; more licences are bought by further ones.
const maxPurchase = 80

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
	for _, terms := range seats {
		// Proofs that are over by then count no more, prices are those published.
		then, err := s.listPrice(book, plan, next.Start)
		if err != nil {
			return Quote{}, err
		}
		if p := s.subscription.proof(terms.Discount.Proof); p != nil && p.holds(next.Start) {
			then.Discount = terms.Discount
		}
		later, err := then.PerPeriod()
		if err != nil {
			return Quote{}, err
		}
		if q.PerPeriod, err = q.PerPeriod.Plus(later); err != nil {
			return Quote{}, err
		}
		if s.subscription.inTrial() {
			continue
		}
		line, err := pricing.NewLine(id.Licence{}, pricing.LinePurchase, terms, today, s.subscription.period)
		if err != nil {
			return Quote{}, err
		}
		gross, err := line.Gross()
		if err != nil {
			return Quote{}, err
		}
		if q.Today, err = q.Today.Plus(gross); err != nil {
			return Quote{}, err
		}
		q.Lines = append(q.Lines, line)
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
		case p == nil:
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
	// Book is the operator's price book in the group's currency.
	Book pricing.Book `json:"-"`
}

// Decide buys the licences.
func (c PurchaseLicences) Decide(s State, now time.Time) ([]Event, error) {
	quote, err := s.QuoteLicences(c.Book, c.Plan, c.Quantity, c.Proofs, now)
	if err != nil {
		return nil, err
	}
	if err := checkQuote(c.QuotedTotal, quote.Today); err != nil {
		return nil, err
	}
	if quote.Today.Minor > 0 && s.subscription.method == "" {
		return nil, errNoPaymentMethod
	}
	today, err := s.billable(now)
	if err != nil {
		return nil, err
	}
	seats, err := s.seats(c.Book, c.Plan, c.Quantity, c.Proofs, today)
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
