package booking

import (
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Limits bound what one patient can book online, so that one of them cannot take
// all the times that are offered. The staff are not bound by them, and what the
// staff booked does not count.
type Limits struct {
	// Upcoming is how many appointments that have not begun a patient can hold, 1–200;
	// 0 means any number.
	Upcoming int `json:"upcoming"`
	// PerDay is how many of them can be on one local day, 1–50; 0 means any number.
	PerDay int `json:"perDay"`
}

// defaultLimits hold until a practice chooses its own: two months of weekly
// appointments and some to spare, and on one day an appointment with each of two
// clinicians.
var defaultLimits = Limits{Upcoming: 12, PerDay: 2}

// check refuses limits that cannot be meant. Fault: "limit_out_of_range".
func (l Limits) check() error {
	if l.Upcoming < 0 || l.Upcoming > 200 || l.PerDay < 0 || l.PerDay > 50 {
		return fault.New(fault.Invalid, "limit_out_of_range", "A patient's limit must be 1 to 200 upcoming appointments and 1 to 50 a day, or 0 for none.")
	}
	return nil
}

// ChangePatientLimits sets what one patient can book online. Fault:
// "limit_out_of_range".
type ChangePatientLimits struct {
	Limits
}

// Decide changes the limits, unless they are the present ones.
func (c ChangePatientLimits) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	return es.Decided[PolicyEvent](c.check(), c.Limits == s.Limits, PatientLimitsChanged(c))
}

// withinLimits refuses what would take a patient beyond the practice's limits.
// Moving an appointment makes none more, but may put it on a full day.
func (s CalendarState) withinLimits(w placing, start, now time.Time) error {
	limits := w.facts.Policy.Limits
	day, _ := wall(start, w.facts.Zone)
	upcoming, thatDay := 0, 0
	for _, h := range s.heldBy(w, start, now) {
		if h.Channel != ByPatient {
			continue
		}
		if h.Start.After(now) {
			upcoming++
		}
		if h.Date == day {
			thatDay++
		}
	}
	switch {
	case w.moving.IsZero() && limits.Upcoming > 0 && upcoming >= limits.Upcoming:
		return fault.New(fault.Rejected, "too_many_upcoming", "A patient can hold %d upcoming appointments that were booked online, and this one does. Cancel one, or call the practice.", limits.Upcoming)
	case limits.PerDay > 0 && thatDay >= limits.PerDay:
		return fault.New(fault.Rejected, "too_many_that_day", "A patient can book %d appointments a day online, and has on this one. Choose another day, or call the practice.", limits.PerDay)
	}
	return nil
}

// heldBy returns the live appointments of a placing's chart, in this calendar and
// elsewhere, without the one that moves: all that are still to come or on the local day
// of start, and some others.
func (s CalendarState) heldBy(w placing, start, now time.Time) []Held {
	held := append([]Held{}, w.facts.Elsewhere...)
	from := now
	// The same date begins within two days, whatever the zones that it was read in.
	if sameDate := start.AddDate(0, 0, -2); sameDate.Before(now) {
		from = sameDate
	}
	for a := range s.around(from, endOfTime) {
		if a.Chart == w.chart && a.ID != w.moving {
			held = append(held, a.held(id.Member{}))
		}
	}
	return held
}

// elsewhere returns the appointment that the patient has with another clinician
// at the time wanted, if any (BKG-A18). Padding is the clinician's own time and
// keeps no patient from being elsewhere.
func elsewhere(w placing, start time.Time) (Held, bool) {
	visible := Span{start, start.Add(w.terms.Length())}
	for _, h := range w.facts.Elsewhere {
		if h.Overlaps(visible) {
			return h, true
		}
	}
	return Held{}, false
}

// patientBusy refuses a time at which the patient is with somebody else.
func patientBusy(h Held, zone *time.Location) error {
	at := h.Start.In(zone).Format("Mon 2006-01-02 15:04")
	return fault.New(fault.Rejected, "patient_busy", "The patient has another appointment at that time, with another clinician, from %s. Choose another time, or move or cancel that one first.", at).
		With("appointment", h.Appointment.String())
}
