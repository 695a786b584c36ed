package access

import (
	"slices"
	"time"

	"praxis/domain/id"
)

// Section is a part of a chart that can be restricted by itself.
type Section string

// The sections of a chart.
const (
	// Demographics is that there is such a patient, and everything about the chart as a
	// whole: who does not have it has nothing of the chart.
	Demographics Section = "demographics"
	// Clinical is the clinical part.
	Clinical Section = "clinical"
	// PsychotherapyNotes are notes that only their author reads.
	PsychotherapyNotes Section = "psychotherapy_notes"
	// Billing is what the patient owes and pays.
	Billing Section = "billing"
	// Appointments are the patient's in every calendar.
	Appointments Section = "appointments"
)

// Sections returns the sections, in the order in which they are shown.
func Sections() []Section {
	return []Section{Demographics, Clinical, PsychotherapyNotes, Billing, Appointments}
}

// Known reports whether s is one of the sections.
func (s Section) Known() bool { return slices.Contains(Sections(), s) }

// sections says of each capability that reads or writes something of a chart which part
// of it that is. What is done about a guard itself has none.
var sections = map[Capability]Section{
	RosterView:           Demographics,
	RosterExport:         Demographics,
	TeamView:             Demographics,
	TeamAdd:              Demographics,
	TeamChange:           Demographics,
	TeamReassignPrimary:  Demographics,
	ChartAssignClinician: Demographics,
	ChartAssignBranch:    Demographics,
	ChartStatusChange:    Demographics,
	ChartArchive:         Demographics,
	AccessLogView:        Demographics,
	AuditHistoryView:     Demographics,
	ChartClinicalView:    Clinical,
	ChartClinicalWrite:   Clinical,
	NoteView:             PsychotherapyNotes,
	BillingView:          Billing,
	BillingManage:        Billing,
	AppointmentManage:    Appointments,
}

// Section returns the part of a chart that the capability reads or writes; none for what
// is not about charts.
func (c Capability) Section() Section { return sections[c] }

// OfCharts reports whether a chart can be kept from who has the capability, by what is set
// on the chart itself.
func (c Capability) OfCharts() bool { return c.Section() != "" || ofGuards(c) }

// ofGuards reports whether the capability is about guards themselves. A restriction does
// not stop it: who may restrict a chart may lift that again without being let in.
func ofGuards(c Capability) bool {
	return c == ChartRestrict || c == BreakGlassOpen || c == BreakGlassReview
}

// glassReads are what breaking the glass opens: reading, and no psychotherapy notes.
func glassReads(c Capability) bool { return slices.Contains(glassOpens[:], c) }

var glassOpens = [...]Capability{RosterView, TeamView, ChartClinicalView}

// ReadsAll reports whether the member may read everything of a chart, given as it is, that
// broken glass opens: to them it opens nothing.
func ReadsAll(s Subject, chart Resource, now time.Time) bool {
	for _, c := range glassOpens {
		if !Decide(s, c, chart, now).Allowed {
			return false
		}
	}
	return true
}

// Guard is what is set on one chart itself, in whose reach it may lie: nothing that a
// role, a person's rule or sharing gives goes beyond it. Windows end by themselves.
type Guard struct {
	Chart id.Chart
	// Primary is the responsible clinician, whom neither an exclusion nor a restriction touches.
	Primary     id.Member
	Exclusions  []Exclusion
	Restriction Restriction
	// Glass are the times in which members broke the glass.
	Glass []BrokenGlass
}

// Exclusion keeps one member out of the chart, as if it did not exist.
type Exclusion struct {
	Member id.Member `json:"member"`
	// Until is the first instant at which it no longer holds, UTC; zero is unbounded.
	Until time.Time `json:"until,omitzero"`
	// Event set it, and By is the member who did.
	Event id.Event  `json:"event"`
	By    id.Member `json:"by,omitzero"`
}

// Restriction leaves sections of the chart to those it names, and to the primary. The
// zero Restriction restricts nothing.
type Restriction struct {
	Sections []Section   `json:"sections"`
	Allow    []id.Member `json:"allow,omitempty"`
	// Until, Event and By are as in Exclusion.
	Until time.Time `json:"until,omitzero"`
	Event id.Event  `json:"event"`
	By    id.Member `json:"by,omitzero"`
}

// IsZero reports whether nothing is restricted.
func (r Restriction) IsZero() bool { return len(r.Sections) == 0 }

// InForce reports whether something is restricted at the instant at.
func (r Restriction) InForce(at time.Time) bool {
	return !r.IsZero() && inWindow(at, time.Time{}, r.Until)
}

