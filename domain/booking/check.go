package booking

import (
	"slices"
	"time"

	"praxis/domain/civil"
)

// Obstacle is why a start cannot be booked online.
type Obstacle string

// The obstacles, in the order in which they are looked for. The values are the
// codes of the refusals.
const (
	// Free means that nothing is in the way.
	Free Obstacle = ""
	// SwitchedOff: the practice does not take online bookings (BKG-1).
	SwitchedOff Obstacle = "booking_off"
	// TooSoon: the start lies before the cut-off (BKG-A2).
	TooSoon Obstacle = "too_soon"
	// TooFar: the start's local day lies beyond the horizon (BKG-A1).
	TooFar Obstacle = "too_far"
	// NotReserved: no run of time reserved for the type holds all of it (BKG-A5, BKG-A6).
	NotReserved Obstacle = "not_reserved"
	// OffGrid: the start is between the starts that are offered (BKG-A7).
	OffGrid Obstacle = "off_grid"
	// Taken: an appointment or a block is in the way (BKG-A10).
	Taken Obstacle = "taken"
)

// Check says whether a patient can book the start at an instant, and if not, what
// is in the way first. The days of the query do not matter. Fault: "zone_unknown".
func Check(q Query, at time.Time) (Obstacle, error) {
	at = at.UTC()
	day := civil.In(at, q.Zone)
	switch {
	case !q.Online:
		return SwitchedOff, nil
	case at.Before(q.Window.Earliest(q.Now, q.Zone)):
		return TooSoon, nil
	case day.After(q.Window.LastDay(q.Now, q.Zone)):
		return TooFar, nil
	}
	runs, err := q.runs(day, day)
	if err != nil {
		return "", err
	}
	occupied := q.Terms.occupied(at)
	for _, run := range runs {
		if !run.Contains(occupied) {
			continue
		}
		if !onGrid(run, q.Zone, at, q.Terms.Step()) {
			return OffGrid, nil
		}
		if slices.ContainsFunc(q.Busy, occupied.Overlaps) {
			return Taken, nil
		}
		return Free, nil
	}
	return NotReserved, nil
}

// onGrid reports whether an instant of the run is one of its grid points.
func onGrid(run Span, zone *time.Location, at time.Time, step time.Duration) bool {
	for _, grid := range grids(run, zone) {
		if !at.Before(grid.Start) && at.Before(grid.End) {
			return at.Sub(grid.Start)%step == 0
		}
	}
	return false
}
