package access

import (
	"slices"
	"time"

	"praxis/domain/id"
)

// Link is what ties the account of a patient or guardian to one chart.
type Link struct {
	Chart id.Chart
	// May are the permissions that the link gives, of those that PatientCapabilities
	// lists: what it does not name is denied.
	May []Capability
	// Until is the first instant at which the link no longer holds, UTC; zero means
	// unbounded. A guardian's ends when the minor comes of age.
	Until time.Time
}

// InForce reports whether the link holds at the instant now.
func (l Link) InForce(now time.Time) bool { return l.Until.IsZero() || now.Before(l.Until) }

// Allows reports whether the link, while it holds, gives a permission: one that it names,
// or one that such a permission is of no use without.
func (l Link) Allows(c Capability) bool {
	return slices.ContainsFunc(l.May, func(named Capability) bool { return named == c || slices.Contains(patientBrings[named], c) })
}

// patientBrings are the permissions of patients that come with another one: who may book
// sees what is free, and what is booked.
var patientBrings = map[Capability][]Capability{AppointmentBookOwn: {SlotsView, AppointmentViewOwn}}

// PatientCapabilities are the permissions that a link can give, in the order in which they
// are shown.
func PatientCapabilities() []Capability {
	return []Capability{AppointmentViewOwn, AppointmentBookOwn, AccessReportOwn}
}

// patientMay names what patients can be allowed at all.
func patientMay(c Capability) bool {
	return c == SlotsView || slices.Contains(PatientCapabilities(), c)
}

// decidePatient allows patients what their link to the chart says, and nothing beside it.
func decidePatient(s *Subject, c Capability, r *Resource, now time.Time) Decision {
	switch {
	case s.Group.IsZero() || s.Group != r.Group:
		return Decision{Rule: RuleTenancy}
	case !patientMay(c):
		return Decision{Rule: RuleGuardrail}
	}
	d := Decision{Rule: RuleDefaultDeny}
	for _, l := range s.Links {
		switch {
		case r.Chart.IsZero() || l.Chart != r.Chart || !l.InForce(now):
		case l.Allows(c):
			return Decision{Allowed: true, Rule: RulePatient}
		default:
			d.Rule = RulePatientLimit
		}
	}
	return d
}

// reachOfPatient is the charts for which decidePatient says yes.
func reachOfPatient(s *Subject, c Capability, now time.Time) Reach {
	if s.Group.IsZero() || !patientMay(c) {
		return Reach{}
	}
	var charts []id.Chart
	for _, l := range s.Links {
		if !l.Chart.IsZero() && l.InForce(now) && l.Allows(c) {
			charts = union(charts, l.Chart)
		}
	}
	if len(charts) == 0 {
		return Reach{}
	}
	return Reach{Group: s.Group, Parts: []Part{{Within: Area{Charts: charts}}}}
}
