package processes

import (
	"context"

	"praxis/commands"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/money"
)

// Word is what the payment processor says by itself about an attempt.
type Word struct {
	// Key is that of the attempt (Attempt.Key).
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

func outcomeOf(a Attempt, p Payment) group.RecordCollection {
	return group.RecordCollection{Charge: a.Charge, Attempt: a.Number, Collected: p.Collected, Reason: p.Reason}
}
