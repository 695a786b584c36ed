package processes

import (
	"context"

	"praxis/commands"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/money"
)

// Word is what the payment processor says by itself about an attempt or a refund.
type Word struct {
	// Key is that of the attempt or of the refund.
	Key string
	// Amount is what was asked for, as the processor has it.
	Amount money.Money
	Payment
}

var errAmountDiffers = fault.New(fault.Rejected, "amount_differs", "The payment processor speaks of another amount than was asked for. Compare both there.")

// Told records what the payment processor says by itself, usually before the
// process asks. It can come late, twice, out of order and while the process asks:
// the charge is collected once. The call names the process and the practice.
// Faults: "attempt_not_found", "amount_differs" and those of RecordCollection.
func (c Config) Told(ctx context.Context, call commands.Call, w Word) (commands.Receipt, error) {
	t, ok := takeOf(w.Key)
	if !ok {
		return commands.Receipt{}, errNoAttempt
	}
	attempt, _, err := c.attempt(ctx, call.Group, t)
	if err != nil {
		return commands.Receipt{}, err
	}
	if w.Amount != attempt.Amount {
		return commands.Receipt{}, errAmountDiffers
	}
	if w.IsPending {
		return commands.Receipt{}, nil
	}
	return c.Engine.RecordCollection(ctx, call, outcomeOf(attempt, w.Payment))
}

// ToldOfRefund is Told for a refund, whose key is that of Refund.Key. Faults:
// "refund_not_found", "amount_differs" and those of RecordRefund.
func (c Config) ToldOfRefund(ctx context.Context, call commands.Call, w Word) (commands.Receipt, error) {
	refund, ok := refundOf(w.Key)
	if !ok {
		return commands.Receipt{}, errNoRefund
	}
	due, err := c.refund(ctx, call.Group, refund)
	if err != nil {
		return commands.Receipt{}, err
	}
	if w.Amount != due.Amount {
		return commands.Receipt{}, errAmountDiffers
	}
	if w.IsPending {
		return commands.Receipt{}, nil
	}
	return c.Engine.RecordRefund(ctx, call, group.RecordRefund{Refund: refund, Refunded: w.Moved, Reason: w.Reason})
}

func outcomeOf(a Attempt, p Payment) group.RecordCollection {
	return group.RecordCollection{Charge: a.Charge, Attempt: a.Number, Collected: p.Moved, Reason: p.Reason, Mode: p.Mode}
}
