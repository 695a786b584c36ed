package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// ClaimSuccession is the wish of the successor whom the owner named to take the
// practice over (AMB-1). It needs no permission, so that nobody can be denied it,
// and no permission suffices for it (AMB-11). Fault: "step_up_auth_required".
func (e *Engine) ClaimSuccession(ctx context.Context, call Call) (Receipt, error) {
	return execute(ctx, e, call, steppedUp(e.answering(call, "group.claim_succession", group.ClaimSuccession{}, func(m id.Member) groupCommand { return group.ClaimSuccession{By: m} })))
}

// RejectSuccession is the owner's no to a claim. Fault: "step_up_auth_required".
func (e *Engine) RejectSuccession(ctx context.Context, call Call) (Receipt, error) {
	return e.owning(ctx, call, "group.reject_succession", group.RejectSuccession{}, func(m id.Member) groupCommand { return group.RejectSuccession{By: m} })
}

// WithdrawSuccession takes the caller's claim back.
func (e *Engine) WithdrawSuccession(ctx context.Context, call Call) (Receipt, error) {
	return execute(ctx, e, call, e.answering(call, "group.withdraw_succession", group.WithdrawSuccession{}, func(m id.Member) groupCommand { return group.WithdrawSuccession{By: m} }))
}

// CompleteSuccession makes the successor the owner once the time of their claim is
// over. It is for the process that watches the clock; a person is never allowed it,
// the owner included. Fault: "process_only".
func (e *Engine) CompleteSuccession(ctx context.Context, call Call) (Receipt, error) {
	u := e.groupCase(call, "group.complete_succession", access.OwnershipTransfer, group.CompleteSuccession{})
	u.facts = func(_ group.State, actor access.Subject) error {
		if actor.Kind != access.KindSystem {
			return errProcessOnly
		}
		return nil
	}
	return execute(ctx, e, call, u)
}
