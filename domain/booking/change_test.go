package booking_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

// mine is a staff booking of Tuesday 10:00.
func mine() booking.AppointmentBooked { return booked(first, "2026-01-06T15:00Z") }

func cancel(change ...func(*knowing[booking.CancelAppointment])) knowing[booking.CancelAppointment] {
	c := estest.Knowing(booking.CancelAppointment{Appointment: first, Chart: chart, By: booking.ByPatient, PolicyVersionShown: 2}, facts())
	for _, f := range change {
		f(&c)
	}
	return c
}

func move(to string, change ...func(*knowing[booking.RescheduleAppointment])) knowing[booking.RescheduleAppointment] {
	c := estest.Knowing(booking.RescheduleAppointment{Appointment: first, Chart: chart, Start: utc(to), By: booking.ByPatient, PolicyVersionShown: 2}, facts())
	for _, f := range change {
		f(&c)
	}
	return c
}

func cancelled(by booking.Channel, notice int) booking.AppointmentCancelled {
	return booking.AppointmentCancelled{
		Appointment: first, Chart: chart, Terms: mine().Terms, When: mine().When, By: by, NoticeMin: notice, PolicyVersionShown: 2, PolicyRevision: 7,
	}
}

func TestCancelAppointment(t *testing.T) {
	start := utc("2026-01-06T15:00Z")
	t.Run("BKG-E30 BKG-3 BKG-4 a staff booking, five minutes before, whatever the policy says", func(t *testing.T) {
		givenCalendar(t, mine()).When(cancel(), start.Add(-5*time.Minute)).Then(cancelled(booking.ByPatient, 5))
	})
	t.Run("BKG-4 an old text that was shown is recorded, not refused", func(t *testing.T) {
		want := cancelled(booking.ByPatient, 60)
		want.PolicyVersionShown = 1
		givenCalendar(t, mine()).When(cancel(func(c *knowing[booking.CancelAppointment]) { c.Command.PolicyVersionShown = 1 }), start.Add(-time.Hour)).Then(want)
	})
	t.Run("records the reason", func(t *testing.T) {
		want := cancelled(booking.ByPatient, 60)
		want.Reason = "ill"
		givenCalendar(t, mine()).When(cancel(func(c *knowing[booking.CancelAppointment]) { c.Command.Reason = "ill" }), start.Add(-time.Hour)).Then(want)
	})
	t.Run("BKG-E26 BKG-I5 frees its time at once", func(t *testing.T) {
		reserved := mornings()
		requireTuesday(t, []string{"09:00", "11:00"}, reserved, mine())
		requireTuesday(t, []string{"09:00", "10:00", "11:00"}, reserved, mine(), cancelled(booking.ByPatient, 1440))
		givenCalendar(t, reserved, mine(), cancelled(booking.ByPatient, 1440)).
			When(wish(func(c *knowing[booking.BookAppointment]) { c.Command.Appointment = second }), monday).
			ThenState(func(t testing.TB, s booking.CalendarState) { require.Contains(t, s.Appointments, second) })
	})
	t.Run("BKG-A14 not online once it has started", func(t *testing.T) {
		givenCalendar(t, mine()).When(cancel(), start).ThenRejected("already_started")
	})
	t.Run("the staff may, with negative notice", func(t *testing.T) {
		givenCalendar(t, mine()).When(cancel(func(c *knowing[booking.CancelAppointment]) { c.Command.By = booking.ByStaff }), start.Add(10*time.Minute)).Then(cancelled(booking.ByStaff, -10))
	})
	off := func(c *knowing[booking.CancelAppointment]) { c.Facts.Policy.SelfService = false }
	t.Run("BKG-3 self-service off", func(t *testing.T) {
		givenCalendar(t, mine()).When(cancel(off), monday).ThenRejected("self_service_off")
		givenCalendar(t, mine()).When(cancel(off, func(c *knowing[booking.CancelAppointment]) { c.Command.By = booking.ByStaff }), monday).Then(cancelled(booking.ByStaff, 1500))
	})
	for code, c := range map[string]knowing[booking.CancelAppointment]{
		"booking_off":         cancel(func(c *knowing[booking.CancelAppointment]) { c.Facts.Policy.Online = false }),
		"appointment_unknown": cancel(func(c *knowing[booking.CancelAppointment]) { c.Command.Appointment = second }),
		"channel_unknown":     cancel(func(c *knowing[booking.CancelAppointment]) { c.Command.By = "" }),
		"text_too_long":       cancel(func(c *knowing[booking.CancelAppointment]) { c.Command.Reason = strings.Repeat("é", 1001) }),
	} {
		t.Run(code, func(t *testing.T) { givenCalendar(t, mine()).When(c, monday).ThenRejected(code) })
	}
	t.Run("another patient's appointment is unknown, to the staff too", func(t *testing.T) {
		for _, by := range []booking.Channel{booking.ByPatient, booking.ByStaff} {
			givenCalendar(t, mine()).When(cancel(func(c *knowing[booking.CancelAppointment]) { c.Command.Chart, c.Command.By = other, by }), monday).ThenRejected("appointment_unknown")
		}
	})
	t.Run("already_cancelled", func(t *testing.T) {
		givenCalendar(t, mine(), cancelled(booking.ByStaff, 1500)).When(cancel(), monday).ThenRejected("already_cancelled")
		givenCalendar(t, mornings(), mine(), cancelled(booking.ByStaff, 1500)).When(move("2026-01-06T16:00Z"), monday).ThenRejected("already_cancelled")
	})
}

