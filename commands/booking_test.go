package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

func TestBookAppointment_Patients(t *testing.T) {
	t.Run("a patient books for their own chart; the log says who, when by the practice's wall, and what they were shown", func(t *testing.T) {
		c := openClinic(t)
		w := c.wish(c.miaChart, "2026-01-06T15:00:00Z")
		receipt, err := commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), w)
		require.NoError(t, err)
		events := c.recorded(c.calendar().Stream())
		last := events[len(events)-1]
		require.Equal(t, receipt.Revision, last.Revision)
		require.Equal(t, booking.AppointmentBooked{
			Appointment: w.Appointment, Chart: c.miaChart, Terms: booking.Terms{Type: c.visit, Name: "Visit", LengthMin: 60},
			When:    booking.When{Start: w.Start, Date: civil.MustDate("2026-01-06"), Clock: civil.MustClock("10:00"), Zone: "America/New_York", Rules: "rules-41fab8839752"},
			Channel: booking.ByPatient, Reserves: []id.Reserve{c.reserve}, PolicyVersionShown: 1, PolicyRevision: 4,
		}, last.Event)
		require.Equal(t, "patient:"+c.mia.String(), last.Meta.Actor)
		require.Equal(t, access.RulePatient, last.Meta.Decision)
		require.Empty(t, c.refusals())
	})

	t.Run("the chart of somebody else is refused as if there were no such practice, and the attempt is recorded", func(t *testing.T) {
		c := openClinic(t)
		before := len(c.recorded(c.calendar().Stream()))
		c.refused("group_not_found")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.wish(c.noahChart, "2026-01-06T15:00:00Z")))
		require.Len(t, c.recorded(c.calendar().Stream()), before)
		require.Empty(t, c.refusals())
		require.Equal(t, []accesslog.OutsiderRefused{{Action: "booking_calendar.book", Group: c.group}}, c.outsiders())
	})

	t.Run("a patient whose account was unlinked by another process is refused at once", func(t *testing.T) {
		c := openClinic(t)
		c.booked("2026-01-06T15:00:00Z")
		c.done(commands.UnlinkPatientAccount.Give(t.Context(), c.another(), c.call(c.owner), c.miaChart, chart.UnlinkPatientAccount{Account: c.mia}))
		c.refused("group_not_found")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.wish(c.miaChart, "2026-01-06T16:00:00Z")))
	})

	t.Run("a patient cannot pass for the staff", func(t *testing.T) {
		c := openClinic(t)
		w := c.wish(c.miaChart, "2026-01-06T15:00:00Z")
		w.Channel = booking.ByStaff
		c.refused("group_not_found")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), w))
	})

	t.Run("a member cannot pass for a patient", func(t *testing.T) {
		c := openClinic(t)
		c.refused("permission_denied")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.owner), c.calendar(), c.wish(c.miaChart, "2026-01-06T15:00:00Z")))
	})

	t.Run("BKG-A17 a clinician who does not treat the patient cannot be booked online", func(t *testing.T) {
		c := openClinic(t)
		bens := booking.CalendarID{Group: c.group, Clinician: c.ben}
		c.refused("chart_not_with_clinician")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), bens, c.wish(c.miaChart, "2026-01-06T15:00:00Z")))
		c.done(commands.AddTeamMember.Give(t.Context(), c.engine, c.call(c.owner), c.miaChart, chart.AddTeamMember{Member: c.ben, Role: "clinician"}))
		c.refused("not_reserved")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), bens, c.wish(c.miaChart, "2026-01-06T15:00:00Z")))
	})

	t.Run("the same command again answers with the first result", func(t *testing.T) {
		c := openClinic(t)
		call, w := c.call(c.mia), c.wish(c.miaChart, "2026-01-06T15:00:00Z")
		first, err := commands.BookAppointment.Give(t.Context(), c.engine, call, c.calendar(), w)
		require.NoError(t, err)
		again, err := commands.BookAppointment.Give(t.Context(), c.another(), call, c.calendar(), w)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, first.Revision, again.Revision)
		require.Equal(t, first.Position, again.Position)
		require.Len(t, c.state().Appointments, 1)
	})
}

