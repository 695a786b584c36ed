package group

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// The rejections about the ownership (AMB-1).
var (
	errOwnerOnly     = fault.New(fault.Forbidden, "owner_only", "Only the owner of the practice decides about the ownership.")
	errNotActive     = fault.New(fault.Rejected, "target_not_active_member", "The ownership can only go to an active member of the practice.")
	errIsOwner       = fault.New(fault.Rejected, "target_is_owner", "This member already owns the practice.")
	errNoOffer       = fault.New(fault.NotFound, "no_ownership_offer", "There is no open offer of the ownership to you.")
	errOfferExpired  = fault.New(fault.Rejected, "offer_expired", "This offer of the ownership has expired. Ask the owner for a new one.")
	errOfferOpen     = fault.New(fault.Rejected, "ownership_already_offered", "The ownership is offered to somebody already. Cancel that offer first.")
	errOfferInPast   = fault.New(fault.Invalid, "expiry_in_past", "An offer must expire after now.")
	errNotExpiredYet = fault.New(fault.Rejected, "invitation_not_expired", "This invitation can still be answered.")
)

// OfferOwnership offers the practice to an active member (AMB-1), and stops what the
// successor claims: the owner has decided otherwise. Rejections:
// "owner_only", "target_not_active_member", "target_is_owner",
// "ownership_already_offered", "expiry_in_past".
type OfferOwnership struct {
	By id.Member `json:"-"`
	To id.Member `json:"to"`
	// ExpiresAt is the first instant at which the offer no longer holds.
	ExpiresAt time.Time `json:"expiresAt"`
}

// Decide offers the ownership.
func (c OfferOwnership) Decide(s State, now time.Time) ([]Event, error) {
	if err := s.heir(c.By, c.To); err != nil {
		return nil, err
	}
	if !c.ExpiresAt.After(now) {
		return nil, errOfferInPast
	}
	if o, open := s.OwnershipOffer(); open && now.Before(o.ExpiresAt) {
		return nil, errOfferOpen
	}
	return []Event{OwnershipOffered{To: c.To, OfferedBy: c.By, ExpiresAt: c.ExpiresAt.UTC()}}, nil
}

// AcceptOwnership makes the member to whom it was offered the owner, and the
// owner a super admin, in one event (AMB-1). The end of a trial stays where it
// is (AMB-10). Rejections: "no_ownership_offer", "offer_expired",
// "target_not_active_member".
type AcceptOwnership struct {
	// By is the member who accepts.
	By id.Member `json:"-"`
}

// Decide transfers the ownership.
func (c AcceptOwnership) Decide(s State, now time.Time) ([]Event, error) {
	if !s.Exists() {
		return nil, errNoGroup
	}
	offer, open := s.OwnershipOffer()
	to, _ := s.Member(c.By)
	switch {
	case !open || offer.To != c.By:
		return nil, errNoOffer
	case !to.Active:
		return nil, errNotActive
	case !now.Before(offer.ExpiresAt):
		return nil, errOfferExpired
	}
	return []Event{OwnershipTransferred{From: s.owner, To: to.ID, FromNewRole: access.SuperAdmin}}, nil
}

// CancelOwnershipOffer ends an offer that was not accepted: the owner takes it
// back, or the member to whom it was made says no. Rejection:
// "no_ownership_offer".
type CancelOwnershipOffer struct {
	// By is the owner or the addressee.
	By id.Member `json:"-"`
}

// Decide ends the offer.
func (c CancelOwnershipOffer) Decide(s State, _ time.Time) ([]Event, error) {
	by, err := s.active(c.By)
	if err != nil {
		return nil, err
	}
	offer, open := s.OwnershipOffer()
	if !open || by.ID != s.owner && by.ID != offer.To {
		return nil, errNoOffer
	}
	return []Event{OwnershipOfferCancelled{To: offer.To, CancelledBy: by.ID}}, nil
}

// NameSuccessor says who is to follow the owner one day; there is one at most.
// Naming another one stops what the former one claimed. Rejections: "owner_only",
// "target_not_active_member", "target_is_owner". The same successor changes nothing,
// and does not stop what they claim.
type NameSuccessor struct {
	By        id.Member `json:"-"`
	Successor id.Member `json:"successor"`
}

// Decide names the successor.
func (c NameSuccessor) Decide(s State, _ time.Time) ([]Event, error) {
	if err := s.heir(c.By, c.Successor); err != nil {
		return nil, err
	}
	if s.Successor() == c.Successor {
		return nil, nil
	}
	return []Event{SuccessorNamed{Successor: c.Successor, NamedBy: c.By}}, nil
}

// ClearSuccessor leaves the practice without a named successor, and stops what they
// claimed. Rejection: "owner_only". Without a successor it changes nothing.
type ClearSuccessor struct {
	By id.Member `json:"-"`
}

// Decide clears the successor.
func (c ClearSuccessor) Decide(s State, _ time.Time) ([]Event, error) {
	if err := s.owning(c.By); err != nil {
		return nil, err
	}
	if s.Successor().IsZero() {
		return nil, nil
	}
	return []Event{SuccessorCleared{Successor: s.Successor(), ClearedBy: c.By}}, nil
}

// owning refuses everybody but the owner.
func (s State) owning(by id.Member) error {
	if _, err := s.active(by); err != nil {
		return err
	}
	if by != s.owner {
		return errOwnerOnly
	}
	return nil
}

// heir refuses whom the owner cannot make their follower.
func (s State) heir(by, to id.Member) error {
	if err := s.owning(by); err != nil {
		return err
	}
	switch m, _ := s.Member(to); {
	case !m.Active:
		return errNotActive
	case m.ID == s.owner:
		return errIsOwner
	}
	return nil
}
