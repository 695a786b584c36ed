package careteam

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// Member is a present or former member of the practice, as far as a team must know
// them.
type Member struct {
	ID                id.Member
	Active, Clinician bool
	Branches          []id.Branch
	// Joined is when the member accepted the invitation, UTC.
	Joined time.Time
	// Removal names the removal with which the member left; zero without one.
	Removal id.Event
}

// Members are those of one practice, in the order of joining.
type Members []Member

// Member returns a member, the zero Member for somebody the practice does not know.
func (all Members) Member(m id.Member) Member {
	if i := slices.IndexFunc(all, func(x Member) bool { return x.ID == m }); i >= 0 && !m.IsZero() {
		return all[i]
	}
	return Member{}
}

// Treats reports whether a member is an active clinician.
func (all Members) Treats(m id.Member) bool {
	member := all.Member(m)
	return member.Active && member.Clinician
}

// PrimaryRule says how the first primary of a chart or a household was found.
type PrimaryRule string

// The rules, as H-5 orders them.
const (
	// ByCreator: the member who created it is a clinician.
	ByCreator PrimaryRule = "creator"
	// ByFirstProfessional: the creator is not, so the practice's first clinician is.
	ByFirstProfessional PrimaryRule = "first_professional"
	// ByChoice: the creator named someone.
	ByChoice PrimaryRule = "explicit"
)

// DefaultPrimary finds the primary of a new chart or household when none was named
// (H-5, AMB-16): the creator, if among the active clinicians; else the clinician who
// joined first, ties going to the smaller member id. Fault:
// "no_professional_available" for a group without an active clinician.
func (all Members) DefaultPrimary(creator id.Member) (id.Member, PrimaryRule, error) {
	active := slices.DeleteFunc(slices.Clone(all), func(m Member) bool { return !m.Active || !m.Clinician })
	if slices.ContainsFunc(active, func(m Member) bool { return m.ID == creator }) {
		return creator, ByCreator, nil
	}
	if len(active) == 0 {
		return id.Member{}, "", fault.New(fault.Rejected, "no_professional_available", "A primary professional is needed, and the group has no active clinician. Invite one first.")
	}
	first := slices.MinFunc(active, func(a, b Member) int {
		return cmp.Or(a.Joined.Compare(b.Joined), a.ID.Compare(b.ID))
	})
	return first.ID, ByFirstProfessional, nil
}

// CheckFits says whether a member can have a role on a team. Faults:
// "member_inactive", "not_active_clinician".
func (m Member) CheckFits(role Role) error {
	switch {
	case !m.Active:
		return fault.New(fault.Rejected, "member_inactive", "This member's access to the group has ended. Only active members can be on a care team.")
	case role == Clinician && !m.Clinician:
		return ErrNotActiveClinician
	}
	return nil
}

// ErrNotActiveClinician refuses somebody in a clinician's place.
var ErrNotActiveClinician = fault.New(fault.Rejected, "not_active_clinician", "This member is not an active clinician of the group.")
