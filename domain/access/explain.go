package access

import (
	"fmt"
	"time"
)

// Explanation is a decision together with every step that led to it.
type Explanation struct {
	Decision
	Capability Capability `json:"-"`
	// At is the instant that the explanation is about, UTC.
	At time.Time `json:"-"`
	// Steps are the steps of the evaluation order that were taken; the last one
	// decided, the ones before it did not apply.
	Steps []Step `json:"steps"`
}

// Step is one step of the evaluation order in words. It names rules, roles,
// scopes and ids, never patients or people, and is safe to show.
type Step struct {
	Name    string `json:"name"`
	Matched bool   `json:"matched"`
	Why     string `json:"why"`
}

// Explain answers as Decide does and says how it came about: which
// steps did not apply and why, and which one decided.
func Explain(s Subject, c Capability, r Resource, now time.Time) Explanation {
	e := Explanation{Decision: Decide(s, c, r, now), Capability: c, At: now.UTC()}
	if e.Rule == RuleSignedIn {
		e.step("signed in", RuleSignedIn, "Everybody with an account may do this.", "")
		return e
	}
	decided := false
	switch s.Kind {
	case KindMember:
		decided = e.member(&s, &r, now)
	case KindPatient:
		decided = e.step("practice", RuleTenancy, "This belongs to another practice.", "This belongs to the practice that treats the patient.") ||
			e.step("guardrail", RuleGuardrail, "Patients can never have this permission.", "The permission can be had by patients.") ||
			e.step("limit", RulePatientLimit, "The account's link to this chart does not include this permission.", "No link to this chart excludes it.") ||
			e.step("linked chart", RulePatient, "The account is linked to this chart.", "The account is not linked to this chart.")
	case KindOperator:
		decided = e.step("operator", RuleOperator, "Operators run the installation.", "Operators run the installation and do nothing else.")
	case KindSystem:
		decided = e.Rule == RuleTenancy && e.step("practice", RuleTenancy, "The process works for another practice.", "") ||
			e.step("system", RuleSystem, "Praxis' own processes do what they are made for.", "")
	case KindStranger:
		decided = e.step("membership", "", "", "The account is no member of this practice.")
	}
	if !decided {
		e.step("default", RuleDefaultDeny, "What nothing allows is denied.", "")
	}
	return e
}

// step takes the step of a rule, and reports whether it decided; if not, the step is
// noted with why it did not apply.
func (e *Explanation) step(name, rule, applies, otherwise string) bool {
	decided := e.Rule == rule
	why := otherwise
	if decided {
		why = applies
	}
	e.Steps = append(e.Steps, Step{Name: name, Matched: decided, Why: why})
	return decided
}

// member tells the steps of decideMember, and reports whether one of them decided.
func (e *Explanation) member(s *Subject, r *Resource, now time.Time) bool {
	if e.step("practice", RuleTenancy, "This belongs to another practice.", "This belongs to the member's own practice.") ||
		e.step("membership", RuleInactive, "The member's access has ended.", "The member's access holds.") {
		return true
	}
	cell, ok := CellOf(s.Role, e.Capability)
	if !ok {
		return e.step("guardrail", RuleGuardrail, "", "The permission or the role does not exist.")
	}
	if e.step("guardrail", RuleGuardrail, fmt.Sprintf("No %s can ever have this permission, whoever grants it.", s.Role),
		fmt.Sprintf("The permission can be had by %s.", s.Role.an())) {
		return true
	}
	if e.guard(r.guard()) {
		return true
	}
	_, by := decideMember(s, e.Capability, r, now)
	if r.OfChart != nil {
		may := "The member may open the chart."
		if !sees(s, r.OfChart, e.Capability, now) {
			may = "There is no such chart, or the member may not open it; nor do they have the permission for anything else."
			r = &Resource{Group: r.Group}
		}
		if e.step("chart", RuleUnseenChart, "There is no such chart, or the member may not open it.", may) {
			return true
		}
	}
	held := cell.held(s.Clinician)
	holds := fmt.Sprintf("A %s has this permission for %s", s.Role, held.words())
	holdsNot := holds + " only, and this is something else."
	if held == "" {
		holdsNot = fmt.Sprintf("A %s does not have this permission by itself.", s.Role)
	}
	return e.byRule(s, s.Overrides, false, r, now, RuleUserDeny, "denied to the member", by) ||
		e.byRule(s, s.Overrides, true, r, now, RuleUserGrant, "granted to the member", by) ||
		e.byRule(s, s.RoleRules, false, r, now, RuleRoleDeny, "denied to the role", by) ||
		e.step("held by the role", cellRules[s.Role][held], holds+"."+placeEnds(s, held, r, now), holdsNot+placeOff(s, r, now)) ||
		e.byRule(s, s.RoleRules, true, r, now, RuleRoleGrant, "granted to the role", by) ||
		e.explainShared(s, r)
}

