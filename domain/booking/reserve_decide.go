package booking

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// ReserveTime sets time aside for online booking (BKG-2). Faults:
// "already_exists", "zone_unknown", "empty_interval", "longer_than_24h",
// "repeat_unsupported", "malformed_date".
type ReserveTime struct {
	Reserve   id.Reserve           `json:"reserve"`
	FirstDate civil.Date           `json:"firstDate"`
	Start     civil.Clock          `json:"start"`
	End       civil.Clock          `json:"end"`
	Zone      civil.Zone           `json:"zone"`
	Repeat    Repeat               `json:"repeat"`
	Types     []id.AppointmentType `json:"types,omitempty"`
}

// Decide reserves the time.
func (c ReserveTime) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	reserved, err := c.reserved(s)
	return es.Decided[CalendarEvent](err, false, reserved)
}

func (c ReserveTime) reserved(s CalendarState) (TimeReserved, error) {
	_, exists := s.Reserves[c.Reserve]
	_, unknown := c.Zone.Load()
	repeat, unsupported := c.Repeat.normalised(c.FirstDate)
	c.Repeat, c.Types = repeat, sorted(c.Types)
	return TimeReserved(c), cmp.Or(
		fault.When(exists, errAlreadyExists),
		c.FirstDate.Check(),
		unknown,
		Hours{c.Start, c.End}.check(),
		unsupported,
	)
}

// SkipReservedDate leaves one day of a series out; skipping it again is a no-op.
// Faults: "reserve_unknown", "date_not_in_series".
type SkipReservedDate struct {
	Reserve id.Reserve `json:"reserve"`
	Date    civil.Date `json:"date"`
}

// Decide skips the day.
func (c SkipReservedDate) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	r, err := s.seriesOn(c.Reserve, c.Date)
	_, on := r.On(c.Date)
	return es.Decided[CalendarEvent](err, !on, ReservedDateSkipped(c))
}

// MoveReservedDate gives one day of a series other hours, also a day that was
// skipped. Faults: "reserve_unknown", "date_not_in_series", "empty_interval",
// "longer_than_24h".
type MoveReservedDate struct {
	Reserve id.Reserve  `json:"reserve"`
	Date    civil.Date  `json:"date"`
	Start   civil.Clock `json:"start"`
	End     civil.Clock `json:"end"`
}

// Decide moves the day's hours, unless they are the present ones.
func (c MoveReservedDate) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	hours := Hours{c.Start, c.End}
	r, err := s.seriesOn(c.Reserve, c.Date)
	present, on := r.On(c.Date)
	return es.Decided[CalendarEvent](cmp.Or(hours.check(), err), on && present == hours, ReservedDateMoved(c))
}

// RestoreReservedDate gives a day that was skipped or moved the hours of its
// series back. Faults: "reserve_unknown", "date_not_in_series".
type RestoreReservedDate struct {
	Reserve id.Reserve `json:"reserve"`
	Date    civil.Date `json:"date"`
}

// Decide restores the day, unless nothing was changed on it.
func (c RestoreReservedDate) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	r, err := s.seriesOn(c.Reserve, c.Date)
	_, changed := r.Exceptions[c.Date]
	return es.Decided[CalendarEvent](err, !changed, ReservedDateRestored(c))
}

// EndReserve stops a series after a day; a day before its first ends it
// altogether, and a later day than the present end lets it go on until then.
// Appointments inside stand (BKG-A13). Faults: "reserve_unknown",
// "malformed_date", "ends_before".
type EndReserve struct {
	Reserve  id.Reserve `json:"reserve"`
	LastDate civil.Date `json:"lastDate"`
}

// Decide ends the series, unless that day is its last already.
func (c EndReserve) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	r, exists := s.Reserves[c.Reserve]
	until := r.Repeat.Until
	err := cmp.Or(fault.When(!exists, errReserveUnknown), c.LastDate.Check())
	if err == nil && !until.IsZero() && c.LastDate.After(until) {
		err = fault.New(fault.Rejected, "ends_before", "This series was reserved until %s and cannot end later. Change it from a day on, with another last day.", until)
	}
	return es.Decided[CalendarEvent](err, r.Last() == c.LastDate, ReserveEnded(c))
}

// ReopenReserve takes the end of a series back, as if it had never been ended.
// Fault: "reserve_unknown".
type ReopenReserve struct {
	Reserve id.Reserve `json:"reserve"`
}

