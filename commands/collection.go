package commands

import (
	"cmp"
	"context"

	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// CollectDue starts the collection of every charge whose day is over and of
// every charge for a period, as of now; with unpaid also of those that failed
// with another payment method than the present one: nothing else has changed that
// could make them succeed, and the process may receive a change again that is
// long past. Each has a command id of its own that follows from the call's. It is
// for the process that keeps the subscription's clock. Faults: those of
// StartCollection, "process_only".
func (e *Engine) CollectDue(ctx context.Context, call Call, unpaid bool) error {
	if call.Process == "" {
		return errProcessOnly
	}
	due, err := e.chargesDue(ctx, call.Group, unpaid)
	for _, c := range due {
		if _, err := StartCollection.Give(ctx, e, call.step(c.String()), group.StartCollection{Charge: c}); err != nil {
			return err
		}
	}
	return err
}

func (e *Engine) chargesDue(ctx context.Context, g id.Group, unpaid bool) (due []id.SeatCharge, err error) {
	var undecided error
	err = e.groups.view(ctx, group.Stream(g), func(s group.State, _ es.Revision) {
		if !s.Exists() {
			return
		}
		var charges []group.Charge
		charges, undecided = s.ChargesDue(e.Clock())
		for _, c := range charges {
			due = append(due, c.ID)
		}
		for _, c := range s.Charges() {
			if method, _ := s.PaymentMethod(); unpaid && c.Status == group.ChargeUnpaid && c.Method != method {
				due = append(due, c.ID)
			}
		}
	})
	return due, cmp.Or(err, undecided)
}
