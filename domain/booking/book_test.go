package booking_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

// monday is the present of these specs: Monday 2026-01-05 09:00 in New York.
var monday = utc("2026-01-05T14:00Z")

// knowing is a command about an appointment together with the facts that it is
// decided with.
type knowing[C estest.FactDecider[booking.Facts, booking.CalendarState, booking.CalendarEvent]] = estest.With[C, booking.Facts, booking.CalendarState, booking.CalendarEvent]

// facts are those of a practice that takes bookings from patients: a 45+15
// visit, a cut-off of one day, 30 days ahead, policy text version 2.
func facts() booking.Facts {
	loc, err := time.LoadLocation(newYork)
	if err != nil {
		panic(err)
	}
	return booking.Facts{
		Policy: booking.Policy{PolicyState: booking.PolicyState{
			Online: true, SelfService: true, CancellationVersion: 2,
			Window: booking.Window{Cutoff: booking.Cutoff{N: 1, Unit: booking.Day}, HorizonDays: 30},
			Types:  map[id.AppointmentType]booking.AppointmentType{visit: {Terms: terms(45, 15, 0)}},
		}, Revision: 7},
		Zone: loc, ClinicianOnChart: true,
	}
}

// mornings reserves 09:00–12:00 in New York every day of 2026.
func mornings() booking.TimeReserved {
	return booking.TimeReserved{
		Reserve: reserveA, FirstDate: civil.MustDate("2026-01-01"), Start: civil.MustClock("09:00"), End: civil.MustClock("12:00"), Zone: newYork,
		Repeat: daily(newYork, "2026-01-01", "09:00", "12:00").Repeat,
	}
}

// wish is what a patient asks for: a visit on Tuesday at 10:00, all in order.
func wish(change ...func(*knowing[booking.BookAppointment])) knowing[booking.BookAppointment] {
	c := estest.Knowing(booking.BookAppointment{
		Appointment: first, Clinician: clinician, Chart: chart, Type: visit, Start: utc("2026-01-06T15:00Z"),
		Channel: booking.ByPatient, PolicyVersionShown: 2,
	}, facts())
	for _, f := range change {
		f(&c)
	}
	return c
}

func at(instant string) func(*knowing[booking.BookAppointment]) {
	return func(c *knowing[booking.BookAppointment]) { c.Command.Start = utc(instant) }
}

func byStaff(c *knowing[booking.BookAppointment]) {
	c.Command.Channel, c.Command.PolicyVersionShown, c.Facts.ClinicianOnChart = booking.ByStaff, 0, false
}

func because(reason string) func(*knowing[booking.BookAppointment]) {
	return func(c *knowing[booking.BookAppointment]) { c.Command.OverlapReason = reason }
}

