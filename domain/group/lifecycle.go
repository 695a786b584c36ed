package group

import (
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/id"
)

// InvitationExpired ends an invitation that nobody answered in time.
type InvitationExpired struct {
	Invitation id.Invitation `json:"invitation"`
}

// MemberRemovalStarted follows the end of a member's access and says where their
// charts go (AMB-14). Nothing of it is needed to keep them out: their access
// ended before.
type MemberRemovalStarted struct {
	// Removal names the removal: the id of the first event of its command.
	Removal id.Event  `json:"removal"`
	Member  id.Member `json:"member"`
	Plan    Rehoming  `json:"plan"`
	// Charts is how many charts of theirs were known at that moment.
	Charts    int       `json:"charts"`
	StartedBy id.Member `json:"startedBy"`
}

// MemberRemovalReplanned sends the charts that are still to be moved elsewhere,
// for example because who should have had them left too.
type MemberRemovalReplanned struct {
	Member      id.Member `json:"member"`
	Plan        Rehoming  `json:"plan"`
	ReplannedBy id.Member `json:"replannedBy"`
}

// MemberRemoved ends a removal: every chart has another primary.
type MemberRemoved struct {
	Member      id.Member `json:"member"`
	ChartsMoved int       `json:"chartsMoved"`
}

// MemberReinstated gives a former member their membership back, under the same
// id. Grants they once had stay ended and denials stay in force.
type MemberReinstated struct {
	Member id.Member   `json:"member"`
	Role   access.Role `json:"role"`
	// Branches are those of the former ones that are still open, or the default one.
	Branches []id.Branch `json:"branches"`
	// Clinicians are those whom they manage or assist again.
	Clinicians []id.Member `json:"clinicians,omitempty"`
	// Removal names the removal whose charts can be offered back; unset if none
	// were moved.
	Removal id.Event `json:"removal,omitzero"`
	// ManagedBy and AssistedBy are those who managed and assisted them before, to
	// be offered again.
	ManagedBy    []id.Member `json:"managedBy,omitempty"`
	AssistedBy   []id.Member `json:"assistedBy,omitempty"`
	ReinstatedBy id.Member   `json:"reinstatedBy"`
}

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

// BranchClosed closes a location. Members who worked there work in MovedTo from
// now on; if MovedTo is unset, those who worked nowhere else work in the default
// branch.
type BranchClosed struct {
	Branch  id.Branch `json:"branch"`
	MovedTo id.Branch `json:"movedTo,omitzero"`
	// Charts is how many charts of the branch were known and will move.
	Charts int `json:"charts"`
}

// BranchVacated ends the closing of a branch: every chart belongs to another one.
type BranchVacated struct {
	Branch      id.Branch `json:"branch"`
	ChartsMoved int       `json:"chartsMoved"`
}

// GroupClosed ends the practice. Nothing follows it but the outcomes of money
// that was on its way.
type GroupClosed struct {
	// ExportManifestHash is the SHA-256 of the export with which the owner keeps the
	// records, as the access log has it.
	ExportManifestHash string    `json:"exportManifestHash"`
	ClosedBy           id.Member `json:"closedBy"`
}

func (InvitationExpired) isEvent()       {}
func (MemberRemovalStarted) isEvent()    {}
func (MemberRemovalReplanned) isEvent()  {}
func (MemberRemoved) isEvent()           {}
func (MemberReinstated) isEvent()        {}
func (OwnershipOffered) isEvent()        {}
func (OwnershipOfferCancelled) isEvent() {}
func (OwnershipTransferred) isEvent()    {}
func (SuccessorNamed) isEvent()          {}
func (SuccessorCleared) isEvent()        {}
func (SuccessionClaimed) isEvent()       {}
func (SuccessionRejected) isEvent()      {}
func (SuccessionWithdrawn) isEvent()     {}
func (BranchClosed) isEvent()            {}
func (BranchVacated) isEvent()           {}
func (GroupClosed) isEvent()             {}

// Rehoming says who takes over the charts of a member who leaves (AMB-14).
type Rehoming struct {
	// Charts names who takes single charts, Default who takes all others.
	Charts  []Reassignment `json:"charts,omitempty"`
	Default id.Member      `json:"default,omitzero"`
	// Custodian keeps what no clinician takes, where the practice has none left.
	Custodian id.Member `json:"custodian,omitzero"`
}

// Reassignment gives one chart to a clinician.
type Reassignment struct {
	Chart id.Chart  `json:"chart"`
	To    id.Member `json:"to"`
}

