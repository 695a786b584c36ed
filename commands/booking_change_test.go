package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/accesslog"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// move is Mia's wish to move an appointment.
func (c *clinic) move(a id.Appointment, start string) booking.RescheduleAppointment {
	return booking.RescheduleAppointment{Appointment: a, Chart: c.miaChart, Start: instant(start), By: booking.ByPatient, PolicyVersionShown: 1}
}

func (c *clinic) cancellation(a id.Appointment) booking.CancelAppointment {
	return booking.CancelAppointment{Appointment: a, Chart: c.miaChart, By: booking.ByPatient, PolicyVersionShown: 1}
}

func TestRescheduleAppointment(t *testing.T) {
	t.Run("BKG-E28 moving to a time that was taken meanwhile leaves the appointment where it was", func(t *testing.T) {
		c := openClinic(t)
		appointment := c.booked("2026-01-06T15:00:00Z")
		c.done(commands.BookAppointment.Give(t.Context(), c.another(), c.call(c.noah), c.calendar(), c.wish(c.noahChart, "2026-01-06T16:00:00Z")))
		before := c.state()
		_, err := commands.RescheduleAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.move(appointment, "2026-01-06T16:00:00Z"))
		require.Equal(t, "taken", fault.From(err).Code)
		require.Equal(t, "2026-01-06T15:00:00Z,2026-01-06T17:00:00Z,2026-01-06T14:00:00Z", fault.From(err).Details["nearest"], "BKG-I4 its own time counts as free")
		require.Equal(t, before, c.state())
	})

	t.Run("BKG-I4 moving is one event", func(t *testing.T) {
		c := openClinic(t)
		appointment := c.booked("2026-01-06T15:00:00Z")
		before := len(c.recorded(c.calendar().Stream()))
		c.done(commands.RescheduleAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.move(appointment, "2026-01-06T18:00:00Z")))
		events := c.recorded(c.calendar().Stream())
		require.Len(t, events, before+1)
		moved := events[before].Event.(booking.AppointmentRescheduled)
		require.Equal(t, c.miaChart, moved.Chart)
		require.Equal(t, instant("2026-01-06T15:00:00Z"), moved.From.Start)
		require.Equal(t, instant("2026-01-06T18:00:00Z"), moved.To.Start)
		require.Equal(t, 120, moved.NoticeMin)
	})

	t.Run("BKG-3 while patients may not move, the staff may", func(t *testing.T) {
		c := openClinic(t)
		appointment := c.booked("2026-01-06T15:00:00Z")
		c.done(commands.LetPatientsServeThemselves.Give(t.Context(), c.another(), c.call(c.owner), false))
		c.refused("self_service_off")(commands.RescheduleAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.move(appointment, "2026-01-06T18:00:00Z")))
		byStaff := c.move(appointment, "2026-01-06T18:00:00Z")
		byStaff.By = booking.ByStaff
		c.done(commands.RescheduleAppointment.Give(t.Context(), c.engine, c.call(c.owner), c.calendar(), byStaff))
	})
}

