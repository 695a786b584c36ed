package access

import (
	"fmt"
	"time"
)

// Explanation is a decision together with every step that led to it.
type Explanation struct {
	Decision
	Capability Capability
	// At is the instant that the explanation is about, UTC.
	At time.Time
	// Steps are the steps of the evaluation order that were taken; the last one
	// decided, the ones before it did not apply.
	Steps []Step
}

// Step is one step of the evaluation order in words. It names rules, roles,
// scopes and ids, never patients or people, and is safe to show.
type Step struct {
	Name    string
	Matched bool
	Why     string
}

// Explain answers as Decide does and says how it came about: which
// steps did not apply and why, and which one decided.
func Explain(s Subject, c Capability, r Resource, now time.Time) Explanation {
	e := Explanation{Capability: c, At: now.UTC()}
	if signedInMay(c) && !s.Account.IsZero() {
		return e.decided(Decision{Allowed: true, Rule: RuleSignedIn}, "signed in", "Everybody with an account may do this.")
	}
	switch s.Kind {
	case KindMember:
		return e.member(&s, &r, now)
	case KindPatient:
		return e.patient(&s, &r)
	case KindOperator:
		if operatorMay(c) {
			return e.decided(Decision{Allowed: true, Rule: RuleOperator}, "operator", "Operators run the installation.")
		}
		e.passed("operator", "Operators run the installation and do nothing else.")
	case KindSystem:
		if !s.Group.IsZero() && s.Group != r.Group {
			return e.decided(Decision{Rule: RuleTenancy}, "practice", "The process works for another practice.")
		}
		return e.decided(Decision{Allowed: true, Rule: RuleSystem}, "system", "Praxis' own processes do what they are made for.")
	case KindStranger:
		e.passed("membership", "The account is no member of this practice.")
	}
	return e.byDefault()
}

// member follows the evaluation order of decideMember, step by step.
func (e Explanation) member(s *Subject, r *Resource, now time.Time) Explanation {
	if s.Group.IsZero() || s.Group != r.Group {
		return e.decided(Decision{Rule: RuleTenancy}, "practice", "This belongs to another practice.")
	}
	e.passed("practice", "This belongs to the member's own practice.")
	if !s.Active || s.Member.IsZero() {
		return e.decided(Decision{Rule: RuleInactive}, "membership", "The member's access has ended.")
	}
	e.passed("membership", "The member's access holds.")
	cell, ok := CellOf(s.Role, e.Capability)
	if !ok {
		e.passed("guardrail", "The permission or the role does not exist.")
		return e.byDefault()
	}
	if cell.forbidden() {
		return e.decided(Decision{Rule: RuleGuardrail}, "guardrail", fmt.Sprintf("No %s can ever have this permission, whoever grants it.", s.Role))
	}
	e.passed("guardrail", fmt.Sprintf("The permission can be had by %s.", s.Role.an()))
	switch {
	case r.OfChart == nil:
	case sees(s, r.OfChart, now):
		e.passed("chart", "The member may open the chart.")
	case !ReachOf(*s, e.Capability, now).Empty():
		return e.decided(Decision{Rule: RuleUnseenChart}, "chart", "There is no such chart, or the member may not open it.")
	default:
		e.passed("chart", "There is no such chart, or the member may not open it; nor do they have the permission for anything else.")
		r = &Resource{Group: r.Group}
	}

	if e.byRule(s, s.Overrides, false, r, now, RuleUserDeny, "denied to the member") ||
		e.byRule(s, s.Overrides, true, r, now, RuleUserGrant, "granted to the member") ||
		e.byRule(s, s.RoleRules, false, r, now, RuleRoleDeny, "denied to the role") {
		return e
	}
	held := cell.held(s.Clinician)
	switch {
	case covers(s, held, r):
		return e.decided(Decision{Allowed: true, Rule: cellRules[s.Role][held]}, "held by the role", fmt.Sprintf("A %s has this permission for %s.", s.Role, held.words()))
	case held == "":
		e.passed("held by the role", fmt.Sprintf("A %s does not have this permission by itself.", s.Role))
	default:
		e.passed("held by the role", fmt.Sprintf("A %s has this permission for %s only, and this is something else.", s.Role, held.words()))
	}
	if e.byRule(s, s.RoleRules, true, r, now, RuleRoleGrant, "granted to the role") || e.explainShared(s, r) {
		return e
	}
	return e.byDefault()
}