// TargetOf returns who takes a chart over; ok is false if no member was named.
// Custody is what a chart has without a clinician.
func (p Rehoming) TargetOf(c id.Chart) (to id.Member, custody, ok bool) {
	i := slices.IndexFunc(p.Charts, func(r Reassignment) bool { return r.Chart == c })
	switch {
	case i >= 0:
		return p.Charts[i].To, false, true
	case !p.Default.IsZero():
		return p.Default, false, true
	}
	return p.Custodian, true, !p.Custodian.IsZero()
}

// Removal is the end of a membership, as far as it has come.
type Removal struct {
	// Removal names it; unset where access was revoked and no charts had to move.
	Removal id.Event
	Plan    Rehoming
	// InProgress reports that charts are still being moved.
	InProgress bool
	// ManagedBy and AssistedBy are whose scope the member was in.
	ManagedBy, AssistedBy []id.Member
}

// OwnershipOffer is an offer of the practice that was not answered yet.
type OwnershipOffer struct {
	To        id.Member
	ExpiresAt time.Time
}

// RemovalOf returns how the membership of a former member ended; ok is false
// for members whose access holds.
func (s State) RemovalOf(m id.Member) (r Removal, ok bool) {
	r, ok = s.removals[m]
	return r, ok
}

// OwnershipOffer returns the unanswered offer, expired or not; ok is false if
// there is none.
func (s State) OwnershipOffer() (o OwnershipOffer, ok bool) {
	return s.offer, !s.offer.To.IsZero()
}

// Successor returns the member whom the owner named to follow them; zero for
// none.
func (s State) Successor() id.Member { return s.successor }

// left notes what a membership was when it ended. What was meant for the leaver
// ends with it.
func (s *State) left(gone id.Member) {
	var r Removal
	for _, m := range s.members {
		if slices.Contains(m.Manages, gone) {
			r.ManagedBy = append(r.ManagedBy, m.ID)
		}
		if slices.Contains(m.Assists, gone) {
			r.AssistedBy = append(r.AssistedBy, m.ID)
		}
	}
	s.removals[gone] = r
	delete(s.returns, gone)
	if s.offer.To == gone {
		s.offer = OwnershipOffer{}
	}
	if s.successor == gone {
		s.successor = id.Member{}
	}
	if s.claim.By == gone {
		s.claim = SuccessionClaim{}
	}
}

// reinstated gives a membership back without the grants it once had.
func (s *State) reinstated(e MemberReinstated) {
	delete(s.removals, e.Member)
	delete(s.returns, e.Member)
	if !e.Removal.IsZero() {
		s.returns[e.Member] = Return{Removal: e.Removal, ManagedBy: e.ManagedBy, AssistedBy: e.AssistedBy}
	}
	s.change(e.Member, func(m *Member) {
		m.Active, m.Role, m.Branches = true, e.Role, e.Branches
		m.Manages, m.Assists = scopeOf(e.Role, e.Clinicians)
		m.Overrides = denials(m.Overrides)
		s.byAccount[m.Account] = s.byMember[m.ID]
	})
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

// branchClosed closes a branch. It stays known by its id, so that history keeps its name.
func (s *State) branchClosed(e BranchClosed) {
	branch := s.branch(e.Branch)
	branch.Closed, branch.MovedTo = true, e.MovedTo
	instead := func(list []id.Branch) []id.Branch {
		if !slices.Contains(list, e.Branch) {
			return list
		}
		rest := minus(list, e.Branch)
		switch {
		case !e.MovedTo.IsZero():
			return plus(rest, e.MovedTo)
		case len(rest) == 0:
			return []id.Branch{s.DefaultBranch()}
		}
		return rest
	}
	for i := range s.members {
		s.members[i].Branches = instead(s.members[i].Branches)
	}
	for i := range s.invitations {
		es.Alter(s.invitations, i, func(inv *Invitation) { inv.Branches = instead(inv.Branches) })
	}
}

// scopeOf says whether a role manages or assists the clinicians it is given.
func scopeOf(role access.Role, clinicians []id.Member) (manages, assists []id.Member) {
	switch role {
	case access.Manager:
		return clinicians, nil
	case access.Assistant:
		return nil, clinicians
	case access.Owner, access.SuperAdmin, access.User:
	}
	return nil, nil
}

// denials returns the rules that take something away.
func denials(rules []access.Rule) []access.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r access.Rule) bool { return r.Allow })
}
