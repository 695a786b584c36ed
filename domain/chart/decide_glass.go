package chart

import (
	"cmp"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// OpenBreakGlass lets the member who asks read the chart in an emergency, until an instant:
// what access.ReadsAll names, and nothing else.
type OpenBreakGlass struct {
	ReasonCode GlassCode `json:"reasonCode"`
	// Text says in words what the emergency is.
	Text string `json:"text"`
	// Until is the first instant at which it no longer holds; zero is GlassOpenFor from now.
	Until time.Time `json:"until,omitzero"`
}

// Decide opens. Faults: "chart_not_found", "unknown_reason_code", "reason_required",
// "until_in_past", "break_glass_too_long", "instant_not_whole_seconds",
// "break_glass_already_open", "unreviewed_break_glass", "not_eligible" for who may read the
// chart already, and those of package text.
func (c OpenBreakGlass) Decide(s State, o Opener, now time.Time) ([]Event, error) {
	why, badText := guardReason.Read(c.Text)
	until, badUntil := glassUntil(c.Until, now)
	_, open := s.openGlassOf(o.Actor.Member, now)
	waiting := s.unreviewed(o.Actor.Member)
	err := cmp.Or(
		fault.When(!s.Exists(), errNotFound),
		fault.When(!c.ReasonCode.Known(), fault.New(fault.Invalid, "unknown_reason_code", "There is no such reason.")),
		badText, fault.When(why == "", errWhyGlass), badUntil,
		fault.When(open, fault.New(fault.Rejected, "break_glass_already_open", "You broke the glass of this chart already, and it is open.")),
		fault.When(waiting > 0, fault.New(fault.Rejected, "unreviewed_break_glass",
			"You broke the glass of this chart before, and that was not reviewed yet (%d). Somebody else who may review it must do so first; the owner can allow more members to review.", waiting).
			With("awaitingReview", strconv.Itoa(waiting))),
		fault.When(access.ReadsAll(o.Actor, s.Resource(s.Group), now), fault.New(fault.Rejected, "not_eligible", "You can read this chart without breaking its glass.")),
	)
	return es.Decided[Event](err, false, BreakGlassOpened{
		Glass: o.First, Member: o.Actor.Member, ReasonCode: c.ReasonCode, Text: why, ExpiresAt: until, Tell: s.told(o.Owner, now),
	})
}

// CloseBreakGlass closes the glass that the member who asks has open.
type CloseBreakGlass struct{}

// Decide closes. Faults: "chart_not_found", "break_glass_not_open".
func (CloseBreakGlass) Decide(s State, by id.Member, now time.Time) ([]Event, error) {
	g, open := s.openGlassOf(by, now)
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), fault.When(!open, errNotOpen))
	return es.Decided[Event](err, false, BreakGlassClosed{Glass: g.Event, Member: g.Member, By: by})
}

// RevokeBreakGlass closes the glass that somebody has open. It is for who may review it.
type RevokeBreakGlass struct {
	Glass id.Event `json:"glass"`
}

// Decide closes. Faults: "chart_not_found", "break_glass_not_found", "break_glass_not_open".
func (c RevokeBreakGlass) Decide(s State, by id.Member, now time.Time) ([]Event, error) {
	g, known := s.glassOf(c.Glass)
	err := cmp.Or(
		fault.When(!s.Exists(), errNotFound), fault.When(!known, errNoGlass), fault.When(!g.open(now), errNotOpen),
	)
	return es.Decided[Event](err, false, BreakGlassClosed{Glass: g.Event, Member: g.Member, By: by})
}

// ReviewBreakGlass says whether it was right that somebody else broke the glass.
type ReviewBreakGlass struct {
	Glass   id.Event `json:"glass"`
	Verdict Verdict  `json:"verdict"`
	// Text says more; it is required where it was not justified.
	Text string `json:"text,omitempty"`
}

// Decide reviews. Faults: "chart_not_found", "break_glass_not_found", "unknown_verdict",
// "reason_required", "self_review", "already_reviewed", "break_glass_open", and those of
// package text.
func (c ReviewBreakGlass) Decide(s State, by id.Member, now time.Time) ([]Event, error) {
	g, known := s.glassOf(c.Glass)
	why, badText := guardReason.Read(c.Text)
	err := cmp.Or(
		fault.When(!s.Exists(), errNotFound), fault.When(!known, errNoGlass),
		fault.When(c.Verdict != Justified && c.Verdict != Unjustified, fault.New(fault.Invalid, "unknown_verdict", "The verdict must be justified or unjustified.")),
		badText, fault.When(c.Verdict == Unjustified && why == "", errWhyRequired),
		fault.When(g.Member == by, fault.New(fault.Rejected, "self_review", "You broke this glass yourself. Somebody else who may review it must do so; the owner can allow more members to review.")),
		fault.When(g.Reviewed != "", fault.New(fault.Rejected, "already_reviewed", "This was reviewed already. A verdict stays.")),
		fault.When(g.open(now), fault.New(fault.Rejected, "break_glass_open", "The glass is still open. Close it first, or review it when it has expired.")),
	)
	return es.Decided[Event](err, false, BreakGlassReviewed{Glass: g.Event, Member: g.Member, By: by, Verdict: c.Verdict, Text: why})
}