// byRule takes the step of rules that people set, and reports whether it decided.
func (e *Explanation) byRule(s *Subject, rules []Rule, allow bool, r *Resource, now time.Time, name, step string) bool {
	if set := deciding(s, rules, allow, e.Capability, r, now); set != nil {
		*e = e.decided(Decision{Allowed: allow, Rule: name, Event: set.Event, Grantor: set.Grantor}, step,
			fmt.Sprintf("Set by member %s in event %s%s, for %s%s.", set.Grantor, set.Event, set.through(e.Capability), effective(set, s.Role).words(), set.validity()))
		return true
	}
	early, late, beside := 0, 0, 0
	for i := range rules {
		switch rule := &rules[i]; {
		case rule.Allow != allow || !rule.BearsOn(e.Capability):
		case now.Before(rule.From):
			early++
		case !rule.InForce(now):
			late++
		default:
			beside++
		}
	}
	switch {
	case beside > 0 && !allow && undeniable(s, e.Capability, r):
		e.passed(step, "Nobody can be denied to see what they may do themselves.")
	case beside > 0:
		e.passed(step, "A rule about this permission is in force, but does not reach this.")
	case early > 0:
		e.passed(step, "A rule about this permission has not begun yet.")
	case late > 0:
		e.passed(step, "A rule about this permission has ended.")
	default:
		e.passed(step, "No rule about this permission is set.")
	}
	return false
}

func (e Explanation) patient(s *Subject, r *Resource) Explanation {
	if s.Group.IsZero() || s.Group != r.Group {
		return e.decided(Decision{Rule: RuleTenancy}, "practice", "This belongs to another practice.")
	}
	e.passed("practice", "This belongs to the practice that treats the patient.")
	if !patientMay(e.Capability) {
		return e.decided(Decision{Rule: RuleGuardrail}, "guardrail", "Patients can never have this permission.")
	}
	e.passed("guardrail", "The permission can be had by patients.")
	if d := decidePatient(s, e.Capability, r); d.Allowed {
		return e.decided(d, "linked chart", "The account is linked to this chart.")
	}
	e.passed("linked chart", "The account is not linked to this chart.")
	return e.byDefault()
}

// passed notes a step that did not apply.
func (e *Explanation) passed(step, why string) {
	e.Steps = append(e.Steps, Step{Name: step, Why: why})
}

// decided ends the explanation with the step that applied.
func (e Explanation) decided(d Decision, step, why string) Explanation {
	e.Decision = d
	e.Steps = append(e.Steps, Step{Name: step, Matched: true, Why: why})
	return e
}

func (e Explanation) byDefault() Explanation {
	return e.decided(Decision{Rule: RuleDefaultDeny}, "default", "What nothing allows is denied.")
}

// String tells the whole explanation in words, a step a line.
func (e Explanation) String() string {
	answer := "denied"
	if e.Allowed {
		answer = "allowed"
	}
	text := fmt.Sprintf("%s at %s: %s (%s)", e.Capability, e.At.Format(time.RFC3339), answer, e.Rule)
	for i, s := range e.Steps {
		mark := "no "
		if s.Matched {
			mark = "yes"
		}
		text += fmt.Sprintf("\n%2d. %s  %s: %s", i+1, mark, s.Name, s.Why)
	}
	return text
}

// through names the permission that the rule is about, where it decides about
// another one.
func (r *Rule) through(c Capability) string {
	switch {
	case r.Capability == c:
		return ""
	case r.Allow:
		return fmt.Sprintf(" by granting %s, to which this belongs", r.Capability)
	}
	return fmt.Sprintf(" by denying %s, without which this is not to be had", r.Capability)
}

// validity says from when and until when a rule holds, if it is bounded.
func (r Rule) validity() string {
	text := ""
	if !r.From.IsZero() {
		text += " from " + r.From.UTC().Format(time.RFC3339)
	}
	if !r.Until.IsZero() {
		text += " until " + r.Until.UTC().Format(time.RFC3339)
	}
	return text
}

// words says how far a scope reaches.
func (s Scope) words() string {
	switch s {
	case ScopeGroup:
		return "the whole practice"
	case ScopeBranches:
		return "the branches they work in"
	case ScopeManaged:
		return "the clinicians they manage and themselves"
	case ScopeAssists:
		return "the clinicians they assist"
	case ScopeOwn:
		return "what is their own, their care teams' or about them"
	case ScopePrimary:
		return "what they are responsible for or wrote"
	case ScopeSelf:
		return "what is about them"
	}
	return "nothing"
}
