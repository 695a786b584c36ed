package access

import "time"

// The rules that a Decision can name besides the cells of the matrix.
const (
	// RuleTenancy denies what belongs to another group, or to none that is known.
	RuleTenancy = "tenancy"
	// RuleInactive denies everything to members whose access was revoked.
	RuleInactive = "inactive"
	// RuleGuardrail denies what no grant can allow (X in the matrix).
	RuleGuardrail = "guardrail"
	// RuleUserDeny and RuleUserGrant were set for this very member.
	RuleUserDeny  = "user_deny"
	RuleUserGrant = "user_grant"
	// RuleRoleDeny and RuleRoleGrant were set for the member's role.
	RuleRoleDeny  = "role_deny"
	RuleRoleGrant = "role_grant"
	// RuleChartSharing allows clinicians to look at the charts that the practice shares.
	RuleChartSharing = "chart_sharing"
	// RuleUnseenChart denies everything about charts that do not exist or that the
	// member may not open: no answer distinguishes the two.
	RuleUnseenChart = "unseen_chart"
	// RuleChartExclusion denies a chart to a member who is excluded from it, and
	// RuleChartRestriction what of it is restricted to others; no grant goes beyond them.
	RuleChartExclusion   = "chart_exclusion"
	RuleChartRestriction = "chart_restriction"
	// RuleBreakGlass allows reading in an emergency, whatever else denies it but an exclusion.
	RuleBreakGlass = "break_glass"
	// RuleDefaultDeny is the answer where nothing else decides.
	RuleDefaultDeny = "default_deny"
	// RulePatient allows patients what concerns their own charts, as far as their link to
	// the chart goes; RulePatientLimit denies what the link does not allow.
	RulePatient      = "patient:own_chart"
	RulePatientLimit = "patient:limit"
	// RuleOperator allows operators to run the installation.
	RuleOperator = "operator"
	// RuleSignedIn allows what everybody with an account may do.
	RuleSignedIn = "signed_in"
	// RuleSystem allows the system's own processes what they name.
	RuleSystem = "system"
)

// Decide answers whether the subject may use a capability on a resource at the
// instant now, and says which rule decided. The first that applies wins: tenancy,
// inactivity and guardrails; what is set on the chart itself, an exclusion, glass that was
// broken, a restriction; a chart that the member may not open; the member's
// grounds in their order; by default it denies. It is the only
// judge of commands and queries alike.
func Decide(s Subject, c Capability, r Resource, now time.Time) Decision {
	if signedInMay(c) && !s.Account.IsZero() {
		return Decision{Allowed: true, Rule: RuleSignedIn}
	}
	switch s.Kind {
	case KindMember:
		d, _ := decideMember(&s, c, &r, now)
		return d
	case KindPatient:
		return decidePatient(&s, c, &r, now)
	case KindOperator:
		if operatorMay(c) {
			return Decision{Allowed: true, Rule: RuleOperator}
		}
	case KindSystem:
		if !s.Group.IsZero() && s.Group != r.Group {
			return Decision{Rule: RuleTenancy}
		}
		return Decision{Allowed: true, Rule: RuleSystem}
	case KindStranger:
	}
	return Decision{Rule: RuleDefaultDeny}
}

