package processes

import (
	"context"

	"praxis/commands"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/money"
)

// PaymentNotification is what the payment processor says by itself about an attempt or a refund.
type PaymentNotification struct {
	// Key is that of the attempt or of the refund.
	Key string
	// Amount is what was asked for, as the processor has it.
	Amount money.Money
	Payment
}

var errAmountDiffers = fault.New(fault.Rejected, "amount_differs", "The payment processor speaks of another amount than was asked for. Compare both there.")

// PaymentNotified records what the payment processor says by itself, usually before the
// process asks. It can come late, twice, out of order and while the process asks:
// the charge is collected once. The call names the process and the practice.
// Faults: "attempt_not_found", "amount_differs" and those of RecordCollection.
func (c Config) PaymentNotified(ctx context.Context, call commands.Call, n PaymentNotification) (commands.Receipt, error) {
	t, ok := takeOf(n.Key)
	if !ok {
		return commands.Receipt{}, errNoAttempt
	}
	attempt, _, err := c.attempt(ctx, call.Group, t)
	if err != nil {
		return commands.Receipt{}, err
	}
	if n.Amount != attempt.Amount {
		return commands.Receipt{}, errAmountDiffers
	}
	if n.IsPending {
		return commands.Receipt{}, nil
	}
	return commands.RecordCollection.Give(ctx, c.Engine, call, outcomeOf(attempt, n.Payment))
}

// RefundNotified is PaymentNotified for a refund, whose key is that of Refund.Key. Faults:
// "refund_not_found", "amount_differs" and those of RecordRefund.
func (c Config) RefundNotified(ctx context.Context, call commands.Call, n PaymentNotification) (commands.Receipt, error) {
	refund, ok := refundOf(n.Key)
	if !ok {
		return commands.Receipt{}, errNoRefund
	}
	due, err := c.refund(ctx, call.Group, refund)
	if err != nil {
		return commands.Receipt{}, err
	}
	if n.Amount != due.Amount {
		return commands.Receipt{}, errAmountDiffers
	}
	if n.IsPending {
		return commands.Receipt{}, nil
	}
	return commands.RecordRefund.Give(ctx, c.Engine, call, group.RecordRefund{Refund: refund, Refunded: n.Moved, Reason: n.Reason})
}

func outcomeOf(a Attempt, p Payment) group.RecordCollection {
	return group.RecordCollection{Charge: a.Charge, Attempt: a.Number, Collected: p.Moved, Reason: p.Reason, Mode: p.Mode}
}
