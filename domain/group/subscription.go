package group

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

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
	Used bool
	// On is the day on which it started, in the billing zone.
	On civil.Date
	// EndsAt is the first instant that is not free, UTC.
	EndsAt time.Time
	// Over reports that the first paid period has started.
	Over bool
}

// Licence is what lets one member be a clinician.
type Licence struct {
	ID id.Licence
	// Terms are those of the present period.
	pricing.Terms
	// Pending reports that its purchase is unpaid: nobody can hold it.
	Pending bool
	// Charge is the charge of its purchase; zero where nothing was due.
	Charge id.SeatCharge
	// PaidFor is the period that it was last charged for.
	PaidFor pricing.Period
	// Charged is what it was charged for in that period, by charge.
	Charged []Part
	// Holder is the member who holds it; zero while it is free.
	Holder id.Member
	// Invitation is whom it is reserved for, if anybody, and Profession theirs.
	Invitation id.Invitation
	Profession pricing.Category
	// Next is the plan from the next period on, if another.
	Next pricing.PlanID
	// Releasing reports that it ends with the period.
	Releasing bool
}

// Part is what one charge holds of a licence's period: charges less credits.
type Part struct {
	Charge id.SeatCharge
	Amount money.Money
	Tax    money.Money
}

// ChargeKind tells what failing to collect a charge leads to.
type ChargeKind string

// The kinds of charges.
const (
	// ChargePurchase is for what was bought within a period; unpaid, it is undone.
	ChargePurchase ChargeKind = "purchase"
	// ChargeRenewal is for a period; it stays due.
	ChargeRenewal ChargeKind = "renewal"
)

// ChargeStatus is how far the collection of a charge is.
type ChargeStatus string

// The statuses of charges.
const (
	// ChargeOpen takes further lines on its day, and can be collected.
	ChargeOpen ChargeStatus = "open"
	// ChargeCollecting is with the payment processor.
	ChargeCollecting ChargeStatus = "collecting"
	// ChargeUnpaid failed; it is tried again.
	ChargeUnpaid ChargeStatus = "unpaid"
	// ChargePaid is done.
	ChargePaid ChargeStatus = "paid"
	// ChargeGivenUp was cancelled with what it was for.
	ChargeGivenUp ChargeStatus = "cancelled"
)

// Charge is one charge of the subscription.
type Charge struct {
	ID     id.SeatCharge
	Kind   ChargeKind
	On     civil.Date
	Period pricing.Period
	Lines  []pricing.Line // dropped once the charge is paid or cancelled
	// Total is what is due: the lines less what was credited.
	Total    money.Money
	Credited money.Money
	Status   ChargeStatus
	// Attempt counts the collections that were started, Asked is what each of them
	// asked the payment processor for.
	Attempt int
	Asked   []money.Money
	// Method is what the last attempt was to be taken from.
	Method string
	// Awaiting reports that the outcome of the last attempt is not known yet.
	Awaiting bool
	// PaidBy is the attempt that paid the charge; 0 while it is not paid.
	PaidBy int
	// Mode says whether money moved when it was paid (ChargeCollected.Mode).
	Mode string
	// FailedOn is the day of the first failure.
	FailedOn civil.Date
}

// Proof is a claim to be in training.
type Proof struct {
	ID         id.TraineeProof
	Member     id.Member
	EmailHash  string
	Kind       pricing.TraineeKind
	Programme  string
	ValidFrom  civil.Date
	ValidUntil civil.Date
	Verified   bool
	Expired    bool
	// Noticed is the tightest threshold of days that was warned of, 0 for none.
	Noticed int
}

// holds reports whether the proof gives a discount on the day.
func (p Proof) holds(on civil.Date) bool {
	return p.Verified && !on.Before(p.ValidFrom) && !on.After(p.ValidUntil)
}

// A licence, a charge, a refund or a proof that is not there is one without id.

func (s *subscription) licence(l id.Licence) *Licence {
	return es.Find(s.licences, func(o *Licence) bool { return o.ID == l })
}

func (s *subscription) charge(c id.SeatCharge) *Charge {
	return es.Find(s.charges, func(o *Charge) bool { return o.ID == c })
}

func (s *subscription) refund(r id.Refund) *Refund {
	return es.Find(s.refunds, func(o *Refund) bool { return o.ID == r })
}

func (s *subscription) proof(p id.TraineeProof) *Proof {
	return es.Find(s.proofs, func(o *Proof) bool { return o.ID == p })
}

