package booking_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/id"
)

func TestChangePatientLimits(t *testing.T) {
	change := func(upcoming, perDay int) booking.ChangePatientLimits {
		return booking.ChangePatientLimits{Limits: booking.Limits{Upcoming: upcoming, PerDay: perDay}}
	}
	t.Run("are 12 upcoming appointments and 2 a day to begin with", func(t *testing.T) {
		givenPolicy(t).When(change(12, 2), noon).ThenNothing()
		givenPolicy(t).When(change(12, 3), noon).Then(booking.PatientLimitsChanged{Limits: booking.Limits{Upcoming: 12, PerDay: 3}})
		givenPolicy(t).When(change(0, 0), noon).Then(booking.PatientLimitsChanged{})
	})
	for _, c := range []booking.ChangePatientLimits{change(-1, 2), change(201, 2), change(12, -1), change(12, 51)} {
		givenPolicy(t).When(c, noon).ThenRejected("limit_out_of_range")
	}
}

// online is a visit that the patient booked online.
func online(a id.Appointment, at string) booking.AppointmentBooked {
	b := booked(a, at)
	b.Channel = booking.ByPatient
	return b
}

func limited(upcoming, perDay int) func(*knowing[booking.BookAppointment]) {
	return func(c *knowing[booking.BookAppointment]) {
		c.Facts.Policy.Limits = booking.Limits{Upcoming: upcoming, PerDay: perDay}
	}
}

// with are appointments that the patient has with a colleague.
func with(spans ...booking.Span) func(*knowing[booking.BookAppointment]) {
	return func(c *knowing[booking.BookAppointment]) {
		for _, s := range spans {
			c.Facts.Elsewhere = append(c.Facts.Elsewhere, booking.Held{
				Appointment: second, Clinician: colleague, Chart: chart, Span: s, Date: civil.In(s.Start, c.Facts.Zone), Channel: booking.ByPatient,
			})
		}
	}
}

func TestBookAppointment_WithinTheLimitsOfAPatient(t *testing.T) {
	tuesday := online(second, "2026-01-06T14:00Z")
	elsewhere := with(busy("2026-01-06T20:00Z", "2026-01-06T21:00Z"))
	refused := func(code string, c knowing[booking.BookAppointment], history ...booking.CalendarEvent) {
		t.Helper()
		givenCalendar(t, append([]booking.CalendarEvent{mornings()}, history...)...).When(c, monday).ThenRejected(code)
	}
	accepted := func(c knowing[booking.BookAppointment], history ...booking.CalendarEvent) {
		t.Helper()
		givenCalendar(t, append([]booking.CalendarEvent{mornings()}, history...)...).When(c, monday).
			ThenState(func(t testing.TB, s booking.CalendarState) { require.Contains(t, s.Appointments, first) })
	}
	t.Run("counts this calendar and the others", func(*testing.T) {
		refused("too_many_upcoming", wish(limited(1, 0)), tuesday)
		refused("too_many_upcoming", wish(limited(1, 0), elsewhere))
		refused("too_many_that_day", wish(limited(0, 1)), tuesday)
		refused("too_many_that_day", wish(limited(0, 1), elsewhere))
		refused("too_many_upcoming", wish(limited(2, 0), elsewhere), tuesday)
	})
	t.Run("not what is over, cancelled, another patient's, another day's, or the staff's", func(*testing.T) {
		accepted(wish(limited(2, 2), elsewhere))
		accepted(wish(limited(1, 0)), online(second, "2026-01-05T13:00Z"))
		accepted(wish(limited(1, 1)), tuesday, booking.AppointmentCancelled{Appointment: second})
		others := tuesday
		others.Chart = other
		accepted(wish(limited(1, 1)), others)
		accepted(wish(limited(0, 1)), online(second, "2026-01-07T14:00Z"))
		accepted(wish(limited(1, 1)), booked(second, "2026-01-06T14:00Z"))
	})
	t.Run("the staff are exempt", func(*testing.T) { accepted(wish(byStaff, limited(1, 1)), tuesday) })
}

