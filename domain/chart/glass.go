package chart

import (
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// GlassCode says why a member has to read a chart in an emergency.
type GlassCode string

// The codes.
const (
	MedicalEmergency     GlassCode = "medical_emergency"
	RiskOfHarm           GlassCode = "risk_of_harm"
	UrgentMedication     GlassCode = "urgent_medication"
	ClinicianUnreachable GlassCode = "clinician_unreachable"
	OtherEmergency       GlassCode = "other"
)

// Known reports whether c is one of the codes.
func (c GlassCode) Known() bool {
	return slices.Contains([]GlassCode{MedicalEmergency, RiskOfHarm, UrgentMedication, ClinicianUnreachable, OtherEmergency}, c)
}

// Verdict is what a review comes to.
type Verdict string

// The verdicts.
const (
	Justified   Verdict = "justified"
	Unjustified Verdict = "unjustified"
)

// How long broken glass stays open: unless it is said, and at the most.
const (
	GlassOpenFor  = time.Hour
	GlassOpenMost = 4 * time.Hour
)

// Glass is one time in which a member broke the glass of the chart.
type Glass struct {
	access.BrokenGlass
	// Closed reports that it was closed before it expired.
	Closed bool
	// Reviewed is the verdict; empty until there is one.
	Reviewed Verdict
}

// open reports whether it lets the member read at the instant now.
func (g Glass) open(now time.Time) bool { return !g.Closed && now.Before(g.Until) }

// Opener is who breaks the glass of a chart, as their practice knows them.
type Opener struct {
	Actor access.Subject
	// Owner is the member who owns the practice, who is told.
	Owner id.Member
	// First is the id that the event will have.
	First id.Event
}

// glassOf returns what is known of one broken glass.
func (s State) glassOf(which id.Event) (Glass, bool) {
	if i := slices.IndexFunc(s.glass, func(g Glass) bool { return g.Event == which }); i >= 0 {
		return s.glass[i], true
	}
	return Glass{}, false
}

// openGlassOf returns the glass of a member that is open at the instant now.
func (s State) openGlassOf(m id.Member, now time.Time) (Glass, bool) {
	if i := slices.IndexFunc(s.glass, func(g Glass) bool { return g.Member == m && g.open(now) }); i >= 0 {
		return s.glass[i], true
	}
	return Glass{}, false
}

// unreviewed is how often a member broke the glass of this chart without a review since.
func (s State) unreviewed(m id.Member) (n int) {
	for _, g := range s.glass {
		if g.Member == m && g.Reviewed == "" {
			n++
		}
	}
	return n
}

// glassChanged changes one broken glass.
func (s *State) glassChanged(which id.Event, change func(*Glass)) {
	s.glass = altered(s.glass, func(g *Glass) {
		if g.Event == which {
			change(g)
		}
	})
}

// told are the members who are told that the glass was broken: the primary and the owner.
// To who is excluded there is no such chart.
func (s State) told(owner id.Member, now time.Time) []id.Member {
	told := []id.Member{s.Primary()}
	if _, out := s.guard.excluded(owner, now); owner != s.Primary() && !owner.IsZero() && !out {
		told = append(told, owner)
	}
	return told
}

// glassUntil is when the glass closes by itself; an hour from now unless it is said.
func glassUntil(at, now time.Time) (time.Time, error) {
	if at.IsZero() {
		return now.UTC().Truncate(time.Second).Add(GlassOpenFor), nil
	}
	until, err := guardUntil(at, now)
	if err == nil && until.After(now.Add(GlassOpenMost)) {
		err = fault.New(fault.Rejected, "break_glass_too_long", "Broken glass closes after four hours at the most. Name an earlier instant, or none for an hour.")
	}
	return until, err
}

var (
	errNoGlass  = fault.New(fault.NotFound, "break_glass_not_found", "The glass of this chart was not broken that time. List the times and name one of them.")
	errNotOpen  = fault.New(fault.Rejected, "break_glass_not_open", "The glass of this chart is not open: it was closed already, or has expired.")
	errWhyGlass = fault.New(fault.Invalid, "reason_required", "Say in words what the emergency is. Who reviews it reads that.")
)