func TestBookAppointment_Staff(t *testing.T) {
	t.Run("BKG-A11 the staff are bound by no switch, reserve, cut-off or horizon", func(t *testing.T) {
		c := openClinic(t)
		c.done(commands.TurnOnlineBooking.Give(t.Context(), c.engine, c.call(c.owner), false))
		for _, start := range []string{"2026-01-06T13:05:00Z", "2026-01-07T03:00:00Z", "2027-01-06T15:00:00Z"} {
			w := c.wish(c.miaChart, start)
			w.Channel, w.PolicyVersionShown = booking.ByStaff, 0
			c.done(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.owner), c.calendar(), w))
		}
	})

	t.Run("BKG-A11 booking over something else needs a reason, and the refusal names the nearest times", func(t *testing.T) {
		c := openClinic(t)
		c.booked("2026-01-06T15:00:00Z")
		w := c.wish(c.noahChart, "2026-01-06T15:30:00Z")
		w.Channel = booking.ByStaff
		_, err := commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.owner), c.calendar(), w)
		require.Equal(t, "taken", fault.From(err).Code)
		require.Equal(t, "2026-01-06T16:00:00Z,2026-01-06T14:00:00Z,2026-01-06T17:00:00Z", fault.From(err).Details["nearest"])
		w.OverlapReason = "emergency"
		c.done(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.owner), c.calendar(), w))
	})

	t.Run("a chart that does not exist cannot be booked for", func(t *testing.T) {
		c := openClinic(t)
		w := c.wish(id.New[id.Chart](), "2026-01-06T15:00:00Z")
		w.Channel = booking.ByStaff
		c.refused("chart_not_found")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.owner), c.calendar(), w))
	})

	t.Run("BKG-11 a user who is no colleague's assistant books in their own calendar only", func(t *testing.T) {
		c := openClinic(t)
		w := c.wish(c.miaChart, "2026-01-06T15:00:00Z")
		w.Channel = booking.ByStaff
		benAccount := c.accountOf(c.ben)
		c.refused("chart_not_found")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(benAccount), c.calendar(), w))
		c.done(commands.AddTeamMember.Give(t.Context(), c.engine, c.call(c.owner), c.miaChart, chart.AddTeamMember{Member: c.ben, Role: "clinician"}))
		c.refused("permission_denied")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(benAccount), c.calendar(), w))
		c.done(commands.BookAppointment.Give(t.Context(), c.engine, c.call(benAccount), booking.CalendarID{Group: c.group, Clinician: c.ben}, w))
	})

	t.Run("strangers learn nothing about who practises here", func(t *testing.T) {
		c := openClinic(t)
		nobody := booking.CalendarID{Group: c.group, Clinician: id.New[id.Member]()}
		w := c.wish(c.miaChart, "2026-01-06T15:00:00Z")
		w.Channel = booking.ByStaff
		c.refused("group_not_found")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.guy), nobody, w))
		c.refused("group_not_found")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.guy), c.calendar(), w))
		c.refused("not_a_clinician")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.owner), nobody, w))
		require.Empty(t, c.refusals())
		require.Len(t, c.outsiders(), 1)
	})
}

