package booking

import (
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
)

// CutoffUnit is the unit of a cut-off. Units are kept, because a day and 24 hours
// differ when the clocks change (BKG-A3).
type CutoffUnit string

// The units of a cut-off.
const (
	Minute CutoffUnit = "min"
	Hour   CutoffUnit = "hour"
	Day    CutoffUnit = "day"
)

// Cutoff is the notice that a patient's booking must give.
type Cutoff struct {
	N    int        `json:"n"`
	Unit CutoffUnit `json:"unit"`
}

// Window bounds the starts that patients can book: not sooner than the cut-off,
// not later than the horizon (BKG-6, BKG-7).
type Window struct {
	Cutoff Cutoff `json:"cutoff"`
	// HorizonDays is how many local days after today the last bookable day lies, 1–365.
	HorizonDays int `json:"horizonDays"`
}

// defaultWindow holds until a practice chooses its own.
var defaultWindow = Window{Cutoff: Cutoff{N: 1, Unit: Day}, HorizonDays: 30}

// Earliest returns the first instant that may be booked at now, in the calendar's
// zone (BKG-A2, BKG-A3): days keep the wall clock, hours and minutes are exact,
// and nothing is rounded.
func (w Window) Earliest(now time.Time, zone *time.Location) time.Time {
	switch w.Cutoff.Unit {
	case Minute:
		return now.UTC().Add(time.Duration(w.Cutoff.N) * time.Minute)
	case Hour:
		return now.UTC().Add(time.Duration(w.Cutoff.N) * time.Hour)
	case Day:
		if w.Cutoff.N == 0 {
			return now.UTC()
		}
		local := now.In(zone)
		clock := civil.Clock(local.Hour()*60 + local.Minute())
		rest := time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
		return civil.At(civil.DateOf(local).Add(w.Cutoff.N), clock, zone).Add(rest)
	}
	return now.UTC()
}

// LastDay returns the last local day, inclusive, on which a start may be booked (BKG-A1).
func (w Window) LastDay(now time.Time, zone *time.Location) civil.Date {
	return civil.In(now, zone).Add(w.HorizonDays)
}

// check refuses settings that cannot be meant. Faults: "cutoff_out_of_range",
// "horizon_out_of_range", "window_empty" (BKG-A15).
func (w Window) check() error {
	perDay := map[CutoffUnit]int{Minute: 24 * 60, Hour: 24, Day: 1}[w.Cutoff.Unit]
	if perDay == 0 || w.Cutoff.N < 0 {
		return fault.New(fault.Invalid, "cutoff_out_of_range", "A cut-off must be a number, not negative, of min, hour or day.")
	}
	if w.HorizonDays < 1 || w.HorizonDays > 365 {
		return fault.New(fault.Invalid, "horizon_out_of_range", "How far out can be booked must be 1 to 365 days.")
	}
	// Equal is fine: the last day still has starts. Beyond it there are moments
	// of the day at which patients would see an empty page.
	if w.Cutoff.N > w.HorizonDays*perDay {
		return fault.New(fault.Rejected, "window_empty", "The cut-off of %d %s is beyond the horizon of %d days: nothing could be booked. Shorten the cut-off or extend the horizon.", w.Cutoff.N, w.Cutoff.Unit, w.HorizonDays)
	}
	return nil
}
