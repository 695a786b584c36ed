// Package collecting lets the processes of Praxis take money through a card
// processor, and records what the processor says by itself. It stands between the port of commands/processes and that of
// adapters/cards, which know nothing of each other, and imports these two and
// the domain.
package collecting

import (
	"context"
	"time"

	"praxis/adapters/cards"
	"praxis/commands/processes"
	"praxis/domain/fault"
)

// Cards implements processes.Processor over a card processor.
type Cards struct{ Processor cards.Processor }

var _ processes.Processor = Cards{}

// slack is how far the processor's clock may be behind ours.
const slack = time.Hour

// Collect implements processes.Processor. Processors forget idempotency keys, so
// what was asked before is looked for before it is asked again. A payment method
// that the processor takes for none is a decline: another one has to be named.
func (c Cards) Collect(ctx context.Context, a processes.Attempt) (processes.Payment, error) {
	charge := chargeOf(a)
	r, known, err := c.Processor.Find(ctx, charge, a.Began.Add(-slack))
	if err == nil && !known {
		r, err = c.Processor.Charge(ctx, charge)
	}
	if err == nil && r.Outcome == cards.Pending {
		r, err = c.Processor.Lookup(ctx, r.Reference)
	}
	switch {
	case fault.KindOf(err) == fault.Invalid:
		return processes.Payment{Reason: fault.From(err).Code}, nil
	case err != nil:
		return processes.Payment{}, err
	}
	return paymentOf(r), nil
}

// GiveBack implements processes.Processor. The payment is found by the key of its
// attempt, and a refund that was asked for before is found before it is repeated.
func (c Cards) GiveBack(ctx context.Context, r processes.Refund) (processes.Payment, error) {
	paid, known, err := c.Processor.Find(ctx, chargeOf(r.Of), r.Of.Began.Add(-slack))
	if err != nil {
		return processes.Payment{}, err
	}
	if !known {
		return processes.Payment{}, cards.ErrNoPayment
	}
	back := cards.Refund{Key: r.Key(), Group: r.Of.Group, Payment: paid.Reference, Amount: r.Amount}
	done, known, err := c.Processor.FindRefund(ctx, back)
	if err == nil && !known {
		done, err = c.Processor.Refund(ctx, back)
	}
	if err == nil && done.Outcome == cards.Pending {
		done, err = c.Processor.LookupRefund(ctx, done.Reference)
	}
	return paymentOf(done), err
}

func chargeOf(a processes.Attempt) cards.Charge {
	return cards.Charge{Key: a.Key(), Group: a.Group, Amount: a.Amount, Method: a.Method}
}

func paymentOf(r cards.Result) processes.Payment {
	return processes.Payment{IsPending: r.Outcome == cards.Pending, Moved: r.Outcome == cards.Succeeded, Reason: r.Reason, Mode: string(r.Mode)}
}
