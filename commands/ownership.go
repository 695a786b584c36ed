package commands

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Offer is an offer of the ownership that holds for a number of days from when it is decided.
type Offer struct {
	group.OfferOwnership
	// ValidDays counts days of 24 hours.
	ValidDays int `json:"validDays"`
}

// Decide sets the expiry by the clock of the decision, so that a retry with the
// same command id asks for the same thing.
func (c Offer) Decide(s group.State, actor id.Member, now time.Time) ([]group.Event, error) {
	c.ExpiresAt = now.Add(time.Duration(c.ValidDays) * 24 * time.Hour)
	return c.OfferOwnership.Decide(s, actor, now)
}

// OfferOwnership offers the practice to a member (AMB-1). The permission is the
// owner's and can never be given to anybody (AMB-11). Fault: "step_up_auth_required".
var OfferOwnership = declare(groupSpec[Offer, id.Member]{
	On: onGroup, Name: "group.offer_ownership", Operation: "offerOwnership", Needs: access.OwnershipTransfer, FreshSignIn: true,
	Sample: Offer{OfferOwnership: group.OfferOwnership{To: sampleID[id.Member]("clinician")}, ValidDays: 14},
	Facts:  acting[Offer], Decide: Offer.Decide,
})

// AcceptOwnership makes the caller the owner, if they were offered the practice.
// Fault: "step_up_auth_required".
//
// What was given to the caller depends on no permission: a member cannot be denied
// to say yes or no.
var AcceptOwnership = declare(groupSpec[group.AcceptOwnership, id.Member]{
	On: onGroup, Name: "group.accept_ownership", Operation: "acceptOwnership", Needs: access.InvitationAnswer, Actors: MembersOnly, FreshSignIn: true,
	Facts: acting[group.AcceptOwnership], Decide: group.AcceptOwnership.Decide,
})

// CancelOwnershipOffer takes an offer back, or declines it.
var CancelOwnershipOffer = declare(groupSpec[group.CancelOwnershipOffer, id.Member]{
	On: onGroup, Name: "group.cancel_ownership_offer", Operation: "cancelOwnershipOffer", Needs: access.InvitationAnswer, Actors: MembersOnly,
	Facts: acting[group.CancelOwnershipOffer], Decide: group.CancelOwnershipOffer.Decide,
})

// NameSuccessor says who is to follow the owner one day. Fault:
// "step_up_auth_required".
var NameSuccessor = declare(groupSpec[group.NameSuccessor, id.Member]{
	On: onGroup, Name: "group.name_successor", Operation: "nameSuccessor", Needs: access.OwnershipTransfer, FreshSignIn: true,
	Sample: group.NameSuccessor{Successor: sampleID[id.Member]("clinician")},
	Facts:  acting[group.NameSuccessor], Decide: group.NameSuccessor.Decide,
})

// ClearSuccessor leaves the practice without a named successor. Fault:
// "step_up_auth_required".
var ClearSuccessor = declare(groupSpec[group.ClearSuccessor, id.Member]{
	On: onGroup, Name: "group.clear_successor", Operation: "clearSuccessor", Needs: access.OwnershipTransfer, FreshSignIn: true,
	Facts: acting[group.ClearSuccessor], Decide: group.ClearSuccessor.Decide,
})

// ClaimSuccession is the wish of the successor whom the owner named to take the
// practice over (AMB-1). It needs no permission, so that the successor cannot be
// denied it, and no permission suffices for it (AMB-11). Fault:
// "step_up_auth_required".
var ClaimSuccession = declare(groupSpec[group.ClaimSuccession, id.Member]{
	On: onGroup, Name: "group.claim_succession", Operation: "claimSuccession", Needs: access.InvitationAnswer, Actors: MembersOnly, FreshSignIn: true,
	Facts: acting[group.ClaimSuccession], Decide: group.ClaimSuccession.Decide,
})

// RejectSuccession is the owner's no to a claim. Fault: "step_up_auth_required".
var RejectSuccession = declare(groupSpec[group.RejectSuccession, id.Member]{
	On: onGroup, Name: "group.reject_succession", Operation: "rejectSuccession", Needs: access.OwnershipTransfer, FreshSignIn: true,
	Facts: acting[group.RejectSuccession], Decide: group.RejectSuccession.Decide,
})

// WithdrawSuccession takes the caller's claim back.
var WithdrawSuccession = declare(groupSpec[group.WithdrawSuccession, id.Member]{
	On: onGroup, Name: "group.withdraw_succession", Operation: "withdrawSuccession", Needs: access.InvitationAnswer, Actors: MembersOnly,
	Facts: acting[group.WithdrawSuccession], Decide: group.WithdrawSuccession.Decide,
})

// CompleteSuccession makes the successor the owner once the time of their claim is
// over. It is for the process that watches the clock; a person is never allowed it,
// the owner included. Fault: "process_only".
var CompleteSuccession = declare(groupSpec[group.CompleteSuccession, None]{
	On: onGroup, Name: "group.complete_succession", Needs: access.OwnershipTransfer, Actors: ProcessesOnly,
	Decide: alone(group.CompleteSuccession.Decide),
})