func TestBookAppointment_WhileThePatientIsElsewhere(t *testing.T) {
	half := with(busy("2026-01-06T15:30Z", "2026-01-06T16:30Z"))
	t.Run("BKG-A18 not online", func(t *testing.T) {
		f := givenCalendar(t, mornings()).When(wish(half, because("please")), monday).ThenRejected("patient_busy")
		require.Contains(t, f.Message, "Tue 2026-01-06 10:30")
	})
	t.Run("BKG-A18 right before and after is fine, padding or not", func(t *testing.T) {
		for _, s := range []booking.Span{busy("2026-01-06T15:45Z", "2026-01-06T16:30Z"), busy("2026-01-06T14:00Z", "2026-01-06T15:00Z")} {
			givenCalendar(t, mornings()).When(wish(with(s)), monday).
				ThenState(func(t testing.TB, s booking.CalendarState) { require.Contains(t, s.Appointments, first) })
		}
	})
	t.Run("BKG-A11 the staff with a reason, which is recorded", func(t *testing.T) {
		givenCalendar(t).When(wish(half, byStaff), monday).ThenRejected("patient_busy")
		givenCalendar(t).When(wish(half, byStaff, because("both parents")), monday).Then(booking.AppointmentBooked{
			Appointment: first, Chart: chart, Terms: terms(45, 15, 0), When: when(utc("2026-01-06T15:00Z")), Channel: booking.ByStaff,
			PolicyRevision: 7, OverlapReason: "both parents",
		})
	})
}

func TestChangeReserveFrom(t *testing.T) {
	ended := func(day string) booking.ReserveEnded {
		return booking.ReserveEnded{Reserve: reserveA, LastDate: civil.MustDate(day)}
	}
	change := func(from, start, end string) booking.ChangeReserveFrom {
		return booking.ChangeReserveFrom{Reserve: reserveA, Next: reserveB, From: civil.MustDate(from), Start: civil.MustClock(start), End: civil.MustClock(end)}
	}
	next := func(first, start, end string) booking.TimeReserved {
		r := mondays()
		r.Reserve, r.FirstDate, r.Start, r.End = reserveB, civil.MustDate(first), civil.MustClock(start), civil.MustClock(end)
		return r
	}
	t.Run("ends the series and begins the next in one append", func(t *testing.T) {
		givenCalendar(t, mondays()).When(change("2026-03-11", "10:00", "13:00"), noon).Then(ended("2026-03-10"), next("2026-03-16", "10:00", "13:00"))
	})
	t.Run("keeps the rhythm of every other week, and its end", func(t *testing.T) {
		second := mondays()
		second.Repeat.Every, second.Repeat.Until = 2, civil.MustDate("2026-06-30")
		want := next("2026-03-16", "10:00", "13:00")
		want.Repeat = second.Repeat
		want.Repeat.Until = civil.MustDate("2026-05-31")
		givenCalendar(t, second, ended("2026-05-31")).When(change("2026-03-09", "10:00", "13:00"), noon).Then(ended("2026-03-08"), want)
	})
	t.Run("the first and the last of all days", func(t *testing.T) {
		givenCalendar(t, mondays()).When(change("1900-01-01", "10:00", "13:00"), noon).
			Then(ended(mondays().FirstDate.Add(-1).String()), next(mondays().FirstDate.String(), "10:00", "13:00"))
		givenCalendar(t, mondays()).When(change("9999-12-31", "10:00", "13:00"), noon).ThenRejected("date_not_in_series")
	})
	t.Run("days that were skipped or moved stay so", func(t *testing.T) {
		skip := booking.ReservedDateSkipped{Reserve: reserveA, Date: civil.MustDate("2026-03-23")}
		early := booking.ReservedDateSkipped{Reserve: reserveA, Date: civil.MustDate("2026-03-02")}
		move := booking.ReservedDateMoved{Reserve: reserveA, Date: civil.MustDate("2026-03-16"), Start: civil.MustClock("08:00"), End: civil.MustClock("09:00")}
		skipped, moved := skip, move
		skipped.Reserve, moved.Reserve = reserveB, reserveB
		givenCalendar(t, mondays(), skip, early, move).When(change("2026-03-09", "10:00", "13:00"), noon).
			Then(ended("2026-03-08"), next("2026-03-09", "10:00", "13:00"), moved, skipped)
	})
	t.Run("asking for what is changes nothing", func(t *testing.T) {
		givenCalendar(t, mondays()).When(change("2026-03-11", "09:00", "12:00"), noon).ThenNothing()
	})
	t.Run("a series that ends before, is unknown, or an id that was used", func(t *testing.T) {
		givenCalendar(t, mondays(), ended("2026-03-09")).When(change("2026-03-10", "10:00", "13:00"), noon).ThenRejected("date_not_in_series")
		givenCalendar(t).When(change("2026-03-10", "10:00", "13:00"), noon).ThenRejected("reserve_unknown")
		givenCalendar(t, mondays(), next("2026-01-05", "09:00", "12:00")).When(change("2026-03-10", "10:00", "13:00"), noon).ThenRejected("already_exists")
	})
}