// InForce reports whether the exclusion holds at the instant at.
func (x Exclusion) InForce(at time.Time) bool { return inWindow(at, time.Time{}, x.Until) }

// BrokenGlass lets a member read a chart in an emergency, until an instant, UTC. Event
// opened it.
type BrokenGlass struct {
	Member id.Member `json:"member"`
	Until  time.Time `json:"until"`
	Event  id.Event  `json:"event"`
}

// Ends are the instants at which something that is set on the chart ends by itself; what has
// no end is among them as zero.
func (g *Guard) Ends() (all []time.Time) {
	if g == nil {
		return nil
	}
	for _, x := range g.Exclusions {
		all = append(all, x.Until)
	}
	for _, b := range g.Glass {
		all = append(all, b.Until)
	}
	return append(all, g.Restriction.Until)
}

// Excludes returns the exclusion that holds for a member at the instant at, if one does.
func (g *Guard) Excludes(m id.Member, at time.Time) (Exclusion, bool) {
	if g != nil && m != g.Primary {
		for _, x := range g.Exclusions {
			if x.Member == m && x.InForce(at) {
				return x, true
			}
		}
	}
	return Exclusion{}, false
}

// Broken returns the glass that a member broke and that is open at the instant at, if any is.
func (g *Guard) Broken(m id.Member, at time.Time) (BrokenGlass, bool) {
	if g != nil {
		for _, b := range g.Glass {
			if b.Member == m && at.Before(b.Until) {
				return b, true
			}
		}
	}
	return BrokenGlass{}, false
}

// ByGlass are the charts that a member may use a capability on because they broke their
// glass, of those whose guards the subject carries, with what says so.
func ByGlass(s Subject, c Capability, now time.Time) map[id.Chart]Decision {
	var charts map[id.Chart]Decision
	for i := range s.Guards {
		d, _ := s.Guards[i].judge(s.Member, c, now)
		if d.Rule != RuleBreakGlass {
			continue
		}
		if charts == nil {
			charts = map[id.Chart]Decision{}
		}
		charts[s.Guards[i].Chart] = d
	}
	return charts
}

// restricts reports whether the restriction keeps a member from a section at the instant at.
func (g *Guard) restricts(m id.Member, s Section, at time.Time) bool {
	r := &g.Restriction
	return m != g.Primary && slices.Contains(r.Sections, s) && r.InForce(at) && !slices.Contains(r.Allow, m)
}

// judge decides about a member's use of a capability on the chart, if the guard does: an
// exclusion before glass that the member broke, and that before a restriction.
func (g *Guard) judge(m id.Member, c Capability, now time.Time) (d Decision, decides bool) {
	section := sections[c]
	if g == nil || !c.OfCharts() {
		return d, false
	}
	if x, excluded := g.Excludes(m, now); excluded {
		return Decision{Rule: RuleChartExclusion, Event: x.Event, Grantor: x.By}, true
	}
	if b, broken := g.Broken(m, now); broken && glassReads(c) {
		return Decision{Allowed: true, Rule: RuleBreakGlass, Event: b.Event, Grantor: m}, true
	}
	if section != "" && g.restricts(m, section, now) {
		return Decision{Rule: RuleChartRestriction, Event: g.Restriction.Event, Grantor: g.Restriction.By}, true
	}
	return d, false
}

// withoutGlass is the guard as it is to everything that broken glass does not open.
func (g *Guard) withoutGlass() *Guard {
	if g == nil || len(g.Glass) == 0 {
		return g
	}
	whole := *g
	whole.Glass = nil
	return &whole
}

// guard is that of the chart which the resource is about, as far as it is known.
func (r *Resource) guard() *Guard {
	if r.OfChart != nil {
		return r.OfChart.Guard
	}
	return r.Guard
}

// guarded narrows and widens what a member reaches by the guards of the practice's charts.
func (r *Reach) guarded(s *Subject, c Capability, now time.Time) {
	var hidden, opened []id.Chart
	for i := range s.Guards {
		switch d, decides := s.Guards[i].judge(s.Member, c, now); {
		case !decides:
		case d.Allowed:
			opened = append(opened, s.Guards[i].Chart)
		default:
			hidden = append(hidden, s.Guards[i].Chart)
		}
	}
	if len(hidden) > 0 {
		for i := range r.Parts {
			r.Parts[i].Except.Charts = hidden
		}
	}
	if len(opened) > 0 {
		r.Parts = append(r.Parts, Part{Within: Area{Charts: opened}})
	}
}
