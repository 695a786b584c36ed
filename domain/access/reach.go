package access

import (
	"slices"
	"time"

	"praxis/domain/id"
)

// Reach is everything that a subject may touch with one capability at one
// instant: what Decide allows, as a set that a query can filter by. A resource
// is reached if it belongs to the group and lies in any of the parts.
type Reach struct {
	// Group is the only group whose resources are reached; the zero Group stands
	// for every group: for operators and the system, and for what every account may do.
	Group id.Group
	// Parts are alternatives. There are at most four, and none for nothing at all.
	Parts []Part
	// At is the instant, UTC, at which places on care teams are looked at: a place that
	// has ended by then, or not begun, is none.
	At time.Time
}

// Part is an area without another area.
type Part struct {
	Within, Except Area
}

// Area is a set of resources: those that meet any of its conditions.
type Area struct {
	// All includes everything; the other conditions then add nothing.
	All bool `json:"everything,omitempty"`
	// Clinicians includes what belongs to one of these clinicians.
	Clinicians []id.Member `json:"clinicians,omitempty"`
	// Branches includes what belongs to one of these branches.
	Branches []id.Branch `json:"branches,omitempty"`
	// EveryChart includes every chart, but nothing that is none; ChartsOf the charts
	// of these branches. They are what the practice's clinicians share.
	EveryChart bool        `json:"everyChart,omitempty"`
	ChartsOf   []id.Branch `json:"chartsOf,omitempty"`
	// TeamOf, if set, includes the charts on whose care team this member has a place.
	TeamOf id.Member `json:"careTeamOf,omitzero"`
	// About includes what is about one of these members.
	About []id.Member `json:"about,omitempty"`
	// Charts includes these charts: those of patients, and those that a guard hides or opens.
	Charts []id.Chart `json:"-"`
}

// ReachOf returns the set of resources for which Decide says yes.
func ReachOf(s Subject, c Capability, now time.Time) Reach {
	if signedInMay(c) && !s.Account.IsZero() {
		return Reach{Parts: []Part{{Within: Area{All: true}}}}
	}
	switch s.Kind {
	case KindMember:
		return reachOfMember(&s, c, now)
	case KindPatient:
		return reachOfPatient(&s, c, now)
	case KindOperator:
		if operatorMay(c) {
			return Reach{Parts: []Part{{Within: Area{All: true}}}}
		}
	case KindSystem:
		return Reach{Group: s.Group, Parts: []Part{{Within: Area{All: true}}}}
	case KindStranger:
	}
	return Reach{}
}

// reachOfMember divides the member's grounds: what the member was granted, less
// what they were denied; and what the role holds and the practice shares, less
// what either was denied.
func reachOfMember(s *Subject, c Capability, now time.Time) Reach {
	cell, ok := CellOf(s.Role, c)
	if !ok || cell.forbidden() || !s.Active || s.Member.IsZero() || s.Group.IsZero() {
		return Reach{}
	}
	var granted, denied, roleHolds, roleDenied Area
	s.grounds(c, now, func(g Ground) bool {
		switch g.Rule {
		case RuleUserDeny:
			denied.add(s, g)
			roleDenied.add(s, g)
		case RuleUserGrant:
			granted.add(s, g)
		case RuleRoleDeny:
			roleDenied.add(s, g)
		default:
			roleHolds.add(s, g)
		}
		return true
	})
	reach := Reach{Group: s.Group, At: now.UTC()}
	for _, p := range [...]Part{{granted, denied}, {roleHolds, roleDenied}} {
		if !p.Within.Empty() && !p.Except.All {
			reach.Parts = append(reach.Parts, p)
		}
	}
	if c == PermissionView && !roleDenied.Empty() {
		reach.Parts = append(reach.Parts, Part{Within: Area{About: []id.Member{s.Member}}})
	}
	reach.guarded(s, c, now)
	return reach
}

// Empty reports whether nothing at all is reached. A reach that is not empty may
// still hold no resource that exists.
func (r Reach) Empty() bool { return len(r.Parts) == 0 }

// Everything reports whether every resource of the group is reached.
func (r Reach) Everything() bool {
	return slices.ContainsFunc(r.Parts, func(p Part) bool { return p.Within.All && p.Except.Empty() })
}

// Contains reports whether the resource is reached.
func (r Reach) Contains(res Resource) bool {
	if !r.Group.IsZero() && r.Group != res.Group {
		return false
	}
	return slices.ContainsFunc(r.Parts, func(p Part) bool {
		return p.Within.Contains(res, r.At) && !p.Except.Contains(res, r.At)
	})
}

// Empty reports whether the area includes nothing.
func (a Area) Empty() bool {
	return !a.All && len(a.Clinicians) == 0 && len(a.Branches) == 0 && !a.EveryChart && len(a.ChartsOf) == 0 &&
		a.TeamOf.IsZero() && len(a.About) == 0 && len(a.Charts) == 0
}

// Contains reports whether the resource meets one of the area's conditions at the
// instant at. Unset fields of a resource meet none.
func (a Area) Contains(r Resource, at time.Time) bool {
	return a.All ||
		named(a.Clinicians, r.Clinician) ||
		!r.Branch.IsZero() && slices.Contains(a.Branches, r.Branch) ||
		!r.Chart.IsZero() && (a.EveryChart || !r.Branch.IsZero() && slices.Contains(a.ChartsOf, r.Branch)) ||
		placed(r.Team, a.TeamOf, at) ||
		named(a.About, r.Subject) ||
		!r.Chart.IsZero() && slices.Contains(a.Charts, r.Chart)
}

// add widens the area by what a ground includes.
func (a *Area) add(s *Subject, g Ground) {
	switch {
	case !g.ChartsOnly:
		a.addScope(s, g.Scope)
	case g.Scope == ScopeGroup:
		a.EveryChart = true
	default:
		a.ChartsOf = union(a.ChartsOf, s.Branches...)
	}
}

// addScope widens the area by a scope of the subject, as covers reads it.
func (a *Area) addScope(s *Subject, scope Scope) {
	switch scope {
	case ScopeGroup:
		a.All = true
	case ScopeBranches:
		a.Branches = union(a.Branches, s.Branches...)
	case ScopeManaged:
		a.Clinicians, a.About = union(a.Clinicians, s.Manages...), union(a.About, s.Manages...)
		a.addScope(s, ScopeOwn)
	case ScopeAssists:
		a.Clinicians = union(a.Clinicians, s.Assists...)
	case ScopeOwn:
		a.addScope(s, ScopePrimary)
		a.addScope(s, ScopeSelf)
		a.TeamOf = s.Member
	case ScopePrimary:
		a.Clinicians = union(a.Clinicians, s.Member)
	case ScopeSelf:
		a.About = union(a.About, s.Member)
	}
}

// union appends what the list does not hold yet.
func union[T comparable](list []T, more ...T) []T {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}