// inTrial reports whether everything is free at present.
func (s *subscription) inTrial() bool { return s.trial.Used && !s.trial.Over }

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

func (s *subscription) raised(c Charge) {
	c.Status = ChargeOpen
	s.charges = append(s.charges, c)
	s.lined(c.ID, c.Lines)
}

func (s *subscription) extended(e ChargeLinesAdded) {
	c := s.charge(e.Charge)
	c.Lines, c.Total = append(slices.Clone(c.Lines), e.Lines...), e.Total
	s.lined(c.ID, e.Lines)
}

// lined notes what was charged for at the licences of the lines.
func (s *subscription) lined(charge id.SeatCharge, lines []pricing.Line) {
	for _, line := range lines {
		l := s.licence(line.Licence)
		if line.Period != l.PaidFor {
			l.Charged = nil
		}
		l.Charged = withPart(l.Charged, charge, line)
		if line.Kind != pricing.LineUpgradeCredit {
			l.Terms, l.PaidFor = line.Terms, line.Period
		}
		if line.Kind == pricing.LinePurchase {
			l.Charge = charge
		}
	}
}

// withPart returns the parts of a licence's period with a line more.
func withPart(parts []Part, charge id.SeatCharge, line pricing.Line) []Part {
	for i := range parts {
		if parts[i].Charge == charge {
			parts = slices.Clone(parts)
			parts[i].Amount = parts[i].Amount.UpTo(line.Amount)
			parts[i].Tax = parts[i].Tax.UpTo(line.Tax)
			return parts
		}
	}
	return append(slices.Clone(parts), Part{charge, line.Amount, money.Of(line.Tax.Minor, line.Amount.Currency)})
}

// credited lowers what is due for a charge.
func (s *subscription) credited(e ChargeCredited) {
	c := s.charge(e.Charge)
	c.Total, c.Credited = e.Total, money.Of(0, e.Credit.Currency).UpTo(c.Credited).UpTo(e.Credit)
}

// ended notes that there is no subscription any more. What was charged stays due.
func (s *subscription) ended(e SubscriptionCancelled) {
	s.started, s.ending, s.endedOn = false, false, e.On
	s.period, s.anchor = pricing.Period{}, 0
}

func (s *subscription) collecting(e CollectionStarted) {
	c := s.charge(e.Charge)
	c.Status, c.Attempt, c.Method, c.Awaiting = ChargeCollecting, e.Attempt, e.Method, true
	c.Asked = append(slices.Clone(c.Asked), e.Amount)
}

func (s *subscription) collected(e ChargeCollected) {
	c := s.charge(e.Charge)
	c.Status, c.PaidBy, c.Mode, c.Lines = ChargePaid, e.Attempt, e.Mode, nil
	c.answered(e.Attempt)
}

func (s *subscription) failed(e ChargeFailed) {
	c := s.charge(e.Charge)
	c.Status = ChargeUnpaid
	c.answered(e.Attempt)
	if c.FailedOn.IsZero() {
		c.FailedOn = e.On
	}
}

func (s *subscription) cancelled(e ChargeCancelled) {
	c := s.charge(e.Charge)
	c.Status, c.Lines, c.Total = ChargeGivenUp, nil, money.Of(0, c.Total.Currency)
	for i := range s.licences {
		l := &s.licences[i]
		l.Charged = slices.DeleteFunc(slices.Clone(l.Charged), func(p Part) bool { return p.Charge == e.Charge })
	}
}

// answered notes that the outcome of an attempt is known.
func (c *Charge) answered(attempt int) {
	c.Awaiting = c.Awaiting && attempt != c.Attempt
}

func (s *subscription) owe(e RefundDue) {
	s.refunds = append(s.refunds, Refund{
		ID: e.Refund, Charge: e.Charge, Attempt: e.Attempt, Amount: e.Amount, Reason: e.Reason, On: e.On, Status: RefundOwed,
	})
	s.charge(e.Charge).answered(e.Attempt)
}

// reserve keeps the licence for an invitation; zero ends that.
func (l *Licence) reserve(i id.Invitation, profession pricing.Category) {
	l.Invitation, l.Profession = i, profession
}

// drop removes licences that the practice no longer owns.
func (s *subscription) drop(gone []id.Licence) {
	s.licences = slices.DeleteFunc(s.licences, func(l Licence) bool { return slices.Contains(gone, l.ID) })
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
