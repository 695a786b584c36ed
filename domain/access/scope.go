package access

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/id"
)

// scopeWords says how far each scope reaches.
var scopeWords = map[Scope]string{
	ScopeGroup:    "the whole practice",
	ScopeBranches: "the branches they work in",
	ScopeManaged:  "the clinicians they manage and themselves",
	ScopeAssists:  "the clinicians they assist",
	ScopeOwn:      "what is their own, their care teams' or about them",
	ScopePrimary:  "what they are responsible for or wrote",
	ScopeSelf:     "what is about them",
}

// words says how far a scope reaches.
func (s Scope) words() string { return cmp.Or(scopeWords[s], "nothing") }

// Known reports whether s is one of the scopes.
func (s Scope) Known() bool { return scopeWords[s] != "" }

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

// covers reports whether the subject's scope includes the resource at the instant now.
func covers(s *Subject, scope Scope, r *Resource, now time.Time) bool {
	switch scope {
	case ScopeGroup:
		return true
	case ScopeBranches:
		return !r.Branch.IsZero() && slices.Contains(s.Branches, r.Branch)
	case ScopeManaged:
		return covers(s, ScopeOwn, r, now) || named(s.Manages, r.Clinician) || named(s.Manages, r.Subject)
	case ScopeAssists:
		return named(s.Assists, r.Clinician)
	case ScopeOwn:
		return covers(s, ScopePrimary, r, now) || covers(s, ScopeSelf, r, now) || placed(r.Team, s.Member, now)
	case ScopePrimary:
		return r.Clinician == s.Member
	case ScopeSelf:
		return r.Subject == s.Member
	}
	return false
}

// named reports whether a member who is set stands in the list.
func named(list []id.Member, m id.Member) bool { return !m.IsZero() && slices.Contains(list, m) }

// placed reports whether a member who is set has a place on the team at the instant at.
func placed(team []Place, m id.Member, at time.Time) bool {
	for i := range team {
		if team[i].Member == m && !m.IsZero() && team[i].Holds(at) {
			return true
		}
	}
	return false
}
