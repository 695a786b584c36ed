package careteam

import (
	"slices"

	"praxis/domain/id"
)

// FormerPlace is a place on a team that somebody lost because they left the
// practice, and that they can be given back when they return (AMB-14).
type FormerPlace struct {
	Member id.Member `json:"member"`
	// Removal names the removal that ended the membership.
	Removal id.Event `json:"removal"`
	// Role is what they were on the team.
	Role Role `json:"role"`
	// To got the place of a primary; unset for other places, which no other
	// member gets.
	To id.Member `json:"to,omitzero"`
	// ToWas is the role that To had on the team before; empty: none.
	ToWas Role `json:"toWas,omitempty"`
	// Window is when the place held, and ToWindow that of To before; zero is always.
	Window   Window `json:"window,omitzero"`
	ToWindow Window `json:"toWindow,omitzero"`
	// MovedOn reports that the team had yet another primary since, so that somebody
	// decided anew who answers for the care.
	MovedOn bool `json:"movedOn,omitempty"`
}

// FormerPlaces are the lost places of a team, at most one of each member. They are
// a value: its methods return a changed copy.
type FormerPlaces []FormerPlace

// Of returns the place that a member lost; ok is false if they lost none.
func (l FormerPlaces) Of(m id.Member) (p FormerPlace, ok bool) {
	i := slices.IndexFunc(l, func(p FormerPlace) bool { return p.Member == m })
	if i < 0 {
		return p, false
	}
	return l[i], true
}

// Lost returns the list with a place that was lost just now. A place without a
// removal was taken by a decision about the team, and is not listed.
func (l FormerPlaces) Lost(p FormerPlace) FormerPlaces {
	if p.Removal.IsZero() {
		return l
	}
	return append(l.Regained(p.Member), p)
}

// Regained returns the list after a member got on the team again.
func (l FormerPlaces) Regained(m id.Member) FormerPlaces {
	return slices.DeleteFunc(slices.Clone(l), func(p FormerPlace) bool { return p.Member == m })
}

// Reassigned returns the list after the team got another primary.
func (l FormerPlaces) Reassigned(to id.Member) FormerPlaces {
	next := l.Regained(to)
	for i := range next {
		next[i].MovedOn = next[i].MovedOn || next[i].Role == Primary
	}
	return next
}