// guard takes the steps of what is set on the chart itself, where anything is.
func (e *Explanation) guard(g *Guard) bool {
	if g == nil {
		return false
	}
	return e.step("excluded from the chart", RuleChartExclusion,
		fmt.Sprintf("Member %s excluded the member in event %s.", e.Grantor, e.Event), "The member is not excluded from the chart.") ||
		e.step("glass broken", RuleBreakGlass,
			fmt.Sprintf("The member broke the glass in event %s, for reading in an emergency.", e.Event), "The member has not broken the glass, or this is nothing that it opens.") ||
		e.step("restriction of the chart", RuleChartRestriction,
			fmt.Sprintf("Member %s restricted this part of the chart to others in event %s.", e.Grantor, e.Event), "No restriction keeps the member from this part of the chart.")
}

// byRule takes the step of rules that people set, and reports whether one decided.
func (e *Explanation) byRule(s *Subject, rules []Rule, allow bool, r *Resource, now time.Time, name, step string, by Ground) bool {
	early, late, beside := false, false, false
	for i := range rules {
		switch rule := &rules[i]; {
		case rule.Allow != allow || !rule.BearsOn(e.Capability):
		case now.Before(rule.From):
			early = true
		case !rule.InForce(now):
			late = true
		default:
			beside = true
		}
	}
	why := "No rule about this permission is set."
	switch {
	case beside && !allow && undeniable(s, e.Capability, r):
		why = "Nobody can be denied to see what they may do themselves."
	case beside:
		why = "A rule about this permission is in force, but does not reach this."
	case early:
		why = "A rule about this permission has not begun yet."
	case late:
		why = "A rule about this permission has ended."
	}
	set := fmt.Sprintf("Set by member %s in event %s%s, for %s%s.", by.Grantor, by.Event, by.through(), by.Scope.words(), by.validity())
	return e.step(step, name, set+placeEnds(s, by.Scope, r, now), why)
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

// through names the permission that the ground is about, where that is another one.
func (g Ground) through() string {
	switch {
	case g.Through == "":
		return ""
	case g.Allow:
		return fmt.Sprintf(" by granting %s, to which this belongs", g.Through)
	}
	return fmt.Sprintf(" by denying %s, without which this is not to be had", g.Through)
}

// placeEnds says when the member's place on the care team ends by itself, if it is that alone
// through which the scope includes the resource.
func placeEnds(s *Subject, scope Scope, r *Resource, now time.Time) string {
	bare := *r
	bare.Team = nil
	if covers(s, scope, &bare, now) {
		return ""
	}
	for _, p := range r.Team {
		if p.Member == s.Member && p.Holds(now) && !p.Until.IsZero() {
			return " The member's place on the care team ends at " + p.Until.UTC().Format(time.RFC3339) + "."
		}
	}
	return ""
}

// placeOff says when the member's place on the care team ended, or begins, if it gives
// nothing now.
func placeOff(s *Subject, r *Resource, now time.Time) string {
	for _, p := range r.Team {
		switch {
		case p.Member != s.Member || p.Holds(now):
		case now.Before(p.From):
			return " The member's place on the care team begins at " + p.From.UTC().Format(time.RFC3339) + "."
		default:
			return " The member's place on the care team ended at " + p.Until.UTC().Format(time.RFC3339) + "."
		}
	}
	return ""
}

// validity says from when and until when the ground holds, if it is bounded.
func (g Ground) validity() string {
	text := ""
	if !g.From.IsZero() {
		text += " from " + g.From.UTC().Format(time.RFC3339)
	}
	if !g.Until.IsZero() {
		text += " until " + g.Until.UTC().Format(time.RFC3339)
	}
	return text
}
