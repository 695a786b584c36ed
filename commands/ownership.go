package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// OfferOwnership is an offer that holds for a number of days from when it is decided.
type OfferOwnership struct {
	group.OfferOwnership
	// ValidDays counts days of 24 hours.
	ValidDays int `json:"validDays"`
}

// Decide sets the expiry by the clock of the decision, so that a retry with the
// same command id asks for the same thing.
func (c OfferOwnership) Decide(s group.State, now time.Time) ([]group.Event, error) {
	c.ExpiresAt = now.Add(time.Duration(c.ValidDays) * 24 * time.Hour)
	return c.OfferOwnership.Decide(s, now)
}

// OfferOwnership offers the practice to a member (AMB-1). The permission is the
// owner's and can never be given to anybody (AMB-11). Fault: "step_up_auth_required".
func (e *Engine) OfferOwnership(ctx context.Context, call Call, c OfferOwnership) (Receipt, error) {
	return e.owning(ctx, call, "group.offer_ownership", c, func(m id.Member) groupCommand { c.By = m; return c })
}

// AcceptOwnership makes the caller the owner, if they were offered the practice.
// Fault: "step_up_auth_required".
func (e *Engine) AcceptOwnership(ctx context.Context, call Call) (Receipt, error) {
	return execute(ctx, e, call, steppedUp(e.answering(call, "group.accept_ownership", group.AcceptOwnership{}, func(m id.Member) groupCommand { return group.AcceptOwnership{By: m} })))
}

// CancelOwnershipOffer takes an offer back, or declines it.
func (e *Engine) CancelOwnershipOffer(ctx context.Context, call Call) (Receipt, error) {
	return execute(ctx, e, call, e.answering(call, "group.cancel_ownership_offer", group.CancelOwnershipOffer{}, func(m id.Member) groupCommand { return group.CancelOwnershipOffer{By: m} }))
}

// answering is the use case of what depends on something that was given to the
// caller and on no permission: nobody can be denied to say yes or no.
func (e *Engine) answering(call Call, name string, c groupCommand, with func(id.Member) groupCommand) useCase[group.State, group.Event] {
	u := by(e.groupCase(call, name, access.InvitationAnswer, c), with)
	acting := u.facts
	u.facts = func(g group.State, actor access.Subject) error {
		if actor.Kind != access.KindMember {
			return errUnknownGroup
		}
		return acting(g, actor)
	}
	return u
}

// owning carries out what only the owner may and what needs a fresh sign-in.
func (e *Engine) owning(ctx context.Context, call Call, name string, c groupCommand, with func(id.Member) groupCommand) (Receipt, error) {
	return execute(ctx, e, call, steppedUp(by(e.groupCase(call, name, access.OwnershipTransfer, c), with)))
}

// NameSuccessor says who is to follow the owner one day. Fault:
// "step_up_auth_required".
func (e *Engine) NameSuccessor(ctx context.Context, call Call, c group.NameSuccessor) (Receipt, error) {
	return e.owning(ctx, call, "group.name_successor", c, func(m id.Member) groupCommand { c.By = m; return c })
}

// ClearSuccessor leaves the practice without a named successor. Fault:
// "step_up_auth_required".
func (e *Engine) ClearSuccessor(ctx context.Context, call Call) (Receipt, error) {
	return e.owning(ctx, call, "group.clear_successor", group.ClearSuccessor{}, func(m id.Member) groupCommand { return group.ClearSuccessor{By: m} })
}
