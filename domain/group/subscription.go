package group

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// SubscriptionEvent is a fact of what the practice has licensed and what that costs.
//
//sumtype:decl
type SubscriptionEvent interface {
	Event
	isSubscriptionEvent()
}

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

func (s *subscription) licence(l id.Licence) *Licence {
	for i := range s.licences {
		if s.licences[i].ID == l {
			return &s.licences[i]
		}
	}
	return nil
}

func (s *subscription) charge(c id.SeatCharge) *Charge {
	for i := range s.charges {
		if s.charges[i].ID == c {
			return &s.charges[i]
		}
	}
	return nil
}

func (s *subscription) proof(p id.TraineeProof) *Proof {
	for i := range s.proofs {
		if s.proofs[i].ID == p {
			return &s.proofs[i]
		}
	}
	return nil
}

// inTrial reports whether everything is free at present.
func (s *subscription) inTrial() bool { return s.trial.Used && !s.trial.Over }

// evolve applies one event.
func (s *subscription) evolve(event SubscriptionEvent) {
	switch e := event.(type) {
	case SubscriptionStarted:
		s.started, s.ending, s.endedOn = true, false, civil.Date{}
	case SubscriptionCancellationScheduled:
		s.ending = true
	case SubscriptionKept:
		s.ending = false
	case SubscriptionCancelled:
		s.ended(e)
	case TrialStarted:
		s.trial = Trial{Used: true, EndsAt: e.EndsAt, On: e.On}
	case TrialExpired:
		s.trial.Over = true
	case BillingPeriodStarted:
		s.period, s.anchor = e.Period, e.Anchor
	case SubscriptionCharged:
		s.raised(Charge{ID: e.Charge, Kind: ChargeRenewal, On: e.On, Period: e.Period, Lines: e.Lines, Total: e.Total})
	case ProratedChargeRaised:
		s.raised(Charge{ID: e.Charge, Kind: ChargePurchase, On: e.On, Period: e.Period, Lines: e.Lines, Total: e.Total})
	case ChargeLinesAdded:
		s.extended(e)
	case CollectionStarted:
		s.collecting(e)
	case ChargeCollected:
		s.collected(e)
	case ChargeFailed:
		s.failed(e)
	case ChargeCancelled:
		s.cancelled(e)
	case ChargeCredited:
		s.credited(e)
	case OvertakenAttemptFailed:
		s.overtaken(e)
	case RefundDue:
		s.owe(e)
	case ChargeRefunded:
		s.settle(e.Refund, RefundDone, "")
	case RefundFailed:
		s.settle(e.Refund, RefundNotPossible, e.Reason)
	case PaymentMethodReplaced:
		s.method, s.label = e.Method, e.Label
	case LicencesPurchased:
		s.purchased(e)
	case LicencesActivated:
		s.alterAll(e.Licences, func(l *Licence) { l.Pending = false })
	case LicencePurchaseCancelled:
		s.drop(e.Licences)
	case LicenceReserved:
		s.alter(e.Licence, func(l *Licence) { l.Invitation, l.Profession = e.Invitation, e.Profession })
	case LicenceUnreserved:
		s.alter(e.Licence, func(l *Licence) { l.Invitation, l.Profession = id.Invitation{}, "" })
	case LicenceAssigned:
		s.alter(e.Licence, func(l *Licence) { l.Holder, l.Invitation, l.Profession = e.Member, id.Invitation{}, "" })
	case LicenceUnassigned:
		s.alter(e.Licence, func(l *Licence) { l.Holder = id.Member{} })
	case ProfessionRecorded:
		s.profess(e.Member, e.Profession)
	case LicencePlanChanged:
		s.changeTerms(e.Changes)
	case PlanChangeScheduled:
		s.alter(e.Licence, func(l *Licence) { l.Next = e.To })
	case PlanChangeCancelled:
		s.alter(e.Licence, func(l *Licence) { l.Next = "" })
	case LicenceReleaseScheduled:
		s.alter(e.Licence, func(l *Licence) { l.Releasing = true })
	case LicenceReleaseCancelled:
		s.alter(e.Licence, func(l *Licence) { l.Releasing = false })
	case LicencesReleased:
		s.drop(e.Licences)
	case LicencesRepriced:
		s.changeTerms(e.Changes)
	case TraineeProofSubmitted:
		s.proofs = append(s.proofs, Proof{
			ID: e.Proof, Member: e.Member, EmailHash: e.EmailHash, Kind: e.Kind, Programme: e.Programme,
			ValidFrom: e.ValidFrom, ValidUntil: e.ValidUntil,
		})
	case TraineeProofVerified:
		s.amend(e.Proof, func(p *Proof) { p.Verified = true })
	case TraineeProofExpiring:
		s.amend(e.Proof, func(p *Proof) { p.Noticed = e.Threshold })
	case TraineeProofExpired:
		s.amend(e.Proof, func(p *Proof) { p.Expired = true })
	}
}

