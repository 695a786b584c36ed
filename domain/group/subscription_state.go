package group

import (
	"time"

	"praxis/domain/civil"
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
