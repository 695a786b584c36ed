package access

import (
	"slices"
	"time"

	"praxis/domain/id"
)

// Ground is one thing that speaks for or against a member's use of a capability.
type Ground struct {
	// Rule names it, as in a Decision.
	Rule  string `json:"rule"`
	Allow bool   `json:"allow"`
	// Scope is how far it reaches, as it counts here: a grant no further than the
	// matrix lets it be widened.
	Scope Scope `json:"scope"`
	// ChartsOnly reports that it is about the charts within Scope and nothing else:
	// those that the practice's clinicians share.
	ChartsOnly bool `json:"chartsOnly,omitempty"`
	// Through is the permission that the rule is about, where that is another one: a
	// grant of what it belongs to, or a denial of what it needs.
	Through Capability `json:"through,omitempty"`
	// Event and Grantor are set where a person set the rule; From and Until bound
	// it in time, UTC, zero for unbounded. Until is exclusive.
	Event   id.Event  `json:"event,omitzero"`
	Grantor id.Member `json:"grantor,omitzero"`
	From    time.Time `json:"from,omitzero"`
	Until   time.Time `json:"until,omitzero"`
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
	s.grounds(c, now, func(g Ground) bool {
		grounds = append(grounds, g)
		return true
	})
	// What they may do themselves nobody can be denied to see.
	if c == PermissionView && slices.ContainsFunc(grounds, func(g Ground) bool { return !g.Allow }) {
		self := Ground{Rule: cellRules[s.Role][cell.held(s.Clinician)], Allow: true, Scope: ScopeSelf}
		grounds = slices.Insert(grounds, 0, self)
	}
	return grounds
}

// grounds yields what speaks for or against a member's use of a capability, in the one
// order in which it counts: a denial set for the member; a grant set for the member; a
// denial set for the role; what the matrix gives the role; a grant set for the role;
// charts that the practice's clinicians share.
func (s *Subject) grounds(c Capability, now time.Time, yield func(Ground) bool) {
	cell, _ := CellOf(s.Role, c)
	held := cell.held(s.Clinician)
	shared := Ground{
		Rule: RuleChartSharing, Allow: true, Scope: sharedScope(s, c), ChartsOnly: true, Event: s.Sharing.Event, Grantor: s.Sharing.Grantor,
	}
	_ = s.setBy(s.Overrides, false, c, now, RuleUserDeny, yield) &&
		s.setBy(s.Overrides, true, c, now, RuleUserGrant, yield) &&
		s.setBy(s.RoleRules, false, c, now, RuleRoleDeny, yield) &&
		(held == "" || yield(Ground{Rule: cellRules[s.Role][held], Allow: true, Scope: held})) &&
		s.setBy(s.RoleRules, true, c, now, RuleRoleGrant, yield) &&
		(shared.Scope == "" || yield(shared))
}

// setBy yields the rules of a list that allow, or deny, the capability at this instant,
// and reports whether more are wanted.
func (s *Subject) setBy(rules []Rule, allow bool, c Capability, now time.Time, name string, yield func(Ground) bool) bool {
	for i := range rules {
		r := &rules[i]
		if r.Allow != allow || !r.BearsOn(c) || !r.InForce(now) {
			continue
		}
		g := Ground{Rule: name, Allow: allow, Scope: effective(r, s.Role), Event: r.Event, Grantor: r.Grantor, From: r.From, Until: r.Until}
		if r.Capability != c {
			g.Through = r.Capability
		}
		if g.Scope != "" && !yield(g) {
			return false
		}
	}
	return true
}

// includes reports whether the ground decides about the resource at the instant now.
func (g *Ground) includes(s *Subject, c Capability, r *Resource, now time.Time) bool {
	if !g.Allow && undeniable(s, c, r) || g.ChartsOnly && r.Chart.IsZero() {
		return false
	}
	return covers(s, g.Scope, r, now)
}
