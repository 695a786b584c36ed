package processes

import (
	"context"
	"fmt"
	"strconv"
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

// Attempt is one attempt at collecting a charge.
type Attempt struct {
	Group  id.Group
	Charge id.SeatCharge
	// Number counts the attempts at the charge from 1.
	Number int
	Amount money.Money
	// Method is the processor's reference of the payment method.
	Method string
}

// Key is the idempotency key of the attempt.
func (a Attempt) Key() string { return a.Charge.String() + "/" + strconv.Itoa(a.Number) }

// takeOf reads a key of Attempt.Key.
func takeOf(key string) (take, bool) {
	rawCharge, rawNumber, _ := strings.Cut(key, "/")
	charge, err := id.Parse[id.SeatCharge](rawCharge)
	if err != nil {
		return take{}, false
	}
	number, err := strconv.Atoi(rawNumber)
	return take{charge, number}, err == nil && number > 0
}

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
	// Collect takes the money of an attempt that began at an instant, or finds out
	// its outcome: it may be asked any number of times, also long after.
	Collect(ctx context.Context, a Attempt, began time.Time) (Payment, error)
	// GiveBack gives money of an attempt back, or finds out the outcome of that: it
	// may be asked any number of times, also long after.
	GiveBack(ctx context.Context, r Refund) (Payment, error)
}

// take asks the payment processor for the money of an attempt.
type take struct {
	Charge id.SeatCharge
	Number int
}

// askKey begins the keys of the timers of attempts that are not decided yet.
const askKey = "ask:"

// askAgain is how long an attempt rests about which the processor does not know
// yet; its own message usually comes before.
const askAgain = time.Hour

// CollectionName is the name of the process that moves money; what the payment
// processor says by itself is recorded under it too.
const CollectionName = "collection"

// Collection takes the money of every collection that was started, gives back what
// must go back, and records the outcome. A processor that is away holds up nothing but
// this.
func Collection(c Config) process.Process {
	return process.Process{
		Name: CollectionName, Categories: []es.Category{group.Category},
		OnEvent: reactToCollection, OnTimer: fireCollection,
		Dispatch: func(ctx context.Context, call commands.Call, command any) error {
			switch do := command.(type) {
			case take:
				return c.take(ctx, call, do)
			case giveBack:
				return c.giveBack(ctx, call, do)
			default:
				return errForeign
			}
		},
	}
}

func reactToCollection(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	known := func(c id.SeatCharge, number int) process.Effect {
		return process.ClearTimer{Group: g, Key: take{c, number}.timer()}
	}
	switch e := env.Event.(type) {
	case group.CollectionStarted:
		return taking(g, take{e.Charge, e.Attempt}, env.RecordedAt), nil
	case group.ChargeCollected:
		return []process.Effect{known(e.Charge, e.Attempt)}, nil
	case group.ChargeFailed:
		return []process.Effect{known(e.Charge, e.Attempt)}, nil
	case group.OvertakenAttemptFailed:
		return []process.Effect{known(e.Charge, e.Attempt)}, nil
	case group.RefundDue:
		return append(returning(g, e.Refund, env.RecordedAt), known(e.Charge, e.Attempt)), nil
	case group.ChargeRefunded:
		return []process.Effect{process.ClearTimer{Group: g, Key: backKey + e.Refund.String()}}, nil
	case group.RefundFailed:
		return []process.Effect{process.ClearTimer{Group: g, Key: backKey + e.Refund.String()}}, nil
	}
	return nil, nil
}

// timer is the key of the timer by which the processor is asked again.
func (t take) timer() string { return askKey + t.Charge.String() + "/" + strconv.Itoa(t.Number) }

func taking(g id.Group, t take, now time.Time) []process.Effect {
	return []process.Effect{
		process.Send{Group: g, Command: t},
		process.SetTimer{Group: g, Key: t.timer(), Due: now.Add(askAgain)},
	}
}

func fireCollection(t process.Timer) ([]process.Effect, error) {
	if raw, ok := strings.CutPrefix(t.Key, backKey); ok {
		refund, err := id.Parse[id.Refund](raw)
		return returning(t.Group, refund, t.FiredAt), err
	}
	asked, ok := takeOf(strings.TrimPrefix(t.Key, askKey))
	if !ok {
		return nil, fmt.Errorf("timer %s: %w", t.Key, errNoAttempt)
	}
	return taking(t.Group, asked, t.FiredAt), nil
}

// take asks the processor, and records what it says once it knows.
func (c Config) take(ctx context.Context, call commands.Call, t take) error {
	attempt, began, err := c.attempt(ctx, call.Group, t)
	if err != nil {
		return err
	}
	payment, err := c.Processor.Collect(ctx, attempt, began)
	if err != nil || payment.IsPending {
		return err
	}
	_, err = commands.RecordCollection.Give(ctx, c.Engine, call, outcomeOf(attempt, payment))
	return err
}

var errNoAttempt = fault.New(fault.NotFound, "attempt_not_found", "No collection of this charge was started.")

// attempt reads from the log what the processor was or is to be asked for. It is
// not in the state: another payment method there does not change an attempt.
func (c Config) attempt(ctx context.Context, g id.Group, t take) (a Attempt, began time.Time, err error) {
	for rec, err := range c.Log.ReadStream(ctx, group.Stream(g), 0) {
		if err != nil {
			return a, began, fmt.Errorf("look for the attempt: %w", err)
		}
		env, err := c.Registry.Decode(rec)
		if err != nil {
			return a, began, err
		}
		e, ok := env.Event.(group.CollectionStarted)
		if ok && e.Charge == t.Charge && e.Attempt == t.Number {
			a, began = Attempt{g, e.Charge, e.Attempt, e.Amount, e.Method}, rec.RecordedAt
		}
	}
	if a.Number == 0 {
		return a, began, errNoAttempt
	}
	return a, began, nil
}
