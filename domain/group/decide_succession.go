package group

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// SuccessionWait is how long an owner has, from a claim of their successor on, to
// stop it. In all that time a claim gives nothing to whoever made it.
const SuccessionWait = 30 * 24 * time.Hour

// The rejections about the succession (AMB-1).
var (
	errNotSuccessor  = fault.New(fault.NotFound, "not_successor", "The owner of the practice has not named you as their successor.")
	errClaimed       = fault.New(fault.Rejected, "succession_already_claimed", "You have claimed the practice already. It becomes yours when the time is over, unless the owner objects.")
	errOwnerOffering = fault.New(fault.Rejected, "ownership_offer_open", "The owner has offered the practice to somebody. It can be claimed once that offer is declined or has expired.")
	errNoClaim       = fault.New(fault.NotFound, "no_succession_claim", "There is no open claim to the practice that you could end.")
	errClaimNotDue   = fault.New(fault.Rejected, "succession_not_due", "The owner can still object to this claim.")
)

// SuccessionClaim is a claim of the successor that nothing has stopped yet.
type SuccessionClaim struct {
	By id.Member
	// DueAt is the first instant at which the ownership goes to By, UTC.
	DueAt time.Time
}

// SuccessionClaim returns the open claim, due or not; ok is false if there is none.
func (s State) SuccessionClaim() (c SuccessionClaim, ok bool) {
	return s.lifecycle.claim, !s.lifecycle.claim.By.IsZero()
}

// ClaimSuccession is the named successor's wish to take the practice over, which is
// fulfilled after SuccessionWait if nothing stops it: the owner's no, another
// decision of theirs about who follows, or the end of the successor's membership
// (AMB-1). Rejections: "member_inactive", "not_successor",
// "succession_already_claimed", "ownership_offer_open".
type ClaimSuccession struct {
	// By is the member who claims.
	By id.Member `json:"-"`
}

// Decide claims the practice.
func (c ClaimSuccession) Decide(s State, now time.Time) ([]Event, error) {
	by, err := s.active(c.By)
	if err != nil {
		return nil, err
	}
	if s.Successor() != by.ID {
		return nil, errNotSuccessor
	}
	if _, open := s.SuccessionClaim(); open {
		return nil, errClaimed
	}
	if o, open := s.OwnershipOffer(); open && now.Before(o.ExpiresAt) {
		return nil, errOwnerOffering
	}
	return []Event{SuccessionClaimed{By: by.ID, DueAt: now.UTC().Add(SuccessionWait)}}, nil
}

// RejectSuccession is the owner's no to a claim, in time or after it as long as the
// ownership has not changed. The successor stays named and may claim again.
// Rejections: "owner_only", "no_succession_claim".
type RejectSuccession struct {
	// By is the member who decides: the owner.
	By id.Member `json:"-"`
}

// Decide ends the claim.
func (c RejectSuccession) Decide(s State, _ time.Time) ([]Event, error) {
	if err := s.owning(c.By); err != nil {
		return nil, err
	}
	claim, open := s.SuccessionClaim()
	if !open {
		return nil, errNoClaim
	}
	return []Event{SuccessionRejected{Claimant: claim.By, RejectedBy: c.By}}, nil
}

// WithdrawSuccession takes a claim back. Rejections: "member_inactive",
// "no_succession_claim".
type WithdrawSuccession struct {
	// By is the member who claimed.
	By id.Member `json:"-"`
}

// Decide ends the claim.
func (c WithdrawSuccession) Decide(s State, _ time.Time) ([]Event, error) {
	by, err := s.active(c.By)
	if err != nil {
		return nil, err
	}
	if claim, open := s.SuccessionClaim(); !open || claim.By != by.ID {
		return nil, errNoClaim
	}
	return []Event{SuccessionWithdrawn{Claimant: by.ID}}, nil
}

// CompleteSuccession makes the successor the owner once the time of their claim is
// over, exactly as an offer that is accepted does (AMB-1). Rejection:
// "succession_not_due". Without an open claim it changes nothing: it was stopped, or
// has been completed before.
type CompleteSuccession struct{}

// Decide transfers the ownership.
func (c CompleteSuccession) Decide(s State, now time.Time) ([]Event, error) {
	if !s.Exists() {
		return nil, errNoGroup
	}
	claim, open := s.SuccessionClaim()
	switch {
	case !open:
		return nil, nil
	case now.Before(claim.DueAt):
		return nil, errClaimNotDue
	}
	return []Event{OwnershipTransferred{From: s.owner, To: claim.By, FromNewRole: access.SuperAdmin}}, nil
}
