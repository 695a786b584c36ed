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
func (c OfferOwnership) Decide(s group.State, actor id.Member, now time.Time) ([]group.Event, error) {
	c.ExpiresAt = now.Add(time.Duration(c.ValidDays) * 24 * time.Hour)
	return c.OfferOwnership.Decide(s, actor, now)
}

var offerOwnership = declare(groupSpec[OfferOwnership, id.Member]{
	On: onGroup, Name: "group.offer_ownership", Operation: "offerOwnership", Needs: access.OwnershipTransfer, FreshSignIn: true,
	Facts: acting[OfferOwnership], Decide: OfferOwnership.Decide,
})

// OfferOwnership offers the practice to a member (AMB-1). The permission is the
// owner's and can never be given to anybody (AMB-11). Fault: "step_up_auth_required".
func (e *Engine) OfferOwnership(ctx context.Context, call Call, c OfferOwnership) (Receipt, error) {
	return offerOwnership.do(ctx, e, call, call.Group, c)
}

// What was given to the caller depends on no permission: a member cannot be denied
// to say yes or no.
var acceptOwnership = declare(groupSpec[group.AcceptOwnership, id.Member]{
	On: onGroup, Name: "group.accept_ownership", Operation: "acceptOwnership", Needs: access.InvitationAnswer, Actors: MembersOnly, FreshSignIn: true,
	Facts: acting[group.AcceptOwnership], Decide: group.AcceptOwnership.Decide,
})

// AcceptOwnership makes the caller the owner, if they were offered the practice.
// Fault: "step_up_auth_required".
func (e *Engine) AcceptOwnership(ctx context.Context, call Call) (Receipt, error) {
	return acceptOwnership.do(ctx, e, call, call.Group, group.AcceptOwnership{})
}

var cancelOwnershipOffer = declare(groupSpec[group.CancelOwnershipOffer, id.Member]{
	On: onGroup, Name: "group.cancel_ownership_offer", Operation: "cancelOwnershipOffer", Needs: access.InvitationAnswer, Actors: MembersOnly,
	Facts: acting[group.CancelOwnershipOffer], Decide: group.CancelOwnershipOffer.Decide,
})

// CancelOwnershipOffer takes an offer back, or declines it.
func (e *Engine) CancelOwnershipOffer(ctx context.Context, call Call) (Receipt, error) {
	return cancelOwnershipOffer.do(ctx, e, call, call.Group, group.CancelOwnershipOffer{})
}

var nameSuccessor = declare(groupSpec[group.NameSuccessor, id.Member]{
	On: onGroup, Name: "group.name_successor", Operation: "nameSuccessor", Needs: access.OwnershipTransfer, FreshSignIn: true,
	Facts: acting[group.NameSuccessor], Decide: group.NameSuccessor.Decide,
})

// NameSuccessor says who is to follow the owner one day. Fault:
// "step_up_auth_required".
func (e *Engine) NameSuccessor(ctx context.Context, call Call, c group.NameSuccessor) (Receipt, error) {
	return nameSuccessor.do(ctx, e, call, call.Group, c)
}

var clearSuccessor = declare(groupSpec[group.ClearSuccessor, id.Member]{
	On: onGroup, Name: "group.clear_successor", Operation: "clearSuccessor", Needs: access.OwnershipTransfer, FreshSignIn: true,
	Facts: acting[group.ClearSuccessor], Decide: group.ClearSuccessor.Decide,
})

// ClearSuccessor leaves the practice without a named successor. Fault:
// "step_up_auth_required".
func (e *Engine) ClearSuccessor(ctx context.Context, call Call) (Receipt, error) {
	return clearSuccessor.do(ctx, e, call, call.Group, group.ClearSuccessor{})
}

var claimSuccession = declare(groupSpec[group.ClaimSuccession, id.Member]{
	On: onGroup, Name: "group.claim_succession", Operation: "claimSuccession", Needs: access.InvitationAnswer, Actors: MembersOnly, FreshSignIn: true,
	Facts: acting[group.ClaimSuccession], Decide: group.ClaimSuccession.Decide,
})

// ClaimSuccession is the wish of the successor whom the owner named to take the
// practice over (AMB-1). It needs no permission, so that the successor cannot be
// denied it, and no permission suffices for it (AMB-11). Fault:
// "step_up_auth_required".
func (e *Engine) ClaimSuccession(ctx context.Context, call Call) (Receipt, error) {
	return claimSuccession.do(ctx, e, call, call.Group, group.ClaimSuccession{})
}

var rejectSuccession = declare(groupSpec[group.RejectSuccession, id.Member]{
	On: onGroup, Name: "group.reject_succession", Operation: "rejectSuccession", Needs: access.OwnershipTransfer, FreshSignIn: true,
	Facts: acting[group.RejectSuccession], Decide: group.RejectSuccession.Decide,
})

// RejectSuccession is the owner's no to a claim. Fault: "step_up_auth_required".
func (e *Engine) RejectSuccession(ctx context.Context, call Call) (Receipt, error) {
	return rejectSuccession.do(ctx, e, call, call.Group, group.RejectSuccession{})
}

var withdrawSuccession = declare(groupSpec[group.WithdrawSuccession, id.Member]{
	On: onGroup, Name: "group.withdraw_succession", Operation: "withdrawSuccession", Needs: access.InvitationAnswer, Actors: MembersOnly,
	Facts: acting[group.WithdrawSuccession], Decide: group.WithdrawSuccession.Decide,
})

// WithdrawSuccession takes the caller's claim back.
func (e *Engine) WithdrawSuccession(ctx context.Context, call Call) (Receipt, error) {
	return withdrawSuccession.do(ctx, e, call, call.Group, group.WithdrawSuccession{})
}

var completeSuccession = declare(groupSpec[group.CompleteSuccession, None]{
	On: onGroup, Name: "group.complete_succession", Needs: access.OwnershipTransfer, Actors: ProcessesOnly,
	Decide: alone(group.CompleteSuccession.Decide),
})

// CompleteSuccession makes the successor the owner once the time of their claim is
// over. It is for the process that watches the clock; a person is never allowed it,
// the owner included. Fault: "process_only".
func (e *Engine) CompleteSuccession(ctx context.Context, call Call) (Receipt, error) {
	return completeSuccession.do(ctx, e, call, call.Group, group.CompleteSuccession{})
}