// Decide reopens the series, unless it was not ended.
func (c ReopenReserve) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	r, exists := s.Reserves[c.Reserve]
	return es.Decided[CalendarEvent](fault.When(!exists, errReserveUnknown), r.Ended.IsZero(), ReserveReopened(c))
}

// ChangeReserveFrom gives a series other hours, days, types or another zone from a
// day on: it ends on the day before, and a new reserve begins, in one append.
// Days that were skipped or moved stay so where the new series has them. Faults:
// "reserve_unknown", "already_exists", "date_not_in_series" when the series ends
// before the day, and those of ReserveTime.
type ChangeReserveFrom struct {
	Reserve id.Reserve `json:"reserve"`
	// Next names the new reserve.
	Next id.Reserve `json:"next"`
	// From is the first day of the change.
	From  civil.Date  `json:"from"`
	Start civil.Clock `json:"start"`
	End   civil.Clock `json:"end"`
	// Zone is the present one if empty.
	Zone civil.Zone `json:"zone,omitempty"`
	// Repeat is the present one if its frequency is empty; a new one counts from From.
	Repeat Repeat `json:"repeat"`
	// Types are the present ones if nil; an empty list means all.
	Types []id.AppointmentType `json:"types"`
}

// Decide changes the series, unless nothing would be different.
func (c ChangeReserveFrom) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	r, exists := s.Reserves[c.Reserve]
	kept := c.Repeat.Frequency == ""
	next, ok := c.next(r)
	begins, err := next.reserved(s)
	err = cmp.Or(fault.When(!exists, errReserveUnknown), c.From.Check(), fault.When(!ok, errNotInSeries), err)
	if err != nil {
		return nil, err
	}
	reserved := ReserveOf(begins)
	if kept && reserved.Hours == r.Hours && reserved.Zone == r.Zone && slices.Equal(reserved.Types, r.Types) {
		return nil, nil
	}
	from := c.From
	if from.Before(r.FirstDate) {
		from = r.FirstDate
	}
	events := []CalendarEvent{ReserveEnded{Reserve: r.ID, LastDate: from.Add(-1)}, begins}
	for _, day := range slices.SortedFunc(maps.Keys(r.Exceptions), civil.Date.Compare) {
		switch h := r.Exceptions[day]; {
		case day.Before(c.From) || !reserved.InSeries(day):
		case h.Start == h.End:
			events = append(events, ReservedDateSkipped{Reserve: c.Next, Date: day})
		default:
			events = append(events, ReservedDateMoved{Reserve: c.Next, Date: day, Start: h.Start, End: h.End})
		}
	}
	return events, nil
}

// next returns the reserve that continues r; ok is false when r ends before.
func (c ChangeReserveFrom) next(r Reserve) (next ReserveTime, ok bool) {
	next = ReserveTime{
		Reserve: c.Next, FirstDate: c.From, Start: c.Start, End: c.End, Zone: cmp.Or(c.Zone, r.Zone), Repeat: c.Repeat, Types: c.Types,
	}
	if next.Types == nil {
		next.Types = r.Types
	}
	// The next occurrence keeps the rhythm of a series of every other week; beyond the
	// last day that can be written there is none.
	first, ok := r.firstFrom(c.From)
	ok = ok && first.Check() == nil
	if c.Repeat.Frequency == "" {
		next.FirstDate, next.Repeat = first, r.Repeat
		if r.Repeat.Frequency == Weekly {
			next.Repeat.Until = r.Last()
		}
	}
	return next, ok
}

// check refuses hours that hold no time or do not start on their day. Faults:
// "longer_than_24h", "empty_interval".
func (h Hours) check() error {
	return cmp.Or(
		fault.When(h.Start < 0 || h.Start >= civil.EndOfDay || h.End < 0 || h.End > civil.EndOfDay, errLongerThan24h),
		fault.When(h.End == h.Start, errNoHours),
	)
}

// seriesOn returns a reserve whose series has a day, skipped or not.
func (s CalendarState) seriesOn(r id.Reserve, day civil.Date) (Reserve, error) {
	reserve, exists := s.Reserves[r]
	return reserve, cmp.Or(fault.When(!exists, errReserveUnknown), fault.When(!reserve.InSeries(day), errNotInSeries))
}
