package booking

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
)

// Touched returns the live appointments that are not over at now and that events
// leave without reserved time where they had it, or put under a block, by start.
// They stand (BKG-A13): it is for the member who made the change.
func (s CalendarState) Touched(clinician id.Member, events []CalendarEvent, now time.Time) []Held {
	after := s.withReserves(events)
	var blocks []Span
	for _, event := range events {
		if e, ok := event.(TimeBlocked); ok {
			blocks = append(blocks, e.Span)
		}
	}
	var touched []Held
	for a := range s.around(now, endOfTime) {
		o := a.Occupied()
		if !o.End.After(now) {
			continue
		}
		isUnder := slices.ContainsFunc(blocks, o.Overlaps)
		if isUnder || len(blocks) == 0 && s.reserved(a) && !after.reserved(a) {
			touched = append(touched, a.held(clinician))
		}
	}
	slices.SortFunc(touched, func(a, b Held) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Appointment.String(), b.Appointment.String()))
	})
	return touched
}

// held describes an appointment of a clinician's calendar to others.
func (a Appointment) held(clinician id.Member) Held {
	return Held{Appointment: a.ID, Clinician: clinician, Chart: a.Chart, Span: a.Visible(), Date: a.When.Date, Channel: a.Channel}
}

// withReserves returns the calendar's reserves after events; it shares nothing
// that they change.
func (s CalendarState) withReserves(events []CalendarEvent) CalendarState {
	after := newCalendar()
	for i, r := range s.Reserves {
		r.Exceptions = maps.Clone(r.Exceptions)
		after.Reserves[i] = r
	}
	for _, event := range events {
		EvolveCalendar(&after, event)
	}
	return after
}

// reserved reports whether an appointment lies in time reserved for its type. A
// zone that cannot be loaded reserves nothing.
func (s CalendarState) reserved(a Appointment) bool {
	zone, err := a.When.Zone.Load()
	if err != nil {
		return false
	}
	day := civil.In(a.When.Start, zone)
	runs, err := Query{Zone: zone, Terms: a.Terms, Reserves: s.reserves()}.runs(day, day)
	return err == nil && slices.ContainsFunc(runs, func(r Span) bool { return r.Contains(a.Occupied()) })
}