// purchased adds bought licences; those that need not be paid can be held at once.
func (s *subscription) purchased(e LicencesPurchased) {
	for _, b := range e.Licences {
		s.bought++
		s.licences = append(s.licences, Licence{ID: b.Licence, Terms: b.Terms, Pending: b.Pending, Holder: b.Holder})
		if b.Profession != "" {
			s.profess(b.Holder, b.Profession)
		}
	}
}

func (s *subscription) profess(m id.Member, p pricing.Category) {
	if s.professed == nil {
		s.professed = map[id.Member]pricing.Category{}
	}
	s.professed[m] = p
}

func (s *subscription) raised(c Charge) {
	c.Status = ChargeOpen
	s.charges = append(s.charges, c)
	s.lined(c.ID, c.Lines)
}

func (s *subscription) extended(e ChargeLinesAdded) {
	if c := s.charge(e.Charge); c != nil {
		c.Lines, c.Total = append(slices.Clone(c.Lines), e.Lines...), e.Total
		s.lined(e.Charge, e.Lines)
	}
}

// lined notes what was charged for at the licences of the lines.
func (s *subscription) lined(charge id.SeatCharge, lines []pricing.Line) {
	for _, line := range lines {
		s.alter(line.Licence, func(l *Licence) {
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
		})
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
	if c := s.charge(e.Charge); c != nil {
		c.Total, c.Credited = e.Total, money.Of(0, e.Credit.Currency).UpTo(c.Credited).UpTo(e.Credit)
	}
}

// ended notes that there is no subscription any more. What was charged stays due.
func (s *subscription) ended(e SubscriptionCancelled) {
	s.started, s.ending, s.endedOn = false, false, e.On
	s.period, s.anchor = pricing.Period{}, 0
}

func (s *subscription) collecting(e CollectionStarted) {
	if c := s.charge(e.Charge); c != nil {
		c.Status, c.Attempt, c.Method, c.Awaiting = ChargeCollecting, e.Attempt, e.Method, true
		c.Asked = append(slices.Clone(c.Asked), e.Amount)
	}
}

func (s *subscription) collected(e ChargeCollected) {
	if c := s.charge(e.Charge); c != nil {
		c.Status, c.PaidBy, c.Mode, c.Lines = ChargePaid, e.Attempt, e.Mode, nil
		c.answered(e.Attempt)
	}
}

func (s *subscription) failed(e ChargeFailed) {
	if c := s.charge(e.Charge); c != nil {
		c.Status = ChargeUnpaid
		c.answered(e.Attempt)
		if c.FailedOn.IsZero() {
			c.FailedOn = e.On
		}
	}
}

func (s *subscription) cancelled(e ChargeCancelled) {
	if c := s.charge(e.Charge); c != nil {
		c.Status, c.Lines, c.Total = ChargeGivenUp, nil, money.Of(0, c.Total.Currency)
	}
	for i := range s.licences {
		l := &s.licences[i]
		gone := func(p Part) bool { return p.Charge == e.Charge }
		if slices.ContainsFunc(l.Charged, gone) {
			l.Charged = slices.DeleteFunc(slices.Clone(l.Charged), gone)
		}
	}
}

// answered notes that the outcome of an attempt is known.
func (c *Charge) answered(attempt int) {
	c.Awaiting = c.Awaiting && attempt != c.Attempt
}

// overtaken notes that an attempt at a charge that is paid brought nothing.
func (s *subscription) overtaken(e OvertakenAttemptFailed) {
	if c := s.charge(e.Charge); c != nil {
		c.answered(e.Attempt)
	}
}

// alter lets f change a licence; licences that do not exist are left alone.
func (s *subscription) alter(l id.Licence, f func(*Licence)) {
	if licence := s.licence(l); licence != nil {
		f(licence)
	}
}

func (s *subscription) alterAll(ls []id.Licence, f func(*Licence)) {
	for _, l := range ls {
		s.alter(l, f)
	}
}

// drop removes licences that the practice no longer owns.
func (s *subscription) drop(gone []id.Licence) {
	s.licences = slices.DeleteFunc(s.licences, func(l Licence) bool { return slices.Contains(gone, l.ID) })
}

// changeTerms puts licences on other terms; what was scheduled for them is done.
func (s *subscription) changeTerms(changes []TermsChange) {
	for _, c := range changes {
		s.alter(c.Licence, func(l *Licence) {
			if l.Next == c.To.Plan || c.From.Plan != c.To.Plan {
				l.Next = ""
			}
			l.Terms = c.To
		})
	}
}

func (s *subscription) amend(p id.TraineeProof, f func(*Proof)) {
	if proof := s.proof(p); proof != nil {
		f(proof)
	}
}
