package group

import (
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
)

// lifecycle is the part of the state that is about leaving, coming back and
// following the owner.
type lifecycle struct {
	removals  map[id.Member]Removal
	returns   map[id.Member]Return
	offer     OwnershipOffer // zero: none was made, or it was answered
	successor id.Member
	claim     SuccessionClaim // zero: the successor claims nothing
	closed    bool
}

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

// TargetOf returns who takes a chart over; ok is false if nobody was named.
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
	r, ok = s.lifecycle.removals[m]
	return r, ok
}

// OwnershipOffer returns the unanswered offer, expired or not; ok is false if
// there is none.
func (s State) OwnershipOffer() (o OwnershipOffer, ok bool) {
	return s.lifecycle.offer, !s.lifecycle.offer.To.IsZero()
}

// Successor returns whom the owner named to follow them; zero for nobody.
func (s State) Successor() id.Member { return s.lifecycle.successor }

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
	s.removal(gone, func(old *Removal) { *old = r })
	delete(s.lifecycle.returns, gone)
	if s.lifecycle.offer.To == gone {
		s.lifecycle.offer = OwnershipOffer{}
	}
	if s.lifecycle.successor == gone {
		s.lifecycle.successor = id.Member{}
	}
	if s.lifecycle.claim.By == gone {
		s.lifecycle.claim = SuccessionClaim{}
	}
}

// removal lets f alter the record of a removal.
func (s *State) removal(m id.Member, f func(*Removal)) {
	r := s.lifecycle.removals[m]
	f(&r)
	s.lifecycle.removals[m] = r
}

// reinstated gives a membership back without the grants it once had.
func (s *State) reinstated(e MemberReinstated) {
	delete(s.lifecycle.removals, e.Member)
	s.returned(e)
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
	s.lifecycle.offer, s.lifecycle.successor, s.lifecycle.claim = OwnershipOffer{}, id.Member{}, SuccessionClaim{}
}

// closed closes a branch. It stays known by its id, so that history keeps its name.
func (s *State) closed(e BranchClosed) {
	for i := range s.branches {
		if s.branches[i].ID == e.Branch {
			s.branches[i].Closed, s.branches[i].MovedTo = true, e.MovedTo
		}
	}
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
	for i, inv := range s.invitations {
		inv.Branches = instead(inv.Branches)
		s.invitations[i] = inv
	}
}

// vacated notes that no chart belongs to a closed branch any more.
func (s *State) vacated(b id.Branch) {
	for i := range s.branches {
		if s.branches[i].ID == b {
			s.branches[i].Vacated = true
		}
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
