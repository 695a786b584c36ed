package booking

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
)

// Hours are wall-clock hours from Start on one day to End; an End before Start is
// on the next day. Equal clocks mean no hours at all.
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

// spans appends the reserved spans that begin on the days in [from, to].
func (r Reserve) spans(spans []Span, zone *time.Location, from, to civil.Date) []Span {
	r.hours(from, to, func(day civil.Date, h Hours) { spans = append(spans, h.on(day, zone)) })
	return spans
}

// on returns the hours as a span that begins on a day. Start and end are
// wall-clock times, so that a span is longer or shorter where the clocks change;
// it is empty where they leave nothing of it.
func (h Hours) on(day civil.Date, zone *time.Location) Span {
	last := day
	if h.End < h.Start {
		last = day.Add(1)
	}
	return Span{civil.At(day, h.Start, zone), civil.At(last, h.End, zone)}
}

// Last returns the last day on which the series may have an occurrence, the zero
// date if it goes on for ever.
func (r Reserve) Last() civil.Date {
	last := r.Repeat.Until
	if !r.Ended.IsZero() && (last.IsZero() || r.Ended.Before(last)) {
		last = r.Ended
	}
	return last
}

// firstFrom returns the first day of the series that is not before a day; ok is
// false when there is none. A skipped day counts.
func (r Reserve) firstFrom(day civil.Date) (first civil.Date, ok bool) {
	const longestPause = 53 * 7
	to := day.Add(longestPause)
	if day.Before(r.FirstDate) {
		to = r.FirstDate.Add(longestPause)
	}
	if last := r.Last(); !last.IsZero() && last.Before(to) {
		to = last
	}
	r.Repeat.dates(r.FirstDate, day, to, func(d civil.Date) {
		if !ok {
			first, ok = d, true
		}
	})
	return first, ok
}

// InSeries reports whether the series has an occurrence on a day, also if that
// day was skipped or has other hours.
func (r Reserve) InSeries(day civil.Date) bool {
	r.Exceptions = nil
	_, ok := r.On(day)
	return ok
}