// decideMember decides about a member, and returns the ground that decided, if one did.
func decideMember(s *Subject, c Capability, r *Resource, now time.Time) (d Decision, by Ground) {
	cell, ok := CellOf(s.Role, c)
	switch {
	case s.Group.IsZero() || s.Group != r.Group:
		return Decision{Rule: RuleTenancy}, by
	case !s.Active || s.Member.IsZero():
		return Decision{Rule: RuleInactive}, by
	case !ok:
		return Decision{Rule: RuleDefaultDeny}, by
	case cell.forbidden():
		return Decision{Rule: RuleGuardrail}, by
	}
	set, decides := r.guard().judge(s.Member, c, now)
	switch seen := (decides && (set.Allowed || r.OfChart == nil)) || sees(s, r.OfChart, c, now); {
	case decides && seen:
		return set, by
	case seen:
	case ReachOf(*s, c, now).Empty():
		// Who has the permission nowhere is told so, whether or not there is the chart.
		r = &Resource{Group: r.Group}
	case decides:
		return set, by
	default:
		return Decision{Rule: RuleUnseenChart}, by
	}
	d.Rule = RuleDefaultDeny
	s.grounds(c, now, func(g Ground) bool {
		if g.includes(s, c, r, now) {
			d, by = Decision{Allowed: g.Allow, Rule: g.Rule, Event: g.Event, Grantor: g.Grantor}, g
			return false
		}
		return true
	})
	return d, by
}

// Sees reports whether the subject is a member who may open a chart, given as it is;
// the zero Resource is a chart that does not exist.
func Sees(s Subject, chart Resource, now time.Time) bool {
	chart.OfChart = nil
	d, _ := decideMember(&s, RosterView, &chart, now)
	return s.Kind == KindMember && d.Allowed
}

// sees reports whether the member may open the chart that is named, if one is, so that they
// may use a capability there. Glass that they broke is not asked: what it opens is decided
// by then, and it opens nothing else. What is done about the chart's guard is done without
// opening it: there, who may do that sees it as far as it takes.
func sees(s *Subject, chart *Resource, c Capability, now time.Time) bool {
	if chart == nil {
		return true
	}
	itself := *chart
	itself.OfChart, itself.Guard = nil, chart.Guard.withoutGlass()
	d, _ := decideMember(s, RosterView, &itself, now)
	if !d.Allowed && ofGuards(c) && !itself.Chart.IsZero() {
		d, _ = decideMember(s, c, &itself, now)
	}
	return d.Allowed
}

// KeptFrom reports whether what is set on a chart, given as it is, keeps a member from using
// a capability on what is theirs of it.
func KeptFrom(s Subject, c Capability, chart Resource, now time.Time) bool {
	d, decides := chart.guard().judge(s.Member, c, now)
	return s.Kind == KindMember && decides && !d.Allowed
}

// Hides reports whether a denial hides that there is the chart which the resource is about.
func Hides(s Subject, r *Resource, d Decision, now time.Time) bool {
	switch d.Rule {
	case RuleChartExclusion:
		return true
	case RuleUnseenChart, RuleChartRestriction: // Who broke the glass sees that there is the chart.
		return r == nil || r.OfChart == nil || !Sees(s, *r.OfChart, now)
	}
	return false
}

// effective is how far a rule really reaches for a role: a denial as far as it
// says, a grant no further than the cell of what it grants can be widened.
func effective(rule *Rule, role Role) Scope {
	if !rule.Allow {
		return rule.Scope
	}
	cell, ok := CellOf(role, rule.Capability)
	if !ok || cell.Grant == Never {
		return ""
	}
	return clip(rule.Scope, cell.Bound)
}

// InForce reports whether the rule holds at the instant now.
func (r Rule) InForce(now time.Time) bool {
	return inWindow(now, r.From, r.Until)
}

// signedInMay names what belongs to no role: every account may do it, in whatever
// group it does not belong to yet.
func signedInMay(c Capability) bool { return c == GroupFound || c == InvitationAnswer }

// operatorMay names what running the installation takes. None of it shows anything
// of a practice; converting a solo practice is the one thing that changes one (AMB-2).
func operatorMay(c Capability) bool {
	return c == ProjectionsManage || c == PriceBookPublish || c == GroupConvert
}

// cellRules names every cell once, so that deciding allocates nothing.
var cellRules = nameCells()

func nameCells() map[Role]map[Scope]string {
	names := map[Role]map[Scope]string{}
	for _, r := range Roles() {
		names[r] = map[Scope]string{}
		for s := range scopeWords {
			names[r][s] = "role:" + string(r) + "/" + string(s)
		}
	}
	return names
}
