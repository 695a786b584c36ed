package access

import (
	"slices"

	"praxis/domain/id"
)

// Known reports whether s is one of the scopes.
func (s Scope) Known() bool {
	switch s {
	case ScopeGroup, ScopeBranches, ScopeManaged, ScopeAssists, ScopeOwn, ScopePrimary, ScopeSelf:
		return true
	}
	return false
}

// within reports whether scope reaches no further than bound, for every member.
func within(scope, bound Scope) bool {
	switch bound {
	case ScopeGroup:
		return scope.Known()
	case ScopeManaged:
		return scope == ScopeManaged || within(scope, ScopeOwn)
	case ScopeOwn:
		return scope == ScopeOwn || scope == ScopePrimary || scope == ScopeSelf
	case ScopeBranches, ScopeAssists, ScopePrimary, ScopeSelf:
		return scope == bound
	}
	return false
}

// clip returns the part of scope that lies within bound: what is left of a
// grant after its holder changed into a role that may hold less. Empty is
// nothing; two scopes that only overlap have no name in common and give nothing.
func clip(scope, bound Scope) Scope {
	switch {
	case within(scope, bound):
		return scope
	case within(bound, scope):
		return bound
	}
	return ""
}

// covers reports whether the subject's scope includes the resource.
func covers(s *Subject, scope Scope, r *Resource) bool {
	switch scope {
	case ScopeGroup:
		return true
	case ScopeBranches:
		return !r.Branch.IsZero() && slices.Contains(s.Branches, r.Branch)
	case ScopeManaged:
		return covers(s, ScopeOwn, r) || named(s.Manages, r.Clinician) || named(s.Manages, r.Subject)
	case ScopeAssists:
		return named(s.Assists, r.Clinician)
	case ScopeOwn:
		return covers(s, ScopePrimary, r) || covers(s, ScopeSelf, r) || named(r.Team, s.Member)
	case ScopePrimary:
		return r.Clinician == s.Member
	case ScopeSelf:
		return r.Subject == s.Member
	}
	return false
}

// named reports whether a member who is set stands in the list.
func named(list []id.Member, m id.Member) bool { return !m.IsZero() && slices.Contains(list, m) }