func TestRescheduleAppointment(t *testing.T) {
	moved := func(to string, by booking.Channel) booking.AppointmentRescheduled {
		return booking.AppointmentRescheduled{
			Appointment: first, Chart: chart, Terms: mine().Terms, From: mine().When, To: when(utc(to)), By: by,
			Reserves: []id.Reserve{reserveA}, NoticeMin: 1500, PolicyVersionShown: 2, PolicyRevision: 7,
		}
	}
	t.Run("BKG-3 a patient moves what the staff booked", func(t *testing.T) {
		givenCalendar(t, mornings(), mine()).When(move("2026-01-06T16:00Z"), monday).Then(moved("2026-01-06T16:00Z", booking.ByPatient))
	})
	t.Run("BKG-E27 BKG-I4 into its own old time: one event, one appointment", func(t *testing.T) {
		reserved, booked := mornings(), mine()
		booked.Terms.StartEveryMin = 15
		o := givenCalendar(t, reserved, booked).When(move("2026-01-06T15:15Z"), monday)
		want := moved("2026-01-06T15:15Z", booking.ByPatient)
		want.Terms.StartEveryMin = 15
		o.Then(want)
		o.ThenState(func(t testing.TB, s booking.CalendarState) {
			require.Len(t, s.Appointments, 1)
			require.Equal(t, busy("2026-01-06T15:15Z", "2026-01-06T16:15Z"), s.Appointments[first].Occupied())
		})
	})
	t.Run("BKG-E28 to a time taken meanwhile: refused, the original stands", func(t *testing.T) {
		history := []booking.CalendarEvent{mornings(), mine(), booked(second, "2026-01-06T16:00Z")}
		f := givenCalendar(t, history...).When(move("2026-01-06T16:00Z"), monday).ThenRejected("taken")
		require.Equal(t, "2026-01-06T15:00:00Z,2026-01-06T14:00:00Z,2026-01-07T14:00:00Z", f.Details["nearest"])
		require.Equal(t, mine().When, booking.CalendarAggregate().Fold(history...).Appointments[first].When)
	})
	t.Run("BKG-A8 only the new start must keep cut-off and horizon", func(t *testing.T) {
		soon := utc("2026-01-06T14:55Z")
		givenCalendar(t, mornings(), mine()).When(move("2026-01-07T15:00Z"), soon).ThenState(func(t testing.TB, s booking.CalendarState) {
			require.Equal(t, utc("2026-01-07T15:00Z"), s.Appointments[first].When.Start)
		})
		givenCalendar(t, mornings(), mine()).When(move("2026-01-06T16:00Z"), soon).ThenRejected("too_soon")
		givenCalendar(t, mornings(), mine()).When(move("2026-02-06T15:00Z"), soon).ThenRejected("too_far")
	})
	t.Run("BKG-A12 under the terms it was booked with, even when the type is gone", func(t *testing.T) {
		gone := func(c *knowing[booking.RescheduleAppointment]) { c.Facts.Policy.Types = nil }
		givenCalendar(t, mornings(), mine()).When(move("2026-01-06T16:00Z", gone), monday).Then(moved("2026-01-06T16:00Z", booking.ByPatient))
	})
	t.Run("BKG-A14 not online once it has started", func(t *testing.T) {
		givenCalendar(t, mornings(), mine()).When(move("2026-01-08T15:00Z"), utc("2026-01-06T15:00Z")).ThenRejected("already_started")
	})
	for code, c := range map[string]knowing[booking.RescheduleAppointment]{
		"unchanged":           move("2026-01-06T15:00Z"),
		"not_reserved":        move("2026-01-06T20:00Z"),
		"off_grid":            move("2026-01-06T14:30Z"),
		"booking_off":         move("2026-01-06T16:00Z", func(c *knowing[booking.RescheduleAppointment]) { c.Facts.Policy.Online = false }),
		"self_service_off":    move("2026-01-06T16:00Z", func(c *knowing[booking.RescheduleAppointment]) { c.Facts.Policy.SelfService = false }),
		"policy_not_shown":    move("2026-01-06T16:00Z", func(c *knowing[booking.RescheduleAppointment]) { c.Command.PolicyVersionShown = 1 }),
		"appointment_unknown": move("2026-01-06T16:00Z", func(c *knowing[booking.RescheduleAppointment]) { c.Command.Chart = other }),
		"chart_not_with_clinician": move("2026-01-06T16:00Z", func(c *knowing[booking.RescheduleAppointment]) {
			c.Facts.ClinicianOnChart = false
		}),
		"channel_unknown": move("2026-01-06T16:00Z", func(c *knowing[booking.RescheduleAppointment]) { c.Command.By = "fax" }),
	} {
		t.Run(code, func(t *testing.T) { givenCalendar(t, mornings(), mine()).When(c, monday).ThenRejected(code) })
	}
	t.Run("BKG-A11 the staff move it anywhere, over others with a reason", func(t *testing.T) {
		staff := func(c *knowing[booking.RescheduleAppointment]) {
			c.Command.By, c.Facts.ClinicianOnChart, c.Facts.Policy.SelfService = booking.ByStaff, false, false
		}
		want := moved("2026-01-06T22:07Z", booking.ByStaff)
		want.Reserves = nil
		givenCalendar(t, mornings(), mine()).When(move("2026-01-06T22:07Z", staff), monday).Then(want)
		taken := booked(second, "2026-01-06T16:30Z")
		givenCalendar(t, mornings(), mine(), taken).When(move("2026-01-06T16:00Z", staff), monday).ThenRejected("taken")
		over := moved("2026-01-06T16:00Z", booking.ByStaff)
		over.OverlapReason = "urgent"
		givenCalendar(t, mornings(), mine(), taken).When(move("2026-01-06T16:00Z", staff, func(c *knowing[booking.RescheduleAppointment]) { c.Command.OverlapReason = "urgent" }), monday).Then(over)
	})
}

// requireTuesday requires the wall clocks that others are shown on 2026-01-06.
func requireTuesday(t *testing.T, want []string, history ...booking.CalendarEvent) {
	t.Helper()
	s := booking.CalendarAggregate().Fold(history...)
	q := scene{
		zone: newYork, now: "2026-01-05 09:00", window: facts().Policy.Window, terms: terms(45, 15, 0),
		reserves: []booking.Reserve{s.Reserves[reserveA]}, from: "2026-01-06",
		busy: s.Busy(busy("2026-01-06T00:00Z", "2026-01-08T00:00Z"), id.Appointment{}),
	}.query(t)
	starts, err := booking.Starts(q)
	require.NoError(t, err)
	require.Equal(t, want, clocks(starts))
}
