package careteam

import "time"

// Window is the time in which a place on a team holds, such as the cover for a
// vacation. The zero Window is always.
type Window struct {
	// From is its first instant and Until the first one after it, UTC and in whole
	// microseconds; zero is unbounded. Access begins and ends at these instants by itself.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// IsZero reports whether the window is unbounded on both sides.
func (w Window) IsZero() bool { return w.From.IsZero() && w.Until.IsZero() }

// EndedBy reports whether the window is over at the instant at.
func (w Window) EndedBy(at time.Time) bool { return !w.Until.IsZero() && !at.Before(w.Until) }

// Equal reports whether two windows are the same time.
func (w Window) Equal(o Window) bool { return w.From.Equal(o.From) && w.Until.Equal(o.Until) }
