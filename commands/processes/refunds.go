package processes

import (
	"context"
	"strings"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
)

// Refund is money of an attempt that must go back.
type Refund struct {
	ID id.Refund
	// Of is the attempt that brought the money.
	Of     Attempt
	Amount money.Money
}

// refundKey begins the keys of refunds, which no attempt's key does.
const refundKey = "refund/"

// Key is the idempotency key of the refund.
func (r Refund) Key() string { return refundKey + r.ID.String() }

// returning asks the processor to give the money of a refund back, and records what it
// says once it knows. What it will never do is a refund that failed.
func (c Config) returning(g id.Group, refund string, now time.Time) []process.Effect {
	giveBack := func(ctx context.Context, call commands.Call) error {
		r, err := c.refund(ctx, call.Group, refund)
		if err != nil {
			return err
		}
		payment, err := c.Processor.GiveBack(ctx, r)
		if refused(err) {
			payment, err = Payment{Reason: fault.From(err).Code}, nil
		}
		if err != nil || payment.IsPending {
			return err
		}
		return outcome(c.recordRefund(ctx, call, r, payment))
	}
	return persistently(process.Send{Group: g, Command: "processes.giveBack", Give: giveBack}, backTimer+":"+refund, now)
}

func (c Config) recordRefund(ctx context.Context, call commands.Call, r Refund, p Payment) (commands.Receipt, error) {
	return commands.RecordRefund.Give(ctx, c.Engine, call, group.RecordRefund{Refund: r.ID, Refunded: p.Moved, Reason: p.Reason})
}

var errNoRefund = fault.New(fault.NotFound, "refund_not_found", "The subscription has no such refund.")

// refund reads from the log what must go back, and of which attempt.
func (c Config) refund(ctx context.Context, g id.Group, wanted string) (r Refund, err error) {
	var due group.RefundDue
	err = c.each(ctx, g, "look for the refund", func(env es.Envelope) {
		if e, ok := env.Event.(group.RefundDue); ok && e.Refund.String() == wanted {
			due = e
		}
	})
	if err == nil && due.Refund.IsZero() {
		err = errNoRefund
	}
	if err != nil {
		return r, err
	}
	of, err := c.attempt(ctx, g, attemptKey(due.Charge, due.Attempt))
	return Refund{ID: due.Refund, Of: of, Amount: due.Amount}, err
}

// RefundNotified is PaymentNotified for a refund, whose key is that of Refund.Key. Faults:
// "refund_not_found", "amount_differs" and those of RecordRefund.
func (c Config) RefundNotified(ctx context.Context, call commands.Call, n PaymentNotification) (commands.Receipt, error) {
	refund, ok := strings.CutPrefix(n.Key, refundKey)
	if !ok {
		return commands.Receipt{}, errNoRefund
	}
	r, err := c.refund(ctx, call.Group, refund)
	if err = n.check(r.Amount, err); err != nil || n.IsPending {
		return commands.Receipt{}, err
	}
	return c.recordRefund(ctx, call, r, n.Payment)
}
