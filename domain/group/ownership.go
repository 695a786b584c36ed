package group

import (
	"cmp"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// OwnershipOffered offers the practice to a member; nothing is theirs until they
// accept (AMB-1).
type OwnershipOffered struct {
	To        id.Member `json:"to"`
	OfferedBy id.Member `json:"offeredBy"`
	// ExpiresAt is the first instant at which the offer no longer holds, UTC.
	ExpiresAt time.Time `json:"expiresAt"`
}

// OwnershipOfferCancelled ends an offer: the owner took it back, or its addressee
// said no.
type OwnershipOfferCancelled struct {
	To          id.Member `json:"to"`
	CancelledBy id.Member `json:"cancelledBy"`
}

// OwnershipTransferred swaps the two roles at once, so that every revision has
// exactly one owner (AMB-1). It also clears every rule set for either member:
// nobody can lock the new owner out, and nothing that the former owner gave
// themselves outlives their ownership.
type OwnershipTransferred struct {
	From id.Member `json:"from"`
	To   id.Member `json:"to"`
	// FromNewRole is what the former owner is from now on.
	FromNewRole access.Role `json:"fromNewRole"`
}

// SuccessorNamed says who is to follow the owner one day. It gives them nothing but
// the right to claim the practice (AMB-1).
type SuccessorNamed struct {
	Successor id.Member `json:"successor"`
	NamedBy   id.Member `json:"namedBy"`
}

// SuccessorCleared leaves the practice without a named successor.
type SuccessorCleared struct {
	Successor id.Member `json:"successor"`
	ClearedBy id.Member `json:"clearedBy"`
}

// SuccessionClaimed says that the successor wants to take the practice over. It gives
// them nothing before DueAt, and until then it can be stopped (AMB-1).
type SuccessionClaimed struct {
	By id.Member `json:"by"`
	// DueAt is the first instant at which the ownership goes to them, UTC.
	DueAt time.Time `json:"dueAt"`
}

// SuccessionRejected ends a claim: the owner said no.
type SuccessionRejected struct {
	Claimant   id.Member `json:"claimant"`
	RejectedBy id.Member `json:"rejectedBy"`
}

// SuccessionWithdrawn ends a claim: who made it does not want it any more.
type SuccessionWithdrawn struct {
	Claimant id.Member `json:"claimant"`
}

func (OwnershipOffered) isEvent()        {}
func (OwnershipOfferCancelled) isEvent() {}
func (OwnershipTransferred) isEvent()    {}
func (SuccessorNamed) isEvent()          {}
func (SuccessorCleared) isEvent()        {}
func (SuccessionClaimed) isEvent()       {}
func (SuccessionRejected) isEvent()      {}
func (SuccessionWithdrawn) isEvent()     {}

// OwnershipOffer is an offer of the practice that was not answered yet.
type OwnershipOffer struct {
	To        id.Member `json:"to"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// SuccessionWait is how long an owner has, from a claim of their successor on, to
// stop it. In all that time a claim gives its claimant nothing.
const SuccessionWait = 30 * 24 * time.Hour

// SuccessionClaim is a claim of the successor that nothing has stopped yet.
type SuccessionClaim struct {
	By id.Member `json:"claimedBy"`
	// DueAt is the first instant at which the ownership goes to By, UTC.
	DueAt time.Time `json:"dueAt"`
}

// Owner returns the one owner (G-2, AMB-1).
func (s State) Owner() id.Member { return s.owner }

// OwnershipOffer returns the unanswered offer, expired or not; ok is false if
// there is none.
func (s State) OwnershipOffer() (o OwnershipOffer, ok bool) {
	return s.offer, !s.offer.To.IsZero()
}

// Successor returns the member whom the owner named to follow them; zero for
// none.
func (s State) Successor() id.Member { return s.successor }

// SuccessionClaim returns the open claim, due or not; ok is false if there is none.
func (s State) SuccessionClaim() (c SuccessionClaim, ok bool) {
	return s.claim, !s.claim.By.IsZero()
}

// transferred swaps owner and member in one step.
func (s *State) transferred(e OwnershipTransferred) {
	s.owner = e.To
	s.change(e.From, func(m *Member) { m.Role, m.Overrides = e.FromNewRole, nil })
	s.change(e.To, func(m *Member) {
		m.Role, m.Overrides, m.Manages, m.Assists = access.Owner, nil, nil, nil
	})
	s.unheir()
}

// unheir voids everything by which somebody could still have become the owner.
func (s *State) unheir() {
	s.offer, s.successor, s.claim = OwnershipOffer{}, id.Member{}, SuccessionClaim{}
}

// The rejections about the ownership (AMB-1).
var (
	errOwnerOnly    = fault.New(fault.Forbidden, "owner_only", "Only the owner of the practice decides about the ownership.")
	errNotActive    = fault.New(fault.Rejected, "target_not_active_member", "The ownership can only go to an active member of the practice.")
	errIsOwner      = fault.New(fault.Rejected, "target_is_owner", "This member already owns the practice.")
	errNoOffer      = fault.New(fault.NotFound, "no_ownership_offer", "There is no open offer of the ownership to you.")
	errOfferExpired = fault.New(fault.Rejected, "offer_expired", "This offer of the ownership has expired. Ask the owner for a new one.")
	errOfferOpen    = fault.New(fault.Rejected, "ownership_already_offered", "The ownership is offered to somebody already. Cancel that offer first.")
	errOfferInPast  = fault.New(fault.Invalid, "expiry_in_past", "An offer must expire after now.")
)

// The rejections about the succession (AMB-1).
var (
	errNotSuccessor  = fault.New(fault.NotFound, "not_successor", "The owner of the practice has not named you as their successor.")
	errClaimed       = fault.New(fault.Rejected, "succession_already_claimed", "You have claimed the practice already. It becomes yours when the time is over, unless the owner objects.")
	errOwnerOffering = fault.New(fault.Rejected, "ownership_offer_open", "The owner has offered the practice to somebody. It can be claimed once that offer is declined or has expired.")
	errNoClaim       = fault.New(fault.NotFound, "no_succession_claim", "There is no open claim to the practice that you could end.")
	errClaimNotDue   = fault.New(fault.Rejected, "succession_not_due", "The owner can still object to this claim.")
)

// owning refuses everybody but the owner.
func (s State) owning(by id.Member) error {
	_, err := s.active(by)
	return cmp.Or(err, fault.When(by != s.owner, errOwnerOnly))
}

// heir refuses whom the owner cannot make their follower.
func (s State) heir(by, to id.Member) error {
	m, _ := s.Member(to)
	return cmp.Or(s.owning(by), fault.When(!m.Active, errNotActive), fault.When(m.ID == s.owner, errIsOwner))
}

// OfferOwnership offers the practice to an active member (AMB-1), and stops what the
// successor claims: the owner has decided otherwise. Rejections:
// "owner_only", "target_not_active_member", "target_is_owner",
// "ownership_already_offered", "expiry_in_past".
type OfferOwnership struct {
	To id.Member `json:"to"`
	// ExpiresAt is the first instant at which the offer no longer holds.
	ExpiresAt time.Time `json:"expiresAt"`
}

// Decide offers the ownership.
func (c OfferOwnership) Decide(s State, actor id.Member, now time.Time) ([]Event, error) {
	o, open := s.OwnershipOffer()
	err := cmp.Or(
		s.heir(actor, c.To),
		fault.When(!c.ExpiresAt.After(now), errOfferInPast),
		fault.When(open && now.Before(o.ExpiresAt), errOfferOpen),
	)
	return es.Decided[Event](err, false, OwnershipOffered{To: c.To, OfferedBy: actor, ExpiresAt: c.ExpiresAt.UTC()})
}

// AcceptOwnership makes the member to whom it was offered the owner, and the
// owner a super admin, in one event (AMB-1). The end of a trial stays where it
// is (AMB-10). Rejections: "no_ownership_offer", "offer_expired",
// "target_not_active_member".
type AcceptOwnership struct{}

// Decide transfers the ownership.
func (c AcceptOwnership) Decide(s State, actor id.Member, now time.Time) ([]Event, error) {
	if !s.Exists() {
		return nil, errNoGroup
	}
	offer, open := s.OwnershipOffer()
	to, _ := s.Member(actor)
	switch {
	case !open || offer.To != actor:
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
type CancelOwnershipOffer struct{}

// Decide ends the offer.
func (c CancelOwnershipOffer) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	by, err := s.active(actor)
	offer, open := s.OwnershipOffer()
	err = cmp.Or(err, fault.When(!open || by.ID != s.owner && by.ID != offer.To, errNoOffer))
	return es.Decided[Event](err, false, OwnershipOfferCancelled{To: offer.To, CancelledBy: by.ID})
}

// NameSuccessor says who is to follow the owner one day; there is one at most.
// Naming another one stops what the former one claimed. Rejections: "owner_only",
// "target_not_active_member", "target_is_owner". The same successor changes nothing,
// and does not stop what they claim.
type NameSuccessor struct {
	Successor id.Member `json:"successor"`
}

// Decide names the successor.
func (c NameSuccessor) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	return es.Decided[Event](s.heir(actor, c.Successor), s.Successor() == c.Successor, SuccessorNamed{Successor: c.Successor, NamedBy: actor})
}

// ClearSuccessor leaves the practice without a named successor, and stops what they
// claimed. Rejection: "owner_only". Without a successor it changes nothing.
type ClearSuccessor struct{}

// Decide clears the successor.
func (c ClearSuccessor) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	return es.Decided[Event](s.owning(actor), s.Successor().IsZero(), SuccessorCleared{Successor: s.Successor(), ClearedBy: actor})
}

// ClaimSuccession is the named successor's wish to take the practice over, which is
// fulfilled after SuccessionWait if nothing stops it: the owner's no, another
// decision of theirs about who follows, or the end of the successor's membership
// (AMB-1). Rejections: "member_inactive", "not_successor",
// "succession_already_claimed", "ownership_offer_open".
type ClaimSuccession struct{}

// Decide claims the practice.
func (c ClaimSuccession) Decide(s State, actor id.Member, now time.Time) ([]Event, error) {
	by, err := s.active(actor)
	_, claimed := s.SuccessionClaim()
	o, offered := s.OwnershipOffer()
	err = cmp.Or(
		err,
		fault.When(s.Successor() != by.ID, errNotSuccessor),
		fault.When(claimed, errClaimed),
		fault.When(offered && now.Before(o.ExpiresAt), errOwnerOffering),
	)
	return es.Decided[Event](err, false, SuccessionClaimed{By: by.ID, DueAt: now.UTC().Add(SuccessionWait)})
}

// RejectSuccession is the owner's no to a claim, in time or after it as long as the
// ownership has not changed. The successor stays named and may claim again.
// Rejections: "owner_only", "no_succession_claim".
type RejectSuccession struct{}

// Decide ends the claim.
func (c RejectSuccession) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	claim, open := s.SuccessionClaim()
	return es.Decided[Event](cmp.Or(s.owning(actor), fault.When(!open, errNoClaim)), false, SuccessionRejected{Claimant: claim.By, RejectedBy: actor})
}

// WithdrawSuccession takes a claim back. Rejections: "member_inactive",
// "no_succession_claim".
type WithdrawSuccession struct{}

// Decide ends the claim.
func (c WithdrawSuccession) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	by, err := s.active(actor)
	claim, open := s.SuccessionClaim()
	return es.Decided[Event](cmp.Or(err, fault.When(!open || claim.By != by.ID, errNoClaim)), false, SuccessionWithdrawn{Claimant: by.ID})
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
