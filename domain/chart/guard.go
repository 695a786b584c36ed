package chart

import (
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
)

// ExclusionCode says why a member is kept out of a chart.
type ExclusionCode string

// The codes.
const (
	ConflictOfInterest ExclusionCode = "conflict_of_interest"
	PatientRequest     ExclusionCode = "patient_request"
	Safety             ExclusionCode = "safety"
	LegalOrder         ExclusionCode = "legal_order"
	OtherReason        ExclusionCode = "other"
)

// Known reports whether c is one of the codes.
func (c ExclusionCode) Known() bool {
	return slices.Contains([]ExclusionCode{ConflictOfInterest, PatientRequest, Safety, LegalOrder, OtherReason}, c)
}

// Guarded is what is set on a chart itself; the zero Guarded is nothing. What is over by
// itself is still in it.
type Guarded struct {
	Exclusions  []access.Exclusion `json:"exclusions,omitempty"`
	Restriction access.Restriction `json:"restriction,omitzero"`
	// Glass are the times in which members broke the glass that are not closed.
	Glass []access.BrokenGlass `json:"glass,omitempty"`
}

// Apply applies one event. It never changes what earlier copies hold.
func (g *Guarded) Apply(e Event) {
	switch e := e.(type) {
	case Restricted:
		g.Restriction = access.Restriction{Sections: e.Sections, Allow: e.Allow, Until: e.Until, Event: e.Restriction, By: e.By}
	case RestrictionLifted:
		g.Restriction = access.Restriction{}
	case MemberExcluded:
		g.readmit(e.Member)
		g.Exclusions = append(g.Exclusions, access.Exclusion{Member: e.Member, Until: e.Until, Event: e.Exclusion, By: e.By})
	case MemberReadmitted:
		g.readmit(e.Member)
	case BreakGlassOpened:
		g.Glass = append(slices.Clip(g.Glass), access.BrokenGlass{Member: e.Member, Until: e.ExpiresAt, Event: e.Glass})
	case BreakGlassClosed:
		g.mend(e.Glass)
	case BreakGlassReviewed:
		g.mend(e.Glass)
	case PrimaryProfessionalChanged: // Nobody treats a patient whom they may not see.
		g.readmit(e.To)
	case PlacedInCustody:
		g.readmit(e.Custodian)
	default:
	}
}

func (g *Guarded) readmit(m id.Member) {
	g.Exclusions = slices.DeleteFunc(slices.Clone(g.Exclusions), func(x access.Exclusion) bool { return x.Member == m })
}

func (g *Guarded) mend(glass id.Event) {
	g.Glass = slices.DeleteFunc(slices.Clone(g.Glass), func(b access.BrokenGlass) bool { return b.Event == glass })
}

// Of is what is set, as access to the chart is decided over it; nil for nothing.
func (g Guarded) Of(c id.Chart, primary id.Member) *access.Guard {
	if len(g.Exclusions) == 0 && g.Restriction.IsZero() && len(g.Glass) == 0 {
		return nil
	}
	return &access.Guard{Chart: c, Primary: primary, Exclusions: g.Exclusions, Restriction: g.Restriction, Glass: g.Glass}
}

// Guard is what is set on the chart itself; nil for nothing.
func (s State) Guard() *access.Guard { return s.guard.Of(s.Chart, s.Primary()) }

// excluded returns the exclusion of a member that holds at the instant now.
func (g Guarded) excluded(m id.Member, now time.Time) (access.Exclusion, bool) {
	i := slices.IndexFunc(g.Exclusions, func(x access.Exclusion) bool { return x.Member == m && x.InForce(now) })
	if i < 0 {
		return access.Exclusion{}, false
	}
	return g.Exclusions[i], true
}

// noReader is the fault of a guard under which no active member reads the whole chart: the
// primary is none, and neither is anybody who is let in.
func (s State) noReader(g Guarded, p Group, now time.Time) error {
	may := []id.Member{s.Primary()}
	if g.Restriction.InForce(now) {
		may = append(may, g.Restriction.Allow...)
	} else {
		for _, m := range p.Members {
			may = append(may, m.ID)
		}
	}
	for _, m := range may {
		if _, out := g.excluded(m, now); p.Member(m).Active && (m == s.Primary() || !out) {
			return nil
		}
	}
	return fault.New(fault.Rejected, "would_leave_no_reader", "No active member of the practice could read this chart any more. Assign it to an active clinician, or let somebody in, first.")
}

// guardUntil reads when a guard ends by itself; zero is never.
func guardUntil(at, now time.Time) (time.Time, error) {
	if at.IsZero() {
		return at, nil
	}
	at, err := civil.Instant(at)
	if err == nil && !at.After(now) {
		err = fault.New(fault.Rejected, "until_in_past", "This must end in the future. Leave the end out to have it hold until it is taken back.")
	}
	return at, err
}

var (
	guardReason = text.Note("reason", 1000)

	errWhyRequired = fault.New(fault.Invalid, "reason_required", "A reason is required. Say why.")
	errNoMember    = fault.New(fault.NotFound, "member_not_found", "There is no such member in this practice. List the members and name one of them.")
)

// knows is the fault of a member whom the practice does not have.
func (p Group) knows(m id.Member) error {
	return fault.When(m.IsZero() || p.Member(m).ID.IsZero(), errNoMember)
}