func TestBookAppointment_ByPatient(t *testing.T) {
	t.Run("BKG-A19 records all that is needed and all that was decided on", func(t *testing.T) {
		givenCalendar(t, mornings()).When(wish(), monday).Then(booking.AppointmentBooked{
			Appointment: first, Chart: chart, Terms: terms(45, 15, 0), When: when(utc("2026-01-06T15:00Z")),
			Channel: booking.ByPatient, Reserves: []id.Reserve{reserveA}, PolicyVersionShown: 2, PolicyRevision: 7,
		})
	})
	t.Run("BKG-A6 names every reserve it lies in", func(t *testing.T) {
		early, late := mornings(), mornings()
		early.End = civil.MustClock("09:30")
		late.Reserve, late.Start = reserveB, civil.MustClock("09:30")
		o := givenCalendar(t, early, late).When(wish(at("2026-01-06T14:00Z")), monday)
		o.ThenState(func(t testing.TB, s booking.CalendarState) { require.Len(t, s.Appointments, 1) })
		events, err := wish(at("2026-01-06T14:00Z")).Decide(booking.CalendarAggregate().Fold(early, late), monday)
		require.NoError(t, err)
		require.ElementsMatch(t, []id.Reserve{reserveA, reserveB}, events[0].(booking.AppointmentBooked).Reserves)
	})
	t.Run("records the instant in UTC, whatever zone it was sent in", func(t *testing.T) {
		c := wish()
		c.Command.Start = c.Command.Start.In(zone(t, kolkata))
		events, err := c.Decide(booking.CalendarAggregate().Fold(mornings()), monday)
		require.NoError(t, err)
		require.Equal(t, when(utc("2026-01-06T15:00Z")), events[0].(booking.AppointmentBooked).When)
	})
	for _, c := range []struct {
		code, name string
		wish       knowing[booking.BookAppointment]
		history    []booking.CalendarEvent
	}{
		{"booking_off", "BKG-1 the practice takes none", wish(func(c *knowing[booking.BookAppointment]) { c.Facts.Policy.Online = false }), nil},
		{"booking_off", "BKG-1 and says no more than that", wish(func(c *knowing[booking.BookAppointment]) { c.Facts.Policy.Online, c.Command.Type = false, intake }), nil},
		{"not_reserved", "BKG-2 nothing is reserved", wish(), []booking.CalendarEvent{}},
		{"not_reserved", "BKG-A5 padding would overrun", wish(at("2026-01-06T16:30Z")), nil},
		{"not_reserved", "reserved for another type", wish(), []booking.CalendarEvent{func() booking.TimeReserved { r := mornings(); r.Types = []id.AppointmentType{intake}; return r }()}},
		{"off_grid", "BKG-A7 between two starts", wish(at("2026-01-06T15:15Z")), nil},
		{"off_grid", "BKG-A7 seconds after a start", wish(at("2026-01-06T15:00:30Z")), nil},
		{"taken", "BKG-A10 at the same time", wish(), []booking.CalendarEvent{mornings(), booked(second, "2026-01-06T15:00Z")}},
		{"taken", "BKG-A10 overlapping but unequal", wish(), []booking.CalendarEvent{mornings(), booked(second, "2026-01-06T14:30Z")}},
		{"taken", "BKG-A5 in the padding of another", wish(), []booking.CalendarEvent{mornings(), booked(second, "2026-01-06T14:10Z")}},
		{"taken", "blocked", wish(), []booking.CalendarEvent{mornings(), booking.TimeBlocked{Block: lunch, Span: busy("2026-01-06T15:40Z", "2026-01-06T16:10Z")}}},
		{"taken", "a patient's reason does not help", wish(because("please")), []booking.CalendarEvent{mornings(), booked(second, "2026-01-06T15:00Z")}},
		{"type_not_offered", "a type nobody knows", wish(func(c *knowing[booking.BookAppointment]) { c.Command.Type = intake }), nil},
		{"type_not_offered", "a type that was retired", wish(func(c *knowing[booking.BookAppointment]) {
			c.Facts.Policy.Types[visit] = booking.AppointmentType{Terms: terms(45, 15, 0), Retired: true}
		}), nil},
		{"type_not_offered", "a colleague's type", wish(func(c *knowing[booking.BookAppointment]) {
			c.Facts.Policy.Types[visit] = booking.AppointmentType{Terms: terms(45, 15, 0), Clinicians: []id.Member{colleague}}
		}), nil},
		{"policy_not_shown", "BKG-4 an old text was shown", wish(func(c *knowing[booking.BookAppointment]) { c.Command.PolicyVersionShown = 1 }), nil},
		{"policy_not_shown", "BKG-4 a text that does not exist yet", wish(func(c *knowing[booking.BookAppointment]) { c.Command.PolicyVersionShown = 3 }), nil},
		{"chart_not_with_clinician", "BKG-A17 a clinician who does not treat the patient", wish(func(c *knowing[booking.BookAppointment]) { c.Facts.ClinicianOnChart = false }), nil},
		{"already_exists", "an id that was used", wish(), []booking.CalendarEvent{mornings(), booked(first, "2026-01-07T15:00Z")}},
		{"channel_unknown", "neither patient nor staff", wish(func(c *knowing[booking.BookAppointment]) { c.Command.Channel = "fax" }), nil},
		{"start_out_of_range", "no time at all", wish(func(c *knowing[booking.BookAppointment]) { c.Command.Start = time.Time{} }), nil},
		{"zone_unknown", "a calendar without a zone", wish(func(c *knowing[booking.BookAppointment]) { c.Facts.Zone = nil }), nil},
	} {
		t.Run(c.code+": "+c.name, func(t *testing.T) {
			if c.history == nil {
				c.history = []booking.CalendarEvent{mornings()}
			}
			givenCalendar(t, c.history...).When(c.wish, monday).ThenRejected(c.code)
		})
	}
}

