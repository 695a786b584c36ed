package group

import (
	"slices"
	"strconv"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
)

// RefundStatus is how far a refund is.
type RefundStatus string

// The statuses of refunds.
const (
	// RefundOwed is with the payment processor, or about to be.
	RefundOwed RefundStatus = "due"
	// RefundDone is back where it came from.
	RefundDone RefundStatus = "refunded"
	// RefundNotPossible was refused by the processor; somebody has to pay it back by
	// another way, or have the processor try again.
	RefundNotPossible RefundStatus = "failed"
)

// Refund is money of a charge that goes back.
type Refund struct {
	ID      id.Refund
	Charge  id.SeatCharge
	Attempt int
	Amount  money.Money
	Reason  RefundReason
	On      civil.Date
	Status  RefundStatus
	// Failure is the processor's code of why it could not be given back.
	Failure string
}

// Refunds returns everything that had or has to go back, the oldest first.
func (s State) Refunds() []Refund { return slices.Clone(s.subscription.refunds) }

// Refund returns a refund of the subscription.
func (s State) Refund(r id.Refund) (Refund, bool) {
	if refund := s.subscription.refund(r); refund != nil {
		return *refund, true
	}
	return Refund{}, false
}

// owed returns the event by which the whole money of an attempt must go back;
// none if that is known already.
func (s State) owed(c Charge, attempt int, why RefundReason, today civil.Date) []Event {
	refund := s.refundID(c.ID, attempt, why, "")
	if s.subscription.refund(refund) != nil {
		return nil
	}
	return []Event{RefundDue{
		Refund: refund, Charge: c.ID, Attempt: attempt, Amount: c.Asked[attempt-1], Reason: why, On: today,
	}}
}

// excess returns the event by which an attempt that pays a charge must give back
// what was credited on the charge after the attempt had begun.
func (s State) excess(c Charge, attempt int, today civil.Date) []Event {
	over := c.Asked[attempt-1].UpTo(c.Total.Negated()).Minor
	if over <= 0 {
		return nil
	}
	return []Event{RefundDue{
		Refund: s.refundID(c.ID, attempt, Unused, ""), Charge: c.ID, Attempt: attempt,
		Amount: money.Of(over, c.Total.Currency), Reason: Unused, On: today,
	}}
}

// refundID names a refund of an attempt's money, for a reason and a licence, if it
// is about one.
func (s State) refundID(c id.SeatCharge, attempt int, why RefundReason, licence string) id.Refund {
	return id.Derive[id.Refund]("refund", s.group.String(), c.String(), strconv.Itoa(attempt), string(why), licence)
}

// RecordRefund says what became of a refund, as the payment processor reports it:
// once, twice, late or out of order. A success counts after a failure; a failure
// that is reported after a success changes nothing. Rejection: "refund_not_found".
type RecordRefund struct {
	Refund   id.Refund `json:"refund"`
	Refunded bool      `json:"refunded"`
	// Reason is the processor's code of a failure.
	Reason string `json:"reason,omitempty"`
}

// Decide records the outcome.
func (c RecordRefund) Decide(s State, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	r, ok := s.Refund(c.Refund)
	switch {
	case !ok:
		return nil, errNoRefund
	case r.Status == RefundDone:
		return nil, nil
	case c.Refunded:
		return []Event{ChargeRefunded{Refund: r.ID, Charge: r.Charge, Amount: r.Amount, On: today}}, nil
	case r.Status == RefundNotPossible:
		return nil, nil
	}
	reason, err := failureReason.Read(c.Reason)
	if err != nil {
		return nil, err
	}
	return []Event{RefundFailed{Refund: r.ID, Charge: r.Charge, Reason: reason, On: today}}, nil
}

func (s *subscription) refund(r id.Refund) *Refund {
	for i := range s.refunds {
		if s.refunds[i].ID == r {
			return &s.refunds[i]
		}
	}
	return nil
}

func (s *subscription) owe(e RefundDue) {
	s.refunds = append(s.refunds, Refund{
		ID: e.Refund, Charge: e.Charge, Attempt: e.Attempt, Amount: e.Amount, Reason: e.Reason, On: e.On, Status: RefundOwed,
	})
	if c := s.charge(e.Charge); c != nil {
		c.answered(e.Attempt)
	}
}

func (s *subscription) settle(r id.Refund, status RefundStatus, failure string) {
	if refund := s.refund(r); refund != nil {
		refund.Status, refund.Failure = status, failure
	}
}
