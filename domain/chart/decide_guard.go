package chart

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// RestrictChart leaves sections of the chart to the primary and to the members named,
// instead of what was restricted before. Without the section access.Demographics nothing
// of a chart is to be had: a restriction of that one is of the whole chart.
type RestrictChart struct {
	Sections []access.Section `json:"sections"`
	// Allow are the members who are let in beside the primary, as far as they may anyway.
	Allow []id.Member `json:"allow,omitempty"`
	// Until is the first instant at which it no longer holds; zero is unbounded.
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason"`
}

// Decide restricts. Faults: "chart_not_found", "sections_required", "unknown_section",
// "reason_required", "member_not_found", "until_in_past", "instant_not_whole_seconds",
// "would_leave_no_reader", and those of package text.
func (c RestrictChart) Decide(s State, p Group, now time.Time) ([]Event, error) {
	sections := access.Sections()
	if !slices.Contains(c.Sections, access.Demographics) {
		sections = slices.DeleteFunc(sections, func(x access.Section) bool { return !slices.Contains(c.Sections, x) })
	}
	var allow []id.Member
	var unknown error
	for _, m := range c.Allow {
		unknown = cmp.Or(unknown, p.knows(m))
		if m != s.Primary() && !slices.Contains(allow, m) {
			allow = append(allow, m)
		}
	}
	slices.SortFunc(allow, func(a, b id.Member) int { return slices.Compare(a[:], b[:]) })
	reason, badReason := guardReason.Read(c.Reason)
	until, badUntil := guardUntil(c.Until, now)
	is := s.guard.Restriction
	g := s.guard
	g.Restriction = access.Restriction{Sections: sections, Allow: allow, Until: until}
	err := cmp.Or(
		fault.When(!s.Exists(), errNotFound),
		fault.When(len(c.Sections) == 0, fault.New(fault.Invalid, "sections_required", "Say which sections of the chart to restrict.")),
		fault.When(slices.ContainsFunc(c.Sections, func(x access.Section) bool { return !x.Known() }), fault.New(fault.Invalid, "unknown_section", "There is no such section of a chart.")),
		badReason, fault.When(reason == "", errWhyRequired), unknown, badUntil, s.noReader(g, p, now),
	)
	same := is.InForce(now) && slices.Equal(is.Sections, sections) && slices.Equal(is.Allow, allow) && is.Until.Equal(until)
	return es.Decided[Event](err, same, Restricted{Restriction: p.First, Sections: sections, Allow: allow, Until: until, Reason: reason, By: p.By})
}

// LiftRestriction restricts nothing of the chart any more.
type LiftRestriction struct{}

// Decide lifts. Faults: "chart_not_found", "not_restricted".
func (LiftRestriction) Decide(s State, now time.Time) ([]Event, error) {
	err := cmp.Or(
		fault.When(!s.Exists(), errNotFound),
		fault.When(!s.guard.Restriction.InForce(now), fault.New(fault.Rejected, "not_restricted", "Nothing of this chart is restricted.")),
	)
	return es.Decided[Event](err, false, RestrictionLifted{Restriction: s.guard.Restriction.Event})
}

// ExcludeMember keeps a member out of the chart: to them it does not exist.
type ExcludeMember struct {
	Member     id.Member     `json:"member"`
	ReasonCode ExclusionCode `json:"reasonCode"`
	// Text says more; it is required where the code says nothing.
	Text string `json:"text,omitempty"`
	// Until is the first instant at which it no longer holds; zero is unbounded.
	Until time.Time `json:"until,omitzero"`
}

// Decide excludes. Faults: "chart_not_found", "member_not_found",
// "primary_cannot_be_excluded", "unknown_reason_code", "reason_required", "until_in_past",
// "instant_not_whole_seconds", "would_leave_no_reader", and those of package text.
func (c ExcludeMember) Decide(s State, p Group, now time.Time) ([]Event, error) {
	why, badText := guardReason.Read(c.Text)
	until, badUntil := guardUntil(c.Until, now)
	is, out := s.guard.excluded(c.Member, now)
	g := s.guard
	g.readmit(c.Member)
	g.Exclusions = append(g.Exclusions, access.Exclusion{Member: c.Member, Until: until})
	err := cmp.Or(
		fault.When(!s.Exists(), errNotFound),
		p.knows(c.Member),
		fault.When(c.Member == s.Primary(), fault.New(fault.Rejected, "primary_cannot_be_excluded", "This member is responsible for the chart and cannot be excluded from it. Assign the chart to another clinician first.")),
		fault.When(!c.ReasonCode.Known(), fault.New(fault.Invalid, "unknown_reason_code", "There is no such reason.")),
		badText, fault.When(c.ReasonCode == OtherReason && why == "", errWhyRequired), badUntil, s.noReader(g, p, now),
	)
	return es.Decided[Event](err, out && is.Until.Equal(until), MemberExcluded{
		Exclusion: p.First, Member: c.Member, ReasonCode: c.ReasonCode, Text: why, Until: until, By: p.By,
	})
}

// ReadmitMember ends the exclusion of a member: they reach the chart as far as they may.
type ReadmitMember struct {
	Member id.Member `json:"member"`
}

// Decide readmits. Faults: "chart_not_found", "not_excluded".
func (c ReadmitMember) Decide(s State, now time.Time) ([]Event, error) {
	is, out := s.guard.excluded(c.Member, now)
	err := cmp.Or(
		fault.When(!s.Exists(), errNotFound),
		fault.When(!out, fault.New(fault.Rejected, "not_excluded", "This member is not excluded from the chart.")),
	)
	return es.Decided[Event](err, false, MemberReadmitted{Exclusion: is.Event, Member: c.Member})
}