// BKG-A19: every rule is looked at again with the server's clock, on the streams
// themselves. What a patient was shown a moment ago does not count, nor what this
// process believes.
func TestBookAppointment_ShownIsNotBooked(t *testing.T) {
	for name, s := range map[string]struct {
		meanwhile func(c *clinic)
		code      string
	}{
		"switched off": {func(c *clinic) {
			c.done(commands.TurnOnlineBooking.Give(c.t.Context(), c.another(), c.call(c.owner), false))
		}, "booking_off"},
		"the cut-off passed": {func(c *clinic) { c.at("2026-01-06T14:00:01Z") }, "too_soon"},
		"the type was retired": {func(c *clinic) {
			c.done(commands.RetireAppointmentType.Give(c.t.Context(), c.another(), c.call(c.owner), booking.RetireAppointmentType{Type: c.visit}))
		}, "type_not_offered"},
		"the series was ended": {func(c *clinic) {
			c.done(commands.EndReserve.Give(c.t.Context(), c.another(), c.call(c.owner), c.calendar(), booking.EndReserve{Reserve: c.reserve, LastDate: civil.MustDate("2026-01-05")}))
		}, "not_reserved"},
		"somebody took it": {func(c *clinic) {
			c.done(commands.BookAppointment.Give(c.t.Context(), c.another(), c.call(c.noah), c.calendar(), c.wish(c.noahChart, "2026-01-06T15:00:00Z")))
		}, "taken"},
		"the time was blocked": {func(c *clinic) {
			c.done(commands.BlockTime.Give(c.t.Context(), c.another(), c.call(c.owner), c.calendar(), booking.BlockTime{Block: id.New[id.Block](), Span: booking.Span{Start: instant("2026-01-06T15:59:00Z"), End: instant("2026-01-06T16:30:00Z")}}))
		}, "taken"},
		"the policy text changed": {func(c *clinic) {
			c.done(commands.PublishCancellationPolicy.Give(c.t.Context(), c.another(), c.call(c.owner), booking.PublishCancellationPolicy{Text: "72 hours."}))
		}, "policy_not_shown"},
		"another clinician took over": {func(c *clinic) {
			c.done(commands.AssignClinician.Give(c.t.Context(), c.another(), c.call(c.owner), c.miaChart, chart.AssignClinician{Clinician: c.ben}))
		}, "chart_not_with_clinician"},
	} {
		t.Run("BKG-A19 "+name, func(t *testing.T) {
			c := openClinic(t)
			c.booked("2026-01-08T15:00:00Z") // this process has everything in its cache
			s.meanwhile(c)
			before := len(c.state().Appointments)
			c.refused(s.code)(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.wish(c.miaChart, "2026-01-06T15:00:00Z")))
			require.Len(t, c.state().Appointments, before)
		})
	}
}

// BKG-A4: the practice's zone decides what a day is, whatever the server's is.
func TestBookAppointment_PracticeZone(t *testing.T) {
	t.Run("BKG-A1 the last day is one of New York", func(t *testing.T) {
		c := openClinic(t)
		c.at("2026-01-07T03:00:00Z") // still the 6th there
		c.done(commands.ReserveTime.Give(t.Context(), c.engine, c.call(c.owner), c.calendar(), booking.ReserveTime{
			Reserve: id.New[id.Reserve](), FirstDate: civil.MustDate("2026-02-05"), Start: civil.MustClock("20:00"), End: civil.MustClock("23:00"),
			Repeat: booking.Repeat{Frequency: booking.Weekly, Days: []booking.Weekday{"thu", "fri"}},
		}))
		c.done(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.wish(c.miaChart, "2026-02-06T03:00:00Z")))
		c.refused("too_far")(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.wish(c.miaChart, "2026-02-06T15:00:00Z")))
	})
	t.Run("BKG-A3 a cut-off of a day keeps the wall clock over spring forward", func(t *testing.T) {
		c := openClinic(t)
		c.at("2026-03-07T14:00:00Z")
		c.done(commands.ChangeBookingWindow.Give(t.Context(), c.engine, c.call(c.owner), booking.ChangeBookingWindow{
			Window: booking.Window{Cutoff: booking.Cutoff{N: 1, Unit: booking.Day}, HorizonDays: 30},
		}))
		c.done(commands.BookAppointment.Give(t.Context(), c.engine, c.call(c.mia), c.calendar(), c.wish(c.miaChart, "2026-03-08T13:00:00Z")))
	})
	t.Run("reserved time without a zone is in the practice's", func(t *testing.T) {
		c := openClinic(t)
		require.Equal(t, civil.Zone("America/New_York"), c.state().Reserves[c.reserve].Zone)
	})
}
