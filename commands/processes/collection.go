package processes

import (
	"context"
	"strconv"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
)

// Attempt is one attempt at collecting a charge.
type Attempt struct {
	Group  id.Group
	Charge id.SeatCharge
	// Number counts the attempts at the charge from 1.
	Number int
	Amount money.Money
	// Method is the processor's reference of the payment method.
	Method string
	// Began is when it began.
	Began time.Time
}

// Key is the idempotency key of the attempt.
func (a Attempt) Key() string { return attemptKey(a.Charge, a.Number) }

func attemptKey(c id.SeatCharge, number int) string { return c.String() + "/" + strconv.Itoa(number) }

// Payment is the outcome of an attempt or of a refund.
type Payment struct {
	// IsPending reports that the outcome is unknown; the rest is then empty.
	IsPending bool
	// Moved reports that the money moved: it was collected, or given back.
	Moved bool
	// Reason is the processor's stable code of a decline.
	Reason string
	// Mode says whether money really moves: "live", or "test" or "simulated".
	Mode string
}

// Processor is the payment processor as processes need it.
type Processor interface {
	// Collect takes the money of an attempt, or finds out its outcome: it may be asked
	// any number of times, also long after.
	Collect(ctx context.Context, a Attempt) (Payment, error)
	// GiveBack gives money of an attempt back, or finds out the outcome of that: it
	// may be asked any number of times, also long after.
	GiveBack(ctx context.Context, r Refund) (Payment, error)
}

// The kinds of the timers of attempts and of refunds that are not decided yet. The
// processor's own message usually comes before.
const (
	askTimer  = "ask"
	backTimer = "back"
)

// CollectionName is the name of the process that moves money; what the payment
// processor says by itself is recorded under it too.
const CollectionName = "collection"

// Collection takes the money of every collection that was started, gives back what
// must go back, and records the outcome. A processor that is away holds up nothing but
// this.
func Collection(c Config) process.Process {
	return process.Process{
		Name: CollectionName, Categories: []es.Category{group.Category},
		OnEvent: c.reactToCollection,
		OnTimer: timers{
			askTimer: func(t process.Timer, attempt string) ([]process.Effect, error) {
				return c.taking(t.Group, attempt, t.FiredAt), nil
			},
			backTimer: func(t process.Timer, refund string) ([]process.Effect, error) {
				return c.returning(t.Group, refund, t.FiredAt), nil
			},
		}.fire,
	}
}

func (c Config) reactToCollection(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	known := func(c id.SeatCharge, number int) process.Effect {
		return process.ClearTimer{Group: g, Key: askTimer + ":" + attemptKey(c, number)}
	}
	switch e := env.Event.(type) {
	case group.CollectionStarted:
		return c.taking(g, attemptKey(e.Charge, e.Attempt), env.RecordedAt), nil
	case group.ChargeCollected:
		return []process.Effect{known(e.Charge, e.Attempt)}, nil
	case group.ChargeFailed:
		return []process.Effect{known(e.Charge, e.Attempt)}, nil
	case group.OvertakenAttemptFailed:
		return []process.Effect{known(e.Charge, e.Attempt)}, nil
	case group.RefundDue:
		return append(c.returning(g, e.Refund.String(), env.RecordedAt), known(e.Charge, e.Attempt)), nil
	case group.ChargeRefunded:
		return []process.Effect{process.ClearTimer{Group: g, Key: key(backTimer, e.Refund)}}, nil
	case group.RefundFailed:
		return []process.Effect{process.ClearTimer{Group: g, Key: key(backTimer, e.Refund)}}, nil
	}
	return nil, nil
}

// taking asks the processor for the money of an attempt, and records what it says once
// it knows.
func (c Config) taking(g id.Group, attempt string, now time.Time) []process.Effect {
	take := func(ctx context.Context, call commands.Call) error {
		a, err := c.attempt(ctx, call.Group, attempt)
		if err != nil {
			return err
		}
		payment, err := c.Processor.Collect(ctx, a)
		if err != nil || payment.IsPending {
			return err
		}
		return outcome(c.recordCollection(ctx, call, a, payment))
	}
	return persistently(process.Send{Group: g, Command: "processes.take", Give: take}, askTimer+":"+attempt, now)
}

func (c Config) recordCollection(ctx context.Context, call commands.Call, a Attempt, p Payment) (commands.Receipt, error) {
	return commands.RecordCollection.Give(ctx, c.Engine, call, group.RecordCollection{
		Charge: a.Charge, Attempt: a.Number, Collected: p.Moved, Reason: p.Reason, Mode: p.Mode,
	})
}

var errNoAttempt = fault.New(fault.NotFound, "attempt_not_found", "No collection of this charge was started.")

// attempt reads from the log what the processor was or is to be asked for under a key.
// It is not in the state: another payment method there does not change an attempt.
func (c Config) attempt(ctx context.Context, g id.Group, key string) (a Attempt, err error) {
	err = c.each(ctx, g, "look for the attempt", func(env es.Envelope) {
		e, ok := env.Event.(group.CollectionStarted)
		if ok && attemptKey(e.Charge, e.Attempt) == key {
			a = Attempt{Group: g, Charge: e.Charge, Number: e.Attempt, Amount: e.Amount, Method: e.Method, Began: env.RecordedAt}
		}
	})
	if err == nil && a.Number == 0 {
		err = errNoAttempt
	}
	return a, err
}

// PaymentNotification is what the payment processor says by itself about an attempt or a refund.
type PaymentNotification struct {
	// Key is that of the attempt or of the refund.
	Key string
	// Amount is what was asked for, as the processor has it.
	Amount money.Money
	Payment
}

var errAmountDiffers = fault.New(fault.Rejected, "amount_differs", "The payment processor speaks of another amount than was asked for. Compare both there.")

// check refuses what speaks of another amount than was asked for, if that was found.
func (n PaymentNotification) check(asked money.Money, err error) error {
	if err == nil && n.Amount != asked {
		return errAmountDiffers
	}
	return err
}

// PaymentNotified records what the payment processor says by itself, usually before the
// process asks. It can come late, twice, out of order and while the process asks:
// the charge is collected once. The call names the process and the practice.
// Faults: "attempt_not_found", "amount_differs" and those of RecordCollection.
func (c Config) PaymentNotified(ctx context.Context, call commands.Call, n PaymentNotification) (commands.Receipt, error) {
	a, err := c.attempt(ctx, call.Group, n.Key)
	if err = n.check(a.Amount, err); err != nil || n.IsPending {
		return commands.Receipt{}, err
	}
	return c.recordCollection(ctx, call, a, n.Payment)
}
