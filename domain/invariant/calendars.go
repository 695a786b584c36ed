package invariant

import (
	"cmp"
	"slices"

	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/id"
)

// calendar is the live appointments of one clinician.
type calendar map[id.Appointment]appointment

// appointment is one of them, since it was last agreed on.
type appointment struct {
	booking.Appointment
	at es.Revision
	// on is where in the log that stands, for appointments of different calendars.
	on es.Position
	// isAllowed reports that somebody said why it may overlap another, and isAstray
	// that the clinician was none any more when it was agreed on.
	isAllowed, isAstray bool
}

// calendar folds an event of a calendar.
func (p *practice) calendar(env es.Envelope, event any) {
	which, ok := booking.CalendarOf(env.Stream)
	if !ok {
		return
	}
	c := p.calendars[which.Clinician]
	if c == nil {
		c = calendar{}
		p.calendars[which.Clinician] = c
	}
	astray := !p.state.IsActiveClinician(which.Clinician)
	switch e := event.(type) {
	case booking.AppointmentBooked:
		c[e.Appointment] = appointment{
			Appointment: booking.Appointment{ID: e.Appointment, Chart: e.Chart, Terms: e.Terms, When: e.When, Channel: e.Channel},
			at:          env.Revision, on: env.Position, isAllowed: e.OverlapReason != "", isAstray: astray,
		}
	case booking.AppointmentRescheduled:
		if a, ok := c[e.Appointment]; ok {
			a.When, a.Channel, a.at, a.on, a.isAllowed, a.isAstray = e.To, e.By, env.Revision, env.Position, e.OverlapReason != "", astray
			c[e.Appointment] = a
		}
	case booking.AppointmentCancelled:
		delete(c, e.Appointment)
	}
}

func (p *practice) judgeCalendar(a *Audit, which booking.CalendarID) {
	live := make([]appointment, 0, len(p.calendars[which.Clinician]))
	for _, one := range p.calendars[which.Clinician] {
		live = append(live, one)
		coming := one.Occupied().End.After(a.now)
		if one.isAstray && coming && !p.state.IsActiveClinician(which.Clinician) {
			places := []Place{{which.Stream(), one.at}, p.place(which.Clinician)}
			a.report(AppointmentClinician, p.id, places, thing(KindAppointment, one.ID), thing(KindMember, which.Clinician))
		}
	}
	slices.SortFunc(live, func(x, y appointment) int {
		return cmp.Or(x.When.Start.Compare(y.When.Start), cmp.Compare(x.at, y.at))
	})
	var open []appointment
	for _, one := range live {
		open = slices.DeleteFunc(open, func(o appointment) bool { return !o.Occupied().End.After(one.When.Start) })
		for _, other := range open {
			first, last := other, one
			if last.at < first.at {
				first, last = last, first
			}
			if first.Occupied().Overlaps(last.Occupied()) && !last.isAllowed {
				places := []Place{{which.Stream(), last.at}, {which.Stream(), first.at}}
				a.report(DoubleBooking, p.id, places, thing(KindAppointment, last.ID), thing(KindAppointment, first.ID))
			}
		}
		open = append(open, one)
	}
}

// judgePatients finds patients who are to be in two places at once, because an
// appointment was booked online while they had another with another clinician
// (BKG-A18). Two bookings in one instant can get past the booking's own look.
func (p *practice) judgePatients(a *Audit) {
	type held struct {
		appointment
		calendar booking.CalendarID
	}
	perChart := map[id.Chart][]held{}
	for _, clinician := range sortedKeys(p.calendars) {
		for _, key := range sortedKeys(p.calendars[clinician]) {
			one := p.calendars[clinician][key]
			if one.Visible().End.After(a.now) {
				perChart[one.Chart] = append(perChart[one.Chart], held{one, booking.CalendarID{Group: p.id, Clinician: clinician}})
			}
		}
	}
	for _, chart := range sortedKeys(perChart) {
		all := perChart[chart]
		for i, one := range all {
			for _, other := range all[:i] {
				first, last := other, one
				if last.on.Before(first.on) {
					first, last = last, first
				}
				if first.calendar != last.calendar && last.Channel == booking.ByPatient && first.Visible().Overlaps(last.Visible()) {
					places := []Place{{last.calendar.Stream(), last.at}, {first.calendar.Stream(), first.at}}
					a.report(PatientDoubleBooked, p.id, places, thing(KindAppointment, last.ID), thing(KindAppointment, first.ID))
				}
			}
		}
	}
}
