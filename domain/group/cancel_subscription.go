package group

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
)

// CancelSubscription lets the subscription end with the present period, or with
// the trial; until then everything stays and it can be kept. Rejections:
// "no_subscription", "period_due".
type CancelSubscription struct{}

// Decide schedules the end.
func (c CancelSubscription) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil || s.subscription.ending {
		return nil, err
	}
	next, _, err := s.nextPeriod()
	if err != nil {
		return nil, err
	}
	return []Event{SubscriptionCancellationScheduled{Effective: next.Start}}, nil
}

// KeepSubscription calls off a cancellation that was scheduled. Rejections:
// "no_subscription", "period_due".
type KeepSubscription struct{}

// Decide keeps the subscription.
func (c KeepSubscription) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil || !s.subscription.ending {
		return nil, err
	}
	next, _, err := s.nextPeriod()
	if err != nil {
		return nil, err
	}
	return []Event{SubscriptionKept{Effective: next.Start}}, nil
}

// ended returns the events by which a cancelled subscription ends on a day, with
// all licences. Purchases that nobody could use yet, because they are not paid, are
// undone; what was charged otherwise stays due.
func (s State) ended(on, today civil.Date) []Event {
	events := append([]Event{SubscriptionCancelled{On: on}}, s.unusable(today)...)
	var owned []id.Licence
	for _, l := range s.subscription.licences {
		if !l.Pending {
			owned = append(owned, l.ID)
		}
	}
	for chunk := range slices.Chunk(owned, linesPerEvent) {
		events = append(events, LicencesReleased{Licences: chunk, On: on})
	}
	return events
}

// unusable returns the events that undo purchases which nobody can use any more,
// because they are not paid. Money that comes for them goes back.
func (s State) unusable(today civil.Date) []Event {
	var events []Event
	for _, c := range s.subscription.charges {
		if c.Kind != ChargePurchase || c.Status == ChargePaid || c.Status == ChargeGivenUp {
			continue
		}
		if gone := s.pendingOn(c.ID); len(gone) > 0 {
			events = append(events, LicencePurchaseCancelled{Licences: gone, Charge: c.ID, On: today}, c.giveUp(today))
		}
	}
	return events
}

// pendingOn returns the licences that wait for the charge of their purchase.
func (s State) pendingOn(charge id.SeatCharge) []id.Licence {
	var pending []id.Licence
	for _, l := range s.subscription.licences {
		if l.Pending && l.Charge == charge {
			pending = append(pending, l.ID)
		}
	}
	return pending
}

// giveUp returns the event that cancels the charge.
func (c Charge) giveUp(today civil.Date) ChargeCancelled {
	e := ChargeCancelled{Charge: c.ID, On: today}
	if c.Awaiting {
		e.Awaited = c.Attempt
	}
	return e
}