func TestOtherPatientsAppointments(t *testing.T) {
	for name, claimed := range map[string]func(c *clinic) id.Chart{
		"as one's own":                  func(c *clinic) id.Chart { return c.noahChart },
		"as whose it is":                func(c *clinic) id.Chart { return c.miaChart },
		"as that of a chart of nowhere": func(*clinic) id.Chart { return id.New[id.Chart]() },
	} {
		t.Run("an appointment of another patient, named "+name+", can neither be moved nor cancelled, and each attempt is recorded", func(t *testing.T) {
			c := openClinic(t)
			appointment := c.booked("2026-01-06T15:00:00Z")
			before := c.state()

			move := c.move(appointment, "2026-01-06T18:00:00Z")
			move.Chart = claimed(c)
			_, moved := commands.RescheduleAppointment.Give(t.Context(), c.engine, c.call(c.noah), c.calendar(), move)
			cancel := c.cancellation(appointment)
			cancel.Chart = move.Chart
			_, cancelled := commands.CancelAppointment.Give(t.Context(), c.engine, c.call(c.noah), c.calendar(), cancel)
			nothing := c.cancellation(id.New[id.Appointment]())
			nothing.Chart = move.Chart
			_, unknown := commands.CancelAppointment.Give(t.Context(), c.engine, c.call(c.noah), c.calendar(), nothing)

			require.Error(t, moved)
			require.Equal(t, fault.From(moved), fault.From(cancelled))
			require.Equal(t, fault.From(unknown), fault.From(cancelled), "an id that exists is answered like one that does not")
			require.Equal(t, before, c.state())
			if move.Chart == c.noahChart { // A patient of the practice; as anything else they are a stranger.
				require.Len(t, c.refusals(), 3)
				require.Empty(t, c.outsiders())
				return
			}
			require.Empty(t, c.refusals(), "strangers write into no practice's log")
			require.Equal(t, []accesslog.OutsiderRefused{{Action: "booking_calendar.reschedule", Group: c.group}}, c.outsiders())
		})
	}

	t.Run("somebody who may act for two charts cannot mix them up", func(t *testing.T) {
		c := openClinic(t)
		appointment := c.booked("2026-01-06T15:00:00Z")
		c.done(commands.LinkPatientAccount.Give(t.Context(), c.engine, c.call(c.owner), c.noahChart, chart.LinkPatientAccount{Account: c.mia}))
		cancel := c.cancellation(appointment)
		cancel.Chart = c.noahChart
		c.refused("permission_denied")(commands.CancelAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), cancel))
		c.done(commands.CancelAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.cancellation(appointment)))
	})
}

func TestCancelAppointment(t *testing.T) {
	t.Run("BKG-E30 a patient cancels five minutes before, whoever booked and whatever the policy says", func(t *testing.T) {
		c := openClinic(t)
		w := c.wish(c.miaChart, "2026-01-06T15:00:00Z")
		w.Channel = booking.ByStaff
		c.done(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.owner), c.calendar(), w))
		c.at("2026-01-06T14:55:00Z")
		c.done(commands.CancelAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.cancellation(w.Appointment)))
		events := c.recorded(c.calendar().Stream())
		cancelled := events[len(events)-1].Event.(booking.AppointmentCancelled)
		require.Equal(t, 5, cancelled.NoticeMin)
		require.Equal(t, 1, cancelled.PolicyVersionShown)
	})

	t.Run("BKG-I5 the time is free at once, also for other processes", func(t *testing.T) {
		c := openClinic(t)
		appointment := c.booked("2026-01-06T15:00:00Z")
		other := c.another()
		_, err := commands.BookAppointment.Give(t.Context(), other, c.call(c.noah), c.calendar(), c.wish(c.noahChart, "2026-01-06T15:00:00Z"))
		require.Equal(t, "taken", fault.From(err).Code)
		c.done(commands.CancelAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.cancellation(appointment)))
		c.done(commands.BookAppointment.Give(t.Context(), other, c.call(c.noah), c.calendar(), c.wish(c.noahChart, "2026-01-06T15:00:00Z")))
	})

	t.Run("appointments with a clinician who has left can be cancelled, and no longer made", func(t *testing.T) {
		c := openClinic(t)
		bens := booking.CalendarID{Group: c.group, Clinician: c.ben}
		w := c.wish(c.miaChart, "2026-01-06T15:00:00Z")
		w.Channel = booking.ByStaff
		c.done(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.owner), bens, w))
		c.done(commands.RemoveMember.Give(t.Context(), c.engine, c.call(c.owner), group.RemoveMember{Member: c.ben}))
		again := c.wish(c.miaChart, "2026-01-07T15:00:00Z")
		again.Channel = booking.ByStaff
		c.refused("not_a_clinician")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.owner), bens, again))
		c.done(commands.CancelAppointment.Give(t.Context(), c.engine, c.call(c.mia), bens, c.cancellation(w.Appointment)))
	})
}
