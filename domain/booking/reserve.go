package booking

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
)

// Hours are the wall-clock hours of one day, from Start to End. Equal clocks
// mean no hours at all.
type Hours struct {
	Start civil.Clock `json:"start"`
	End   civil.Clock `json:"end"`
}

// Reserve is time that a clinician sets aside for online booking: the same hours
// once or on days of a weekly series, with exceptions. Nothing is offered outside
// of it (BKG-2).
type Reserve struct {
	ID id.Reserve `json:"reserve"`
	// FirstDate is the day from which the series counts.
	FirstDate civil.Date `json:"firstDate"`
	Hours
	// Zone is the time zone of all dates and clocks here.
	Zone   civil.Zone `json:"zone"`
	Repeat Repeat     `json:"repeat"`
	// Types are the appointment types it may be used for; none means all.
	Types []id.AppointmentType `json:"types,omitempty"`
	// Ended, if set, is the last day of the series after it was ended early.
	Ended civil.Date `json:"ended,omitzero"`
	// Exceptions are the days of the series with other hours; equal clocks mean
	// that the day is skipped.
	Exceptions map[civil.Date]Hours `json:"exceptions,omitempty"`
}

// Allows reports whether the reserve may be used for appointments of type t.
func (r Reserve) Allows(t id.AppointmentType) bool {
	return len(r.Types) == 0 || slices.Contains(r.Types, t)
}

// On returns the reserve's hours on a day; ok is false when the day is not in
// the series or was skipped.
func (r Reserve) On(day civil.Date) (h Hours, ok bool) {
	r.hours(day, day, func(_ civil.Date, on Hours) { h, ok = on, true })
	return h, ok
}

// hours calls yield with each day in [from, to] on which time is reserved.
func (r Reserve) hours(from, to civil.Date, yield func(civil.Date, Hours)) {
	if !r.Ended.IsZero() && r.Ended.Before(to) {
		to = r.Ended
	}
	r.Repeat.dates(r.FirstDate, from, to, func(day civil.Date) {
		h := r.Hours
		if other, ok := r.Exceptions[day]; ok {
			h = other
		}
		if h.Start != h.End {
			yield(day, h)
		}
	})
}

// spans appends the reserved spans of the days in [from, to]. Start and end are
// wall-clock times, so that a span is longer or shorter on days when the clocks
// change; it is empty where they leave nothing of it.
func (r Reserve) spans(spans []Span, zone *time.Location, from, to civil.Date) []Span {
	r.hours(from, to, func(day civil.Date, h Hours) {
		spans = append(spans, Span{civil.At(day, h.Start, zone), civil.At(day, h.End, zone)})
	})
	return spans
}