func TestBookAppointment_RefusalsSayWhatIsPossible(t *testing.T) {
	t.Run("BKG-6 too_soon names the earliest time", func(t *testing.T) {
		f := givenCalendar(t, mornings()).When(wish(at("2026-01-06T14:00Z")), monday.Add(time.Second)).ThenRejected("too_soon")
		require.Equal(t, "2026-01-06T14:00:01Z", f.Details["earliest"])
		require.Contains(t, f.Message, "Tue 2026-01-06 09:01")
	})
	t.Run("BKG-6 the edge itself can be booked", func(t *testing.T) {
		givenCalendar(t, mornings()).When(wish(at("2026-01-06T14:00Z")), monday).
			ThenState(func(t testing.TB, s booking.CalendarState) { require.Contains(t, s.Appointments, first) })
	})
	t.Run("BKG-7 too_far names the last day", func(t *testing.T) {
		f := givenCalendar(t, mornings()).When(wish(at("2026-02-05T14:00Z")), monday).ThenRejected("too_far")
		require.Equal(t, "2026-02-04", f.Details["lastDay"])
		require.Contains(t, f.Message, "2026-02-04")
	})
	t.Run("BKG-A10 taken names the three nearest times, nearest first", func(t *testing.T) {
		f := givenCalendar(t, mornings(), booked(second, "2026-01-06T15:00Z")).When(wish(), monday).ThenRejected("taken")
		require.Equal(t, "2026-01-06T14:00:00Z,2026-01-06T16:00:00Z,2026-01-07T14:00:00Z", f.Details["nearest"])
	})
	t.Run("BKG-A10 the nearest may be weeks away", func(t *testing.T) {
		month := booking.TimeBlocked{Block: lunch, Span: busy("2026-01-06T00:00Z", "2026-02-04T00:00Z")}
		f := givenCalendar(t, mornings(), month).When(wish(), monday).ThenRejected("taken")
		require.Equal(t, "2026-02-04T14:00:00Z,2026-02-04T15:00:00Z,2026-02-04T16:00:00Z", f.Details["nearest"])
	})
	t.Run("BKG-A10 or there may be none", func(t *testing.T) {
		year := booking.TimeBlocked{Block: lunch, Span: busy("2026-01-01T00:00Z", "2027-02-04T00:00Z")}
		f := givenCalendar(t, mornings(), year).When(wish(), monday).ThenRejected("taken")
		require.Empty(t, f.Details)
	})
}

func TestBookAppointment_ByStaff(t *testing.T) {
	taken := booked(second, "2026-01-06T15:00Z")
	t.Run("BKG-A11 needs neither reserve nor grid nor notice nor horizon nor shown policy", func(t *testing.T) {
		for _, instant := range []string{"2026-01-05T14:01Z", "2026-01-05T10:00Z", "2026-01-10T02:07Z", "2027-06-01T14:00Z"} {
			givenCalendar(t).When(wish(byStaff, at(instant)), monday).Then(booking.AppointmentBooked{
				Appointment: first, Chart: chart, Terms: terms(45, 15, 0), When: when(utc(instant)), Channel: booking.ByStaff, PolicyRevision: 7,
			})
		}
	})
	t.Run("BKG-A9 goes on while online booking is off", func(t *testing.T) {
		givenCalendar(t).When(wish(byStaff, func(c *knowing[booking.BookAppointment]) { c.Facts.Policy.Online = false }), monday).
			ThenState(func(t testing.TB, s booking.CalendarState) { require.Contains(t, s.Appointments, first) })
	})
	t.Run("BKG-A11 overlap without a reason is taken", func(t *testing.T) {
		f := givenCalendar(t, mornings(), taken).When(wish(byStaff), monday).ThenRejected("taken")
		require.Equal(t, "2026-01-06T14:00:00Z,2026-01-06T16:00:00Z,2026-01-05T16:00:00Z", f.Details["nearest"], "the cut-off does not bind the staff")
	})
	t.Run("BKG-A11 overlap with a reason is recorded with it", func(t *testing.T) {
		givenCalendar(t, mornings(), taken).When(wish(byStaff, because("urgent")), monday).Then(booking.AppointmentBooked{
			Appointment: first, Chart: chart, Terms: terms(45, 15, 0), When: when(utc("2026-01-06T15:00Z")), Channel: booking.ByStaff,
			Reserves: []id.Reserve{reserveA}, PolicyRevision: 7, OverlapReason: "urgent",
		})
	})
	t.Run("a reason without an overlap is not kept", func(t *testing.T) {
		givenCalendar(t).When(wish(byStaff, because("urgent")), monday).Then(booking.AppointmentBooked{
			Appointment: first, Chart: chart, Terms: terms(45, 15, 0), When: when(utc("2026-01-06T15:00Z")), Channel: booking.ByStaff, PolicyRevision: 7,
		})
	})
	t.Run("reasons have bounds", func(t *testing.T) {
		givenCalendar(t, taken).When(wish(byStaff, because(strings.Repeat("x", 1001))), monday).ThenRejected("text_too_long")
	})
	t.Run("starts on whole minutes", func(t *testing.T) {
		givenCalendar(t).When(wish(byStaff, at("2026-01-06T15:00:30Z")), monday).ThenRejected("off_grid")
	})
	t.Run("needs a type that exists", func(t *testing.T) {
		givenCalendar(t).When(wish(byStaff, func(c *knowing[booking.BookAppointment]) { c.Command.Type = intake }), monday).ThenRejected("type_not_offered")
	})
}
