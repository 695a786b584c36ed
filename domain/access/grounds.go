package access

import (
	"time"

	"praxis/domain/id"
)

// Ground is one thing that speaks for or against a member's use of a capability.
type Ground struct {
	// Rule names it, as in a Decision.
	Rule  string
	Allow bool
	// Scope is how far it reaches, as it counts here: a grant no further than the
	// matrix lets it be widened.
	Scope Scope
	// ChartsOnly reports that it is about the charts within Scope and nothing else:
	// those that the practice's clinicians share.
	ChartsOnly bool
	// Through is the permission that the rule is about, where that is another one: a
	// grant of what it belongs to, or a denial of what it needs.
	Through Capability
	// Event and Grantor are set where a person set the rule; From and Until bound
	// it in time, UTC, zero for unbounded. Until is exclusive.
	Event       id.Event
	Grantor     id.Member
	From, Until time.Time
}

// GroundsOf returns everything that speaks for or against a member's use of a
// capability at the instant now, in the order in which Decide looks: the first
// ground that includes a resource decides about it, and what none includes is
// denied. Only members have grounds.
func GroundsOf(s Subject, c Capability, now time.Time) []Ground {
	if s.Kind != KindMember || s.Group.IsZero() {
		return nil
	}
	if !s.Active || s.Member.IsZero() {
		return []Ground{{Rule: RuleInactive, Scope: ScopeGroup}}
	}
	cell, ok := CellOf(s.Role, c)
	if !ok {
		return nil
	}
	if cell.forbidden() {
		return []Ground{{Rule: RuleGuardrail, Scope: ScopeGroup}}
	}
	var grounds []Ground
	held := cell.held(s.Clinician)
	if c == PermissionView && denied(&s, c, now) {
		grounds = append(grounds, Ground{Rule: cellRules[s.Role][held], Allow: true, Scope: ScopeSelf})
	}
	grounds = inForce(grounds, s.Role, s.Overrides, false, c, now, RuleUserDeny)
	grounds = inForce(grounds, s.Role, s.Overrides, true, c, now, RuleUserGrant)
	grounds = inForce(grounds, s.Role, s.RoleRules, false, c, now, RuleRoleDeny)
	if held != "" {
		grounds = append(grounds, Ground{Rule: cellRules[s.Role][held], Allow: true, Scope: held})
	}
	grounds = inForce(grounds, s.Role, s.RoleRules, true, c, now, RuleRoleGrant)
	if scope := sharedScope(&s, c); scope != "" {
		grounds = append(grounds, Ground{
			Rule: RuleChartSharing, Allow: true, Scope: scope, ChartsOnly: true, Event: s.Sharing.Event, Grantor: s.Sharing.Grantor,
		})
	}
	return grounds
}

// inForce appends the rules that allow, or deny, the capability at this instant.
func inForce(grounds []Ground, role Role, rules []Rule, allow bool, c Capability, now time.Time, name string) []Ground {
	for i := range rules {
		r := &rules[i]
		if r.Allow != allow || !r.BearsOn(c) || !r.InForce(now) {
			continue
		}
		if scope := effective(r, role); scope != "" {
			g := Ground{Rule: name, Allow: allow, Scope: scope, Event: r.Event, Grantor: r.Grantor, From: r.From, Until: r.Until}
			if r.Capability != c {
				g.Through = r.Capability
			}
			grounds = append(grounds, g)
		}
	}
	return grounds
}

// denied reports whether any rule in force denies the member the capability.
func denied(s *Subject, c Capability, now time.Time) bool {
	for _, rules := range [...][]Rule{s.Overrides, s.RoleRules} {
		for i := range rules {
			if r := &rules[i]; !r.Allow && r.BearsOn(c) && r.InForce(now) {
				return true
			}
		}
	}
	return false
}
