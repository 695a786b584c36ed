package processes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
)

// Refund is money of an attempt that must go back.
type Refund struct {
	ID id.Refund
	// Of is the attempt that brought the money, which began at Began.
	Of     Attempt
	Began  time.Time
	Amount money.Money
}

// refundKey begins the keys of refunds, which no attempt's key does.
const refundKey = "refund/"

// Key is the idempotency key of the refund.
func (r Refund) Key() string { return refundKey + r.ID.String() }

// refundOf reads a key of Refund.Key.
func refundOf(key string) (id.Refund, bool) {
	raw, ok := strings.CutPrefix(key, refundKey)
	refund, err := id.Parse[id.Refund](raw)
	return refund, ok && err == nil
}

// giveBack asks the payment processor to give money back.
type giveBack struct{ Refund id.Refund }

// backKey begins the keys of the timers of refunds that are not decided yet.
const backKey = "back:"

func returning(g id.Group, r id.Refund, now time.Time) []process.Effect {
	return []process.Effect{
		process.Send{Group: g, Command: giveBack{r}},
		process.SetTimer{Group: g, Key: backKey + r.String(), Due: now.Add(askAgain)},
	}
}

// giveBack asks the processor, and records what it says once it knows. What it will
// never do is a refund that failed.
func (c Config) giveBack(ctx context.Context, call commands.Call, g giveBack) error {
	refund, err := c.refund(ctx, call.Group, g.Refund)
	if err != nil {
		return err
	}
	payment, err := c.Processor.GiveBack(ctx, refund)
	if refused(err) {
		payment, err = Payment{Reason: fault.From(err).Code}, nil
	}
	if err != nil || payment.IsPending {
		return err
	}
	_, err = commands.RecordRefund.Give(ctx, c.Engine, call, group.RecordRefund{Refund: refund.ID, Refunded: payment.Moved, Reason: payment.Reason})
	return err
}

var errNoRefund = fault.New(fault.NotFound, "refund_not_found", "The subscription has no such refund.")

// refund reads from the log what must go back, and of which attempt.
func (c Config) refund(ctx context.Context, g id.Group, wanted id.Refund) (Refund, error) {
	for rec, err := range c.Log.ReadStream(ctx, group.Stream(g), 0) {
		if err != nil {
			return Refund{}, fmt.Errorf("look for the refund: %w", err)
		}
		env, err := c.Registry.Decode(rec)
		if err != nil {
			return Refund{}, err
		}
		if e, ok := env.Event.(group.RefundDue); ok && e.Refund == wanted {
			attempt, began, err := c.attempt(ctx, g, take{e.Charge, e.Attempt})
			return Refund{ID: wanted, Of: attempt, Began: began, Amount: e.Amount}, err
		}
	}
	return Refund{}, errNoRefund
}
