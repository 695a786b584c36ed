package pricing

import (
	"time"

	"praxis/domain/civil"
)

// Period is a billing period of calendar days in the practice's billing zone,
// half open: End is the first day of the next one (BIL-A1).
type Period struct {
	Start civil.Date `json:"start"`
	End   civil.Date `json:"end"`
}

// Days returns how many days the period has: 28 to 31 (BIL-A2).
func (p Period) Days() int { return p.Start.DaysUntil(p.End) }

// Contains reports whether the day lies in the period.
func (p Period) Contains(d civil.Date) bool { return !d.Before(p.Start) && d.Before(p.End) }

// DaysFrom returns how many days are left from the given day on, that day
// included (BIL-A1, AMB-5); 0 outside the period.
func (p Period) DaysFrom(d civil.Date) int {
	if !p.Contains(d) {
		return 0
	}
	return d.DaysUntil(p.End)
}

// Anchor is the day of the month, 1 to 31, on which periods begin. In a month
// that is too short they begin on its last day; the anchor itself is never
// forgotten, so that both ends of every period come from it (BIL-A5).
type Anchor int

// AnchorOf returns the anchor of periods that begin on the given day.
func AnchorOf(d civil.Date) Anchor { return Anchor(d.Day) }

// PeriodAt returns the period that contains the day.
func (a Anchor) PeriodAt(d civil.Date) Period {
	start := a.in(d.Year, d.Month)
	if d.Before(start) {
		previous := civil.Date{Year: d.Year, Month: d.Month, Day: 1}.Add(-1)
		start = a.in(previous.Year, previous.Month)
	}
	next := start.EndOfMonth().Add(1)
	return Period{Start: start, End: a.in(next.Year, next.Month)}
}

func (a Anchor) in(year int, month time.Month) civil.Date {
	return civil.Date{Year: year, Month: month, Day: min(int(a), civil.DaysIn(year, month))}
}
