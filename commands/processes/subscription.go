package processes

import (
	"context"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// The kinds of the timers of the subscription: the end of the trial; the next
// local midnight, with the zone, because days are counted in it; and the next
// attempt at a charge.
const (
	trialTimer = "trial"
	dayTimer   = "day"
	retryTimer = "retry"
)

// A charge that failed is tried again every second day, four times in all: the
// last attempt comes the day before an unpaid purchase is cancelled (BIL-A11).
// After that, a charge for a period waits for another payment method.
const (
	retryAfter = 48 * time.Hour
	attempts   = 4
)

// Subscription keeps the clock of practices' subscriptions: it ends trials,
// starts and charges periods, watches proofs of training, has charges collected
// and tried again, and cancels what stays unpaid (BIL-A11). It follows the log
// from its beginning; commands that come late do nothing.
func Subscription(c Config) process.Process {
	roll := untilDone(c.Engine, commands.RollBillingPeriod, group.RollBillingPeriod{})
	return process.Process{
		Name: "subscription", Categories: []es.Category{group.Category},
		OnEvent: c.reactToSubscription,
		OnTimer: timers{
			trialTimer: func(t process.Timer, _ string) ([]process.Effect, error) {
				return []process.Effect{
					process.Send{Group: t.Group, Command: "group.ExpireTrial", Give: once(c.Engine, commands.ExpireTrial, group.ExpireTrial{})},
					process.Send{Group: t.Group, Command: "processes.rollPeriods", Give: roll},
				}, nil
			},
			dayTimer: func(t process.Timer, zone string) ([]process.Effect, error) {
				midnight, err := nextMidnight(civil.Zone(zone), t.FiredAt)
				return []process.Effect{
					process.Send{Group: t.Group, Command: "processes.rollPeriods", Give: roll},
					process.Send{Group: t.Group, Command: "processes.watchProofs", Give: untilDone(c.Engine, commands.WatchTraineeProofs, group.WatchTraineeProofs{})},
					process.Send{Group: t.Group, Command: "processes.cancelUnpaid", Give: untilDone(c.Engine, commands.CancelUnpaid, group.CancelUnpaid{})},
					c.collect(t.Group, false),
					process.SetTimer{Group: t.Group, Key: t.Key, Due: midnight},
				}, err
			},
			retryTimer: about(func(t process.Timer, charge id.SeatCharge) []process.Effect {
				start := once(c.Engine, commands.StartCollection, group.StartCollection{Charge: charge})
				return []process.Effect{process.Send{Group: t.Group, Command: "group.StartCollection", Give: start}}
			}),
		}.fire,
	}
}

// collect starts collecting what is due; with unpaid also what failed before.
func (c Config) collect(g id.Group, unpaid bool) process.Effect {
	return process.Send{Group: g, Command: "processes.collect", Give: func(ctx context.Context, call commands.Call) error {
		return c.Engine.CollectDue(ctx, call, unpaid)
	}}
}

func (c Config) reactToSubscription(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	var settled id.SeatCharge
	switch e := env.Event.(type) {
	case group.SubscriptionStarted:
		midnight, err := nextMidnight(e.Zone, env.RecordedAt)
		return []process.Effect{process.SetTimer{Group: g, Key: dayTimer + ":" + string(e.Zone), Due: midnight}}, err
	case group.GroupClosed:
		return cancelTimers(g), nil
	case group.TrialStarted:
		return []process.Effect{process.SetTimer{Group: g, Key: trialTimer, Due: notBefore(e.EndsAt)}}, nil
	case group.SubscriptionCharged:
		return []process.Effect{c.collect(g, false)}, nil
	case group.PaymentMethodReplaced:
		return []process.Effect{c.collect(g, true)}, nil
	case group.ChargeFailed:
		if e.Attempt < attempts {
			return []process.Effect{process.SetTimer{Group: g, Key: key(retryTimer, e.Charge), Due: env.RecordedAt.Add(retryAfter)}}, nil
		}
	case group.CollectionStarted:
		settled = e.Charge
	case group.ChargeCancelled:
		settled = e.Charge
	case group.ChargeCollected:
		settled = e.Charge
	}
	if settled.IsZero() {
		return nil, nil
	}
	return []process.Effect{process.ClearTimer{Group: g, Key: key(retryTimer, settled)}}, nil
}

// nextMidnight is the first instant of the local day after that of t.
func nextMidnight(zone civil.Zone, t time.Time) (time.Time, error) {
	location, err := zone.Load()
	if err != nil {
		return time.Time{}, fault.New(fault.Internal, "zone_data_missing", "The zone of a subscription is not known on this machine. Install current time zone data.").Because(err)
	}
	return civil.At(civil.In(t, location).Add(1), 0, location), nil
}
