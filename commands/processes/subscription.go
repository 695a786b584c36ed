package processes

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// The keys of the timers of the subscription: the end of the trial; the next
// local midnight, with the zone, because days are counted in it; and the next
// attempt at a charge.
const (
	trialKey = "trial"
	dayKey   = "day:"
	retryKey = "retry:"
)

// A charge that failed is tried again every second day, four times in all: the
// last attempt comes the day before an unpaid purchase is cancelled (BIL-A11).
// After that, a charge for a period waits for another payment method.
const (
	retryAfter = 48 * time.Hour
	attempts   = 4
)

// The commands of the subscription that are more than one use case's.
type (
	// rollPeriods starts every period that is due.
	rollPeriods struct{}
	// watchProofs warns of the end of every proof of training.
	watchProofs struct{}
	// cancelUnpaid undoes every purchase that stayed unpaid.
	cancelUnpaid struct{}
	// collect starts collecting what is due; Unpaid also what failed before.
	collect struct{ Unpaid bool }
)

// Subscription keeps the clock of practices' subscriptions: it ends trials,
// starts and charges periods, watches proofs of training, has charges collected
// and tried again, and cancels what stays unpaid (BIL-A11). It follows the log
// from its beginning; commands that come late do nothing.
func Subscription(e *commands.Engine) process.Process {
	return process.Process{
		Name: "subscription", Categories: []es.Category{group.Category},
		OnEvent: reactToSubscription, OnTimer: fireSubscription,
		Dispatch: func(ctx context.Context, call commands.Call, command any) error {
			switch c := command.(type) {
			case group.ExpireTrial:
				_, err := commands.ExpireTrial.Give(ctx, e, call, c)
				return err
			case rollPeriods:
				return repeat(call, func(call commands.Call) (commands.Receipt, error) {
					return commands.RollBillingPeriod.Give(ctx, e, call, group.RollBillingPeriod{})
				})
			case watchProofs:
				return repeat(call, func(call commands.Call) (commands.Receipt, error) {
					return commands.WatchTraineeProofs.Give(ctx, e, call, group.WatchTraineeProofs{})
				})
			case cancelUnpaid:
				return repeat(call, func(call commands.Call) (commands.Receipt, error) {
					return commands.CancelUnpaid.Give(ctx, e, call, group.CancelUnpaid{})
				})
			case collect:
				return e.CollectDue(ctx, call, c.Unpaid)
			case group.StartCollection:
				_, err := commands.StartCollection.Give(ctx, e, call, c)
				return err
			default:
				return errForeign
			}
		},
	}
}

// repeat gives a command until it changes nothing more, each time with an id of
// its own; one that was carried out before a crash counts as a change.
func repeat(call commands.Call, give func(commands.Call) (commands.Receipt, error)) error {
	for n := 0; ; n++ {
		receipt, err := give(part(call, strconv.Itoa(n)))
		if err != nil || !receipt.Replayed && len(receipt.Events) == 0 {
			return err
		}
	}
}

func reactToSubscription(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	send := func(command any) []process.Effect { return []process.Effect{process.Send{Group: g, Command: command}} }
	switch e := env.Event.(type) {
	case group.SubscriptionStarted:
		midnight, err := nextMidnight(e.Zone, env.RecordedAt)
		return []process.Effect{process.SetTimer{Group: g, Key: dayKey + string(e.Zone), Due: midnight}}, err
	case group.GroupClosed:
		return cancelTimers(g), nil
	case group.TrialStarted:
		return []process.Effect{process.SetTimer{Group: g, Key: trialKey, Due: notBefore(e.EndsAt)}}, nil
	case group.SubscriptionCharged:
		return send(collect{}), nil
	case group.PaymentMethodReplaced:
		return send(collect{Unpaid: true}), nil
	case group.ChargeFailed:
		if e.Attempt < attempts {
			return []process.Effect{process.SetTimer{Group: g, Key: retryKey + e.Charge.String(), Due: env.RecordedAt.Add(retryAfter)}}, nil
		}
	case group.CollectionStarted:
		return []process.Effect{process.ClearTimer{Group: g, Key: retryKey + e.Charge.String()}}, nil
	case group.ChargeCancelled:
		return []process.Effect{process.ClearTimer{Group: g, Key: retryKey + e.Charge.String()}}, nil
	case group.ChargeCollected:
		return []process.Effect{process.ClearTimer{Group: g, Key: retryKey + e.Charge.String()}}, nil
	}
	return nil, nil
}

func fireSubscription(t process.Timer) ([]process.Effect, error) {
	send := func(command any) process.Effect { return process.Send{Group: t.Group, Command: command} }
	if t.Key == trialKey {
		return []process.Effect{send(group.ExpireTrial{}), send(rollPeriods{})}, nil
	}
	if zone, ok := strings.CutPrefix(t.Key, dayKey); ok {
		midnight, err := nextMidnight(civil.Zone(zone), t.FiredAt)
		return []process.Effect{
			send(rollPeriods{}), send(watchProofs{}), send(cancelUnpaid{}), send(collect{}),
			process.SetTimer{Group: t.Group, Key: t.Key, Due: midnight},
		}, err
	}
	charge, err := id.Parse[id.SeatCharge](strings.TrimPrefix(t.Key, retryKey))
	if err != nil {
		return nil, fmt.Errorf("timer %s: %w", t.Key, err)
	}
	return []process.Effect{send(group.StartCollection{Charge: charge})}, nil
}

// nextMidnight is the first instant of the local day after that of t.
func nextMidnight(zone civil.Zone, t time.Time) (time.Time, error) {
	location, err := zone.Load()
	if err != nil {
		return time.Time{}, fault.New(fault.Internal, "zone_data_missing", "The zone of a subscription is not known on this machine. Install current time zone data.").Because(err)
	}
	return civil.At(civil.In(t, location).Add(1), 0, location), nil
}
