package chart

import (
	"cmp"
	"slices"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// PrimaryRule says how the first primary of a chart was found.
type PrimaryRule string

// The rules, as H-5 orders them.
const (
	// ByCreator: the member who created the chart is a clinician.
	ByCreator PrimaryRule = "creator"
	// ByFirstProfessional: the creator is not, so the practice's first clinician is.
	ByFirstProfessional PrimaryRule = "first_professional"
	// ByChoice: the creator named someone.
	ByChoice PrimaryRule = "explicit"
)

// DefaultPrimary finds the primary of a new chart when none was named (H-5,
// AMB-16): the creator, if among the active clinicians; else the clinician who
// joined first, ties going to the smaller member id. Fault:
// "no_professional_available" for a group without an active clinician.
func (p Group) DefaultPrimary(creator id.Member) (id.Member, PrimaryRule, error) {
	active := slices.DeleteFunc(slices.Clone(p.Members), func(m Member) bool { return !m.Active || !m.Clinician })
	if slices.ContainsFunc(active, func(m Member) bool { return m.ID == creator }) {
		return creator, ByCreator, nil
	}
	if len(active) == 0 {
		return id.Member{}, "", fault.New(fault.Rejected, "no_professional_available", "A chart needs a primary professional, and the group has no active clinician. Invite one first.")
	}
	first := slices.MinFunc(active, func(a, b Member) int {
		return cmp.Or(a.Joined.Compare(b.Joined), a.ID.Compare(b.ID))
	})
	return first.ID, ByFirstProfessional, nil
}
