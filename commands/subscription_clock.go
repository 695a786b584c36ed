package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/pricing"
)

// errProcessOnly refuses people what only the clock and the payment processor may say.
var errProcessOnly = fault.New(fault.Forbidden, "process_only", "This is done by Praxis' own processes only.")

// clocked makes a use case that only Praxis' own processes carry out.
func (e *Engine) clocked(call Call, name string, c groupCommand) useCase[group.State, group.Event] {
	u := e.licenceCase(call, name, access.SubscriptionManage, c)
	u.facts = func(_ group.State, actor access.Subject) error {
		if actor.Kind != access.KindSystem {
			return errProcessOnly
		}
		return nil
	}
	return u
}

// ExpireTrial ends the trial when its end is reached, and charges the first period.
func (e *Engine) ExpireTrial(ctx context.Context, call Call, c group.ExpireTrial) (Receipt, error) {
	u := e.clocked(call, "group.expire_trial", c)
	return execute(ctx, e, call, e.priced(call, u, func(b pricing.Book) groupCommand { c.Book = b; return c }))
}

// RollBillingPeriod starts the next period once the present one is over, and
// charges it. After a long silence it is given once per period missed, each time
// with a command id of its own.
func (e *Engine) RollBillingPeriod(ctx context.Context, call Call, c group.RollBillingPeriod) (Receipt, error) {
	u := e.clocked(call, "group.roll_billing_period", c)
	return execute(ctx, e, call, e.priced(call, u, func(b pricing.Book) groupCommand { c.Book = b; return c }))
}

// WatchTraineeProofs warns before proofs of training end, and says when they have.
func (e *Engine) WatchTraineeProofs(ctx context.Context, call Call, c group.WatchTraineeProofs) (Receipt, error) {
	return execute(ctx, e, call, e.clocked(call, "group.watch_trainee_proofs", c))
}

// StartCollection closes a charge and fixes what the payment processor is asked
// for. A process gives it when a charge is due; whoever may buy licences gives it
// to use them at once.
func (e *Engine) StartCollection(ctx context.Context, call Call, c group.StartCollection) (Receipt, error) {
	return execute(ctx, e, call, e.licenceCase(call, "group.start_collection", access.LicencePurchase, c))
}

// RecordCollection says how an attempt ended, as the payment processor reports it.
func (e *Engine) RecordCollection(ctx context.Context, call Call, c group.RecordCollection) (Receipt, error) {
	u := afterClosing(e.clocked(call, "group.record_collection", c))
	return execute(ctx, e, call, e.priced(call, u, func(b pricing.Book) groupCommand { c.Book = b; return c }))
}

// RecordRefund says what became of money that must go back, as the payment
// processor reports it.
func (e *Engine) RecordRefund(ctx context.Context, call Call, c group.RecordRefund) (Receipt, error) {
	return execute(ctx, e, call, afterClosing(e.clocked(call, "group.record_refund", c)))
}

// CancelUnpaid undoes one purchase that stayed unpaid; the clock comes again for
// the next.
func (e *Engine) CancelUnpaid(ctx context.Context, call Call, c group.CancelUnpaid) (Receipt, error) {
	return execute(ctx, e, call, e.clocked(call, "group.cancel_unpaid", c))
}
