package licences

import (
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
)

// Refund is money of a charge that had or has to go back, as far as it has come.
type Refund struct {
	ID      id.Refund          `json:"id"`
	Attempt int                `json:"attempt"`
	Amount  money.Money        `json:"amount"`
	Reason  group.RefundReason `json:"reason"`
	// On is the day on which it fell due.
	On     civil.Date         `json:"on"`
	Status group.RefundStatus `json:"status"`
	// Failure is the processor's code of why it could not be given back.
	Failure string `json:"failure,omitempty"`
}

// Refunds reads the refunds from the movements, in the order of falling due.
func (c Charge) Refunds() (refunds []Refund) {
	of := func(m Moved) *Refund {
		for i := range refunds {
			if m.Refund != nil && refunds[i].ID == *m.Refund {
				return &refunds[i]
			}
		}
		return nil
	}
	for _, m := range c.Movements {
		switch r := of(m); {
		case m.Kind == RefundDue && m.Refund != nil:
			refunds = append(refunds, Refund{*m.Refund, m.Attempt, m.Amount, group.RefundReason(m.Reason), m.On, group.RefundOwed, ""})
		case r == nil:
		case m.Kind == Refunded:
			r.Status, r.Failure = group.RefundDone, ""
		case m.Kind == RefundFailed:
			r.Status, r.Failure = group.RefundNotPossible, m.Reason
		}
	}
	return refunds
}
