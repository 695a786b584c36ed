package chart

import (
	"slices"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/id"
)

// Group is what a chart must know of its practice: the facts that its commands are
// decided with.
type Group struct {
	// Members are the present and former ones, in the order of joining.
	Members careteam.Members
	// Branches are the known ones, closed ones too.
	Branches []Branch
	// Zone is the practice's, in which its today is; nil is UTC.
	Zone *time.Location
	// By is the member who acts; zero for others than members.
	By id.Member
	// First is the id that the first event of the command will have.
	First id.Event
	// Alike are charts that may be of the patient for whom one is to be opened, among
	// those that the actor may see.
	Alike []Alike
}

// Member is a present or former member of the practice.
type Member = careteam.Member

// Branch is a location of the practice.
type Branch struct {
	ID   id.Branch
	Open bool
}

// Member returns a member, the zero Member for somebody the practice does not know.
func (p Group) Member(m id.Member) Member { return p.Members.Member(m) }

// treats reports whether a member is an active clinician.
func (p Group) treats(m id.Member) bool { return p.Members.Treats(m) }

// worksIn reports whether a member works in a branch.
func (p Group) worksIn(m id.Member, b id.Branch) bool {
	return slices.Contains(p.Member(m).Branches, b)
}

// hasClinician reports whether anybody is an active clinician.
func (p Group) hasClinician() bool {
	return slices.ContainsFunc(p.Members, func(m Member) bool { return m.Active && m.Clinician })
}

// branch returns a branch, and whether the practice knows it.
func (p Group) branch(b id.Branch) (Branch, bool) {
	if i := slices.IndexFunc(p.Branches, func(x Branch) bool { return x.ID == b }); i >= 0 {
		return p.Branches[i], true
	}
	return Branch{}, false
}
