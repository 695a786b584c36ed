// Package careteam is the team of people around one patient or household: one
// primary professional who answers for the care, and others with a role each.
// Charts and households share it, so that the rule of exactly one primary (H-2)
// is written once. It imports the standard library, access, civil, fault and id.
package careteam

import (
	"cmp"
	"slices"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Role is what a participant does on the team (H-1).
type Role string

// The roles of a team.
const (
	// Primary is the one responsible professional. It is never given by adding
	// or changing a participant, only by reassigning.
	Primary Role = "primary"
	// Clinician also treats the patient.
	Clinician Role = "clinician"
	// Support helps without treating, such as a biller or a front desk.
	Support Role = "support"
)

// ParseRole reads a role. Fault: "role_unknown".
func ParseRole(s string) (Role, error) {
	r := Role(s)
	if r != Primary && r != Clinician && r != Support {
		return "", errRoleUnknown
	}
	return r, nil
}

// Participant is one person on the team besides the primary.
type Participant struct {
	Member id.Member `json:"member"`
	Role   Role      `json:"role"`
	// Window is when their place holds; zero is always.
	Window Window `json:"window,omitzero"`
}

// Place is what the participant has on the team, as access is decided over it.
func (p Participant) Place() access.Place {
	return access.Place{Member: p.Member, From: p.Window.From, Until: p.Window.Until}
}

// Team is a value: its methods return a changed copy. The primary has a place
// of their own, so no sequence of changes can lead to two of them, nor, once
// there is one, to none. The zero Team is that of a chart not yet created.
type Team struct {
	primary id.Member
	others  []Participant
}

// Of returns the team of a primary alone.
func Of(primary id.Member) Team { return Team{primary: primary} }

// Primary returns the responsible professional; the zero id before creation.
func (t Team) Primary() id.Member { return t.primary }

// Others returns the participants besides the primary, in the order they joined.
func (t Team) Others() []Participant { return slices.Clone(t.others) }

// OtherMembers returns the members besides the primary, in the order they joined.
func (t Team) OtherMembers() []id.Member {
	members := make([]id.Member, 0, len(t.others))
	for _, p := range t.others {
		members = append(members, p.Member)
	}
	return members
}

// Places returns the places besides the primary's, as access is decided over them.
func (t Team) Places() []access.Place {
	var places []access.Place
	for _, p := range t.others {
		places = append(places, p.Place())
	}
	return places
}

// RoleOf returns the role of a member; ok is false for people not on the team.
func (t Team) RoleOf(m id.Member) (role Role, ok bool) {
	if m == t.primary && !m.IsZero() {
		return Primary, true
	}
	i := t.find(m)
	if i < 0 {
		return "", false
	}
	return t.others[i].Role, true
}

// Reassign returns the team with a new primary, in one step. The former primary
// stays with role formerBecomes, or leaves when that is empty. Reassigning to
// the zero id leaves the team as it is.
func (t Team) Reassign(to id.Member, formerBecomes Role) Team {
	if to.IsZero() || to == t.primary {
		return t
	}
	former := t.primary
	next := Team{primary: to, others: t.without(to)}
	if formerBecomes == "" || former.IsZero() {
		return next
	}
	return next.With(former, formerBecomes)
}

// With returns the team with m in the given role, joined for an unbounded time or
// changed. The primary cannot be given another role and no member becomes primary this
// way: both leave the team as it is.
func (t Team) With(m id.Member, role Role) Team {
	if m == t.primary || role == Primary {
		return t
	}
	others := slices.Clone(t.others)
	if i := t.find(m); i >= 0 {
		others[i].Role = role
	} else {
		others = append(others, Participant{Member: m, Role: role})
	}
	return Team{primary: t.primary, others: others}
}

// Bounded returns the team with m's place bounded in time; zero is unbounded. That of the
// primary is not.
func (t Team) Bounded(m id.Member, w Window) Team {
	i := t.find(m)
	if i < 0 {
		return t
	}
	others := slices.Clone(t.others)
	others[i].Window = w
	return Team{primary: t.primary, others: others}
}

// Without returns the team without m. The primary stays whatever is asked.
func (t Team) Without(m id.Member) Team {
	return Team{primary: t.primary, others: t.without(m)}
}

// CheckAdd says whether m may join in a role. Faults: "role_unknown",
// "second_primary", "already_on_team".
func (t Team) CheckAdd(m id.Member, role Role) error {
	_, on := t.RoleOf(m)
	return cmp.Or(checkRole(role), fault.When(on, errOnTeam))
}

// CheckChange says whether m may take another role (H-6). Faults:
// "role_unknown", "second_primary", "not_on_team", "primary_required", "same_role".
func (t Team) CheckChange(m id.Member, role Role) error {
	held, _ := t.RoleOf(m)
	same := fault.New(fault.Rejected, "same_role", "This member already has the role %q on the team.", role)
	return cmp.Or(checkRole(role), t.CheckRemove(m), fault.When(held == role, same))
}

// CheckRemove says whether m may leave (H-2). Faults: "not_on_team", "primary_required".
func (t Team) CheckRemove(m id.Member) error {
	switch role, on := t.RoleOf(m); {
	case !on:
		return fault.New(fault.Rejected, "not_on_team", "This member is not on the team.")
	case role == Primary:
		return fault.New(fault.Rejected, "primary_required", "There must always be exactly one primary professional. Name another primary first.")
	}
	return nil
}

func checkRole(role Role) error {
	if role == Primary {
		return fault.New(fault.Rejected, "second_primary", "There is exactly one primary professional. Reassign the primary instead of adding a second.")
	}
	_, err := ParseRole(string(role))
	return err
}

func (t Team) find(m id.Member) int {
	return slices.IndexFunc(t.others, func(p Participant) bool { return p.Member == m })
}

func (t Team) without(m id.Member) []Participant {
	i := t.find(m)
	if i < 0 {
		return t.others
	}
	return slices.Delete(slices.Clone(t.others), i, i+1)
}

var errOnTeam = fault.New(fault.Rejected, "already_on_team", "This member is already on the team. Change their role instead of adding them again.")

var errRoleUnknown = fault.New(fault.Invalid, "role_unknown", "A role on a care team must be clinician or support; the primary is named by reassigning.")
