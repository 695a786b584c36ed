package access

import (
	"slices"

	"praxis/domain/id"
)

// Width is how widely the clinicians of a practice share their charts.
type Width string

// The widths of sharing (ADR 18).
const (
	// AssignedOnly shares nothing: clinicians see what their role gives them.
	AssignedOnly Width = "assigned_only"
	// ShareBranch lets clinicians see the charts of the branches they work in.
	ShareBranch Width = "branch"
	// ShareGroup lets clinicians see every chart of the practice.
	ShareGroup Width = "group"
)

// Widths returns the widths, from narrow to wide.
func Widths() []Width { return []Width{AssignedOnly, ShareBranch, ShareGroup} }

// Known reports whether w is one of the widths.
func (w Width) Known() bool { return w.rank() > 0 }

// WiderThan reports whether w shares more than o does.
func (w Width) WiderThan(o Width) bool { return w.rank() > o.rank() }

// rank counts from 1; what is no width has rank 0.
func (w Width) rank() int { return slices.Index(Widths(), w) + 1 }

// Sharing is the practice's setting, with who chose it for explanations. The
// zero Sharing shares nothing.
type Sharing struct {
	Width Width
	// Event is the event that set the width and Grantor the member who did.
	Event   id.Event
	Grantor id.Member
}

// SharedCapabilities returns what sharing opens: looking at charts. It opens no
// writing, no psychotherapy notes, no billing and no change of a care team.
func SharedCapabilities() []Capability { return []Capability{RosterView, ChartClinicalView} }

// isShared reports whether the capability is one of SharedCapabilities.
func isShared(c Capability) bool { return c == RosterView || c == ChartClinicalView }

// sharesIn reports whether the subject takes part in sharing: clinicians do,
// assistants never, no matter whom they assist.
func sharesIn(s *Subject) bool {
	return s.Clinician && s.Role.Outranks(Assistant)
}

// sharedScope returns how far sharing lets the subject use the capability; empty
// for not at all.
func sharedScope(s *Subject, c Capability) Scope {
	if !isShared(c) || !sharesIn(s) {
		return ""
	}
	switch s.Sharing.Width {
	case ShareGroup:
		return ScopeGroup
	case ShareBranch:
		return ScopeBranches
	case AssignedOnly:
	}
	return ""
}

// explainShared takes the step of sharing, and reports whether it decided. Only charts
// are shared: what is about a member or about the practice as a whole stays what the
// matrix makes it, so that no member comes to hold a permission for the whole practice,
// and to hand it on, because charts are shared.
func (e *Explanation) explainShared(s *Subject, r *Resource) bool {
	sharing := s.Sharing
	var why string
	switch {
	case !isShared(e.Capability):
		why = "Sharing charts does not give this permission."
	case sharing.Width != ShareBranch && sharing.Width != ShareGroup:
		why = "The practice shares no charts."
	case !sharesIn(s):
		why = "Charts are shared among clinicians only, and never with assistants."
	case r.Chart.IsZero():
		why = "Only charts are shared, and this is none."
	default:
		why = "Clinicians share the charts of " + sharing.Width.words() + " only, and this is another branch's."
	}
	return e.step("shared charts", RuleChartSharing,
		"Set by member "+sharing.Grantor.String()+" in event "+sharing.Event.String()+": clinicians share the charts of "+sharing.Width.words()+".", why)
}

// words says whose charts are shared.
func (w Width) words() string {
	switch w {
	case ShareBranch:
		return "the branches they work in"
	case ShareGroup:
		return "the whole practice"
	case AssignedOnly:
	}
	return "nobody"
}
