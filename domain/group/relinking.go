package group

import (
	"slices"

	"praxis/domain/careteam"
	"praxis/domain/id"
)

// Return is how a member came back after a removal, as long as they stay.
type Return struct {
	// Removal names the removal after which they came back.
	Removal id.Event
	// ManagedBy and AssistedBy are those who managed and assisted them before.
	ManagedBy, AssistedBy []id.Member
	// Relinking are the charts that are on their way back to them.
	Relinking []id.Chart
	// InProgress reports that a relinking was started and is not complete.
	InProgress bool
}

// ReturnOf returns how a member came back; ok is false for members who never left,
// whose leaving moved no charts, or who are gone.
func (s State) ReturnOf(m id.Member) (r Return, ok bool) {
	r, ok = s.lifecycle.returns[m]
	return r, ok
}

// Standing says whether a former place can be given back as things are.
type Standing string

// The standings.
const (
	// Returnable places can be given back.
	Returnable Standing = "returnable"
	// MovedOn is a chart that somebody gave to another primary since.
	MovedOn Standing = "moved_on"
	// InClosedBranch is a chart that will move to another branch first.
	InClosedBranch Standing = "branch_closed"
	// OutsideBranches is a chart of a branch in which the member does not work (AMB-13).
	OutsideBranches Standing = "clinician_not_in_branch"
	// NotTreating is a place for clinicians, which the member is not, or not without a licence.
	NotTreating Standing = "not_active_clinician"
	// NotBack is any place of a member whose access has ended.
	NotBack Standing = "member_inactive"
)

// Returner is what a practice knows of a member to whom charts may be given back.
type Returner struct {
	Member id.Member
	// Removal names the removal that took the charts; unset if none did.
	Removal id.Event
	// ManagedBy and AssistedBy are those who managed and assisted the member before,
	// could do so again, and do not.
	ManagedBy, AssistedBy []id.Member
	// InProgress reports that charts are on their way back.
	InProgress bool

	active, treats bool
	branches       []id.Branch
	closed         []id.Branch
}

// Returner says what is known of a member who left or came back; ok is false for
// somebody who never belonged to the practice.
func (s State) Returner(who id.Member) (r Returner, ok bool) {
	m, known := s.Member(who)
	if !known {
		return r, false
	}
	left, _ := s.RemovalOf(who)
	back, _ := s.ReturnOf(who)
	r = Returner{
		Member: who, Removal: left.Removal, InProgress: back.InProgress, active: m.Active, branches: slices.Clone(m.Branches),
		treats: m.Active && m.Clinician && (!s.Subscribed() || s.holdsLicence(who)),
	}
	if m.Active {
		r.Removal = back.Removal
		left.ManagedBy, left.AssistedBy = back.ManagedBy, back.AssistedBy
	}
	r.ManagedBy = s.offered(left.ManagedBy, func(m Member) bool { return !slices.Contains(m.Manages, who) })
	r.AssistedBy = s.offered(left.AssistedBy, func(m Member) bool { return !slices.Contains(m.Assists, who) })
	for _, b := range s.branches {
		if b.Closed {
			r.closed = append(r.closed, b.ID)
		}
	}
	return r, true
}

// offered returns the active ones among members for whom a condition holds.
func (s State) offered(members []id.Member, holds func(Member) bool) (now []id.Member) {
	for _, m := range members {
		if member, _ := s.Member(m); member.Active && holds(member) {
			now = append(now, m)
		}
	}
	return now
}

// Standing says whether the member can be given a place back that a chart of this
// branch has had for them.
func (r Returner) Standing(p careteam.FormerPlace, of id.Branch) Standing {
	switch {
	case p.MovedOn:
		return MovedOn
	case !r.active:
		return NotBack
	case p.Role != careteam.Support && !r.treats:
		return NotTreating
	case p.Role != careteam.Primary:
		return Returnable
	case slices.Contains(r.closed, of):
		return InClosedBranch
	case !slices.Contains(r.branches, of):
		return OutsideBranches
	}
	return Returnable
}

// returned notes that a member is back.
func (s *State) returned(e MemberReinstated) {
	delete(s.lifecycle.returns, e.Member)
	if !e.Removal.IsZero() {
		s.lifecycle.returns[e.Member] = Return{Removal: e.Removal, ManagedBy: e.ManagedBy, AssistedBy: e.AssistedBy}
	}
}

// relinking notes charts that are on their way back.
func (s *State) relinking(e RelinkingStarted) {
	r := s.lifecycle.returns[e.Member]
	r.Relinking, r.InProgress = slices.Concat(r.Relinking, e.Charts), true
	s.lifecycle.returns[e.Member] = r
}

// relinked notes that no chart is on its way back any more.
func (s *State) relinked(e RelinkingCompleted) {
	r := s.lifecycle.returns[e.Member]
	r.Relinking, r.InProgress = nil, false
	s.lifecycle.returns[e.Member] = r
}
