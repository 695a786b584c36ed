package booking

import (
	"time"

	"praxis/domain/civil"
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
	if _, exists := s.Reserves[c.Reserve]; exists {
		return nil, errAlreadyExists
	}
	if err := checkDate(c.FirstDate); err != nil {
		return nil, err
	}
	if _, err := c.Zone.Load(); err != nil {
		return nil, err
	}
	if err := (Hours{c.Start, c.End}).check(); err != nil {
		return nil, err
	}
	repeat, err := c.Repeat.normalised(c.FirstDate)
	if err != nil {
		return nil, err
	}
	c.Repeat, c.Types = repeat, sortedIDs(c.Types)
	return []CalendarEvent{TimeReserved(c)}, nil
}

// SkipReservedDate leaves one day of a series out. Faults: "reserve_unknown",
// "date_not_in_series".
type SkipReservedDate struct {
	Reserve id.Reserve `json:"reserve"`
	Date    civil.Date `json:"date"`
}

// Decide skips the day.
func (c SkipReservedDate) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	if _, err := s.reservedOn(c.Reserve, c.Date); err != nil {
		return nil, err
	}
	return []CalendarEvent{ReservedDateSkipped(c)}, nil
}

// MoveReservedDate gives one day of a series other hours. Faults:
// "reserve_unknown", "date_not_in_series", "empty_interval", "longer_than_24h".
type MoveReservedDate struct {
	Reserve id.Reserve  `json:"reserve"`
	Date    civil.Date  `json:"date"`
	Start   civil.Clock `json:"start"`
	End     civil.Clock `json:"end"`
}

// Decide moves the day's hours, unless they are the present ones.
func (c MoveReservedDate) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	hours := Hours{c.Start, c.End}
	if err := hours.check(); err != nil {
		return nil, err
	}
	present, err := s.reservedOn(c.Reserve, c.Date)
	if err != nil || present == hours {
		return nil, err
	}
	return []CalendarEvent{ReservedDateMoved(c)}, nil
}

// EndReserve stops a series after a day; a day before its first ends it
// altogether. Appointments inside stand (BKG-A13). Faults: "reserve_unknown",
// "malformed_date".
type EndReserve struct {
	Reserve  id.Reserve `json:"reserve"`
	LastDate civil.Date `json:"lastDate"`
}

// Decide ends the series, unless it ends by then anyway.
func (c EndReserve) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	r, exists := s.Reserves[c.Reserve]
	if !exists {
		return nil, errReserveUnknown
	}
	if err := checkDate(c.LastDate); err != nil {
		return nil, err
	}
	for _, end := range [...]civil.Date{r.Ended, r.Repeat.Until} {
		if !end.IsZero() && !end.After(c.LastDate) {
			return nil, nil
		}
	}
	return []CalendarEvent{ReserveEnded(c)}, nil
}

// check refuses hours that hold no time or leave their day. Faults:
// "longer_than_24h", "empty_interval".
func (h Hours) check() error {
	if h.Start < 0 || h.End > civil.EndOfDay {
		return errLongerThan24h
	}
	if h.End <= h.Start {
		return errEmptyInterval
	}
	return nil
}

// reservedOn returns the hours that a reserve has on a day.
func (s CalendarState) reservedOn(r id.Reserve, day civil.Date) (Hours, error) {
	reserve, exists := s.Reserves[r]
	if !exists {
		return Hours{}, errReserveUnknown
	}
	hours, ok := reserve.On(day)
	if !ok {
		return Hours{}, errNotInSeries
	}
	return hours, nil
}

// checkDate refuses the zero date and years beyond four digits.
func checkDate(d civil.Date) error {
	_, err := civil.ParseDate(d.String())
	return err
}
