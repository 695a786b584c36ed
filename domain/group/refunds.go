package group

import (
	"slices"
	"strconv"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// RefundDue says that an attempt brought money that must go back. It happens once
// per matter, however often the payment processor reports the money.
type RefundDue struct {
	Refund id.Refund     `json:"refund"`
	Charge id.SeatCharge `json:"charge"`
	// Attempt is the one whose money goes back; with the charge it names the payment
	// at the processor.
	Attempt int          `json:"attempt"`
	Amount  money.Money  `json:"amount"`
	Reason  RefundReason `json:"reason"`
	// Line is the credit of unused days that the refund is of, if it is of one.
	Line *pricing.Line `json:"line,omitempty"`
	On   civil.Date    `json:"on"`
}

// ChargeRefunded says that the money went back.
type ChargeRefunded struct {
	Refund id.Refund     `json:"refund"`
	Charge id.SeatCharge `json:"charge"`
	Amount money.Money   `json:"amount"`
	On     civil.Date    `json:"on"`
}

// RefundFailed says that the payment processor did not give the money back; the
// practice is owed it on.
type RefundFailed struct {
	Refund id.Refund     `json:"refund"`
	Charge id.SeatCharge `json:"charge"`
	// Reason is the processor's code.
	Reason string     `json:"reason"`
	On     civil.Date `json:"on"`
}

// ChargeCredited lowers what is due for a charge that is not paid, because a
// licence on it was released before its period was over (BIL-A7).
type ChargeCredited struct {
	Charge id.SeatCharge `json:"charge"`
	// Line is the whole credit; Credit is the part of it that this charge gives, as
	// a positive amount. The rest is credited on other charges or refunded.
	Line   pricing.Line `json:"line"`
	Credit money.Money  `json:"credit"`
	// Total is what is still due.
	Total money.Money `json:"total"`
	On    civil.Date  `json:"on"`
}

func (RefundDue) isEvent()      {}
func (ChargeRefunded) isEvent() {}
func (RefundFailed) isEvent()   {}
func (ChargeCredited) isEvent() {}

// RefundReason is why money must go back.
type RefundReason string

// The reasons.
const (
	// PaidAfterCancellation is money for a charge that was cancelled meanwhile.
	PaidAfterCancellation RefundReason = "paid_after_cancellation"
	// PaidTwice is money for a charge that another attempt had paid already.
	PaidTwice RefundReason = "paid_twice"
	// Unused is money for days that a licence was not kept for (BIL-A7).
	Unused RefundReason = "unused"
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
	refund := *s.subscription.refund(r)
	return refund, !refund.ID.IsZero()
}

// refund returns the place of a refund; one without id where there is none.
func (s *subscription) refund(r id.Refund) *Refund {
	return es.Find(s.refunds, func(o *Refund) bool { return o.ID == r })
}

func (s *subscription) owe(e RefundDue) {
	s.refunds = append(s.refunds, Refund{
		ID: e.Refund, Charge: e.Charge, Attempt: e.Attempt, Amount: e.Amount, Reason: e.Reason, On: e.On, Status: RefundOwed,
	})
	s.charge(e.Charge).answered(e.Attempt)
}

// credited lowers what is due for a charge.
func (s *subscription) credited(e ChargeCredited) {
	c := s.charge(e.Charge)
	c.Total, c.Credited = e.Total, money.Of(0, e.Credit.Currency).UpTo(c.Credited).UpTo(e.Credit)
}

// The rejections about money that goes back.
var (
	errNoRefund   = fault.New(fault.NotFound, "refund_not_found", "The subscription has no such refund.")
	errCollecting = fault.New(fault.Rejected, "charge_collecting", "A charge of this licence is with the payment processor. Release the licence when the outcome is known.")
)

// owed returns the event by which the whole money of an attempt must go back;
// none if that is known already.
func (s State) owed(c Charge, attempt int, why RefundReason, today civil.Date) []Event {
	refund := s.refundID(c.ID, attempt, why, "")
	if _, known := s.Refund(refund); known {
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

// RecordRefund records the outcome of a refund, as the payment processor reports
// it: once, twice, late or out of order. A success counts after a failure; a
// failure that is reported after a success changes nothing. Rejection:
// "refund_not_found".
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

// unused returns the events that give the days after today back.
func (s State) unused(l Licence, today civil.Date) ([]Event, error) {
	for _, part := range l.Charged {
		if s.subscription.charge(part.Charge).Awaiting {
			// What is asked for cannot be changed any more.
			return nil, errCollecting
		}
	}
	if l.PaidFor != s.subscription.period || len(l.Charged) == 0 {
		return nil, nil
	}
	line, err := pricing.NewLine(l.ID, pricing.LineUnusedCredit, l.Terms, today.Add(1), s.subscription.period)
	if err != nil {
		return nil, err
	}
	parts := slices.Clone(l.Charged)
	slices.Reverse(parts) // The latest charge gives first.
	line = capped(line, parts)
	credit, err := line.Gross()
	if err != nil || credit.Minor >= 0 {
		return nil, err
	}
	credit.Minor = -credit.Minor
	back, err := pricing.GiveBack(credit, s.shares(parts))
	if err != nil {
		return nil, err
	}
	var events []Event
	for i, part := range parts {
		c := s.subscription.charge(part.Charge)
		if back[i].Credit.Minor > 0 {
			total, err := c.Total.Minus(back[i].Credit)
			if err != nil {
				return nil, err
			}
			events = append(events, ChargeCredited{Charge: c.ID, Line: line, Credit: back[i].Credit, Total: total, On: today})
		}
		if back[i].Refund.Minor > 0 {
			events = append(events, RefundDue{
				Refund: s.refundID(c.ID, c.PaidBy, Unused, l.ID.String()), Charge: c.ID, Attempt: c.PaidBy,
				Amount: back[i].Refund, Reason: Unused, Line: &line, On: today,
			})
		}
	}
	return events, nil
}

// capped lowers a credit to what the licence was charged for in the period.
func capped(line pricing.Line, parts []Part) pricing.Line {
	var amount, tax money.Money
	for _, p := range parts {
		amount, tax = amount.UpTo(p.Amount), tax.UpTo(p.Tax)
	}
	line.Amount.Minor = max(line.Amount.Minor, amount.Negated().Minor)
	if line.Tax.Minor = max(line.Tax.Minor, tax.Negated().Minor); line.Tax.IsZero() {
		line.Tax = money.Money{}
	}
	return line
}

// shares says of each part how far its charge is paid: wholly or not at all.
func (s State) shares(parts []Part) []pricing.Share {
	shares := make([]pricing.Share, len(parts))
	for i, p := range parts {
		c := s.subscription.charge(p.Charge)
		shares[i] = pricing.Share{Line: p.Amount.UpTo(p.Tax), Charge: c.Total}
		if c.Status == ChargePaid {
			shares[i].Paid = c.Total
		}
	}
	return shares
}
