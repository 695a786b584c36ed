package careteam

import (
	"cmp"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Window is the time in which a place on a team holds, such as the cover for a
// vacation. The zero Window is always.
type Window struct {
	// From is its first instant and Until the first one after it, UTC and in whole
	// seconds; zero is unbounded. Access begins and ends at these instants by itself.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// IsZero reports whether the window is unbounded on both sides.
func (w Window) IsZero() bool { return w.From.IsZero() && w.Until.IsZero() }

// EndedBy reports whether the window is over at the instant at.
func (w Window) EndedBy(at time.Time) bool { return !w.Until.IsZero() && !at.Before(w.Until) }

// Equal reports whether two windows are the same time.
func (w Window) Equal(o Window) bool { return w.From.Equal(o.From) && w.Until.Equal(o.Until) }

// Read is the window as it is kept: in UTC, and without a beginning that has passed,
// because nothing begins before it was decided. Faults: "instant_not_whole_seconds",
// "window_in_past", "window_empty".
func (w Window) Read(now time.Time) (Window, error) {
	from, badFrom := instant(w.From)
	until, badUntil := instant(w.Until)
	if w = (Window{from, until}); !from.After(now) {
		w.From = time.Time{}
	}
	if err := cmp.Or(badFrom, badUntil); err != nil {
		return w, err
	}
	switch {
	case w.EndedBy(now):
		return w, fault.New(fault.Rejected, "window_in_past", "A place on a care team cannot end in the past. Remove the member to end it now.")
	case !w.Until.IsZero() && !w.From.Before(w.Until):
		return w, fault.New(fault.Rejected, "window_empty", "A place on a care team must end after it begins.")
	}
	return w, nil
}

// instant reads an edge of a window; zero is none.
func instant(at time.Time) (time.Time, error) {
	if at.IsZero() {
		return at, nil
	}
	return civil.Instant(at)
}

// Ended is the reason with which places leave a team whose window is over.
const Ended = "ended"

// Ended returns the participants whose place is over at the instant now: they have no
// access any more, and count as off the team.
func (t Team) Ended(now time.Time) (ended []Participant) {
	for _, p := range t.others {
		if p.Window.EndedBy(now) {
			ended = append(ended, p)
		}
	}
	return ended
}

// At returns the team at the instant now, without the places that are over by then. What
// is decided about a team is decided about this one, so that it does not matter whether
// the places that are over were taken off it already.
func (t Team) At(now time.Time) Team {
	for _, p := range t.Ended(now) {
		t = t.Without(p.Member)
	}
	return t
}

// WindowOf returns when the place of a member holds; zero is always, and for the primary.
func (t Team) WindowOf(m id.Member) Window {
	if i := t.find(m); i >= 0 {
		return t.others[i].Window
	}
	return Window{}
}

// CheckWindow says whether the place of m may hold for another time. Faults: "not_on_team",
// "primary_required", "same_window".
func (t Team) CheckWindow(m id.Member, w Window) error {
	if err := t.CheckRemove(m); err != nil {
		return err
	}
	if t.WindowOf(m).Equal(w) {
		return fault.New(fault.Rejected, "same_window", "The place on the care team holds for this time already.")
	}
	return nil
}

// PlannedPrimary is a change of the primary that is to come: at EffectiveAt, UTC, To
// becomes the primary in one step. A team has one plan at the most.
type PlannedPrimary struct {
	To id.Member `json:"to"`
	// FormerBecomes is the role that the primary of then keeps on the team; empty: they leave it.
	FormerBecomes Role      `json:"formerBecomes,omitempty"`
	EffectiveAt   time.Time `json:"effectiveAt"`
	// By is the member who planned it; unset for others than members.
	By id.Member `json:"by,omitzero"`
}

// IsZero reports whether nothing is planned.
func (p PlannedPrimary) IsZero() bool { return p.To.IsZero() }

// Is reports whether two plans are for the same.
func (p PlannedPrimary) Is(o PlannedPrimary) bool {
	return p.To == o.To && p.FormerBecomes == o.FormerBecomes && p.EffectiveAt.Equal(o.EffectiveAt)
}
