package calendar_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/calendar"
	"praxis/projections/projtest"
)

func TestFoundT5_ABlockThatEndsWithinASecondIsTheSameEverywhere(t *testing.T) {
	a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
	a.visits(60, 0, 0)
	a.do(anas, a.daily("2026-01-01", "09:00", "12:00"))
	old := booking.TimeBlocked{Block: lunch, Span: booking.Span{Start: utc("2026-01-06T14:00:00Z"), End: utc("2026-01-06T15:00:00.0000001Z")}}
	booking.EvolveCalendar(a.state(anas), old)
	a.decided = append(a.decided, projtest.Event{Stream: anas.Stream(), Event: old})
	a.project()
	require.Equal(t, []string{"2026-01-06 10:00", "2026-01-06 11:00"}, a.walls("2026-01-06", "2026-01-06"))
	a.do(anas, a.book(first, "2026-01-06T15:00:00Z"))
}

func TestAvailable_Examples(t *testing.T) {
	t.Run("BKG-E1 a cut-off of a day hides what starts before the same time tomorrow; BKG-E2 to the second", func(t *testing.T) {
		a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
		a.visits(60, 0, 0)
		a.set(window(1, booking.Day, 365))
		a.do(anas, a.daily("2026-01-01", "08:00", "12:00"))
		a.project()
		require.Equal(t, []string{"2026-01-06 09:00", "2026-01-06 10:00", "2026-01-06 11:00"}, a.walls("2026-01-05", "2026-01-06"))
		a.now = utc("2026-01-05T14:00:01Z")
		require.Equal(t, []string{"2026-01-06 10:00", "2026-01-06 11:00"}, a.walls("2026-01-05", "2026-01-06"))
	})

	t.Run("BKG-E3 30 days ahead, the last one included", func(t *testing.T) {
		a := newAgenda(t, newYork, "2026-01-01T05:00:00Z")
		a.visits(60, 0, 0)
		a.set(window(0, booking.Minute, 30))
		a.do(anas, a.daily("2026-01-01", "09:00", "10:00"))
		a.project()
		walls := a.walls("2026-01-01", "2026-02-28")
		require.Len(t, walls, 31)
		require.Equal(t, "2026-01-31 09:00", walls[30])
	})

	for name, c := range map[string]struct {
		padding, length int
		want            []string
	}{
		"BKG-E9 padding is part of the total and no part of what is shown": {15, 45, []string{"2026-01-06 09:00", "2026-01-06 10:00", "2026-01-06 11:00"}},
		"BKG-E10 the last padding must fit":                                {15, 50, []string{"2026-01-06 09:00", "2026-01-06 10:05"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
			a.visits(c.length, c.padding, 0)
			a.do(anas, a.daily("2026-01-01", "09:00", "12:00"))
			a.project()
			require.Equal(t, c.want, a.walls("2026-01-06", "2026-01-06"))
			slots := a.slots(a.ask("2026-01-06", "2026-01-06"))
			require.Equal(t, &booking.OfferedType{Type: visit, Name: "Visit", LengthMin: c.length}, slots.Type)
			for _, s := range slots.Starts {
				require.Equal(t, c.length, int(s.End.Sub(s.Start).Minutes()))
			}
		})
	}

	t.Run("BKG-E26 a booking takes its time, a cancellation gives it back", func(t *testing.T) {
		a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
		a.visits(45, 15, 0)
		a.do(anas, a.daily("2026-01-01", "09:00", "12:00"), a.book(first, "2026-01-06T15:00:00Z"))
		a.project()
		require.Equal(t, []string{"2026-01-06 09:00", "2026-01-06 11:00"}, a.walls("2026-01-06", "2026-01-06"))
		a.do(anas, estest.Knowing(booking.CancelAppointment{Appointment: first, Chart: mia, By: booking.ByPatient}, a.facts()))
		a.project().Then("select cancelled, cancelled_by, notice_min from appointment", `{"cancelled": true, "cancelled_by": "patient", "notice_min": 1500}`)
		require.Equal(t, []string{"2026-01-06 09:00", "2026-01-06 10:00", "2026-01-06 11:00"}, a.walls("2026-01-06", "2026-01-06"))
	})

	t.Run("BKG-E27 whoever moves an appointment sees its own time as free, others do not", func(t *testing.T) {
		a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
		a.visits(60, 0, 15)
		a.do(anas, a.daily("2026-01-01", "11:00", "14:00"), a.book(first, "2026-01-06T16:30:00Z"))
		a.project()
		require.Equal(t, []string{"2026-01-06 12:30", "2026-01-06 12:45", "2026-01-06 13:00"}, a.walls("2026-01-06", "2026-01-06"))
		q := a.ask("2026-01-06", "2026-01-06")
		q.Moving, q.Chart, q.Type = first, mia, id.AppointmentType{}
		moves := a.slots(q).Starts
		require.Len(t, moves, 9)
		require.Equal(t, civil.MustClock("11:00"), moves[0].Clock)
		require.Equal(t, civil.MustClock("13:00"), moves[8].Clock)
	})
}

func TestAvailable_WhenClocksChange(t *testing.T) {
	const spring, autumn = "2026-03-08", "2025-11-02"
	for name, c := range map[string]struct {
		day, start, end string
		want            []string
	}{
		"BKG-D1 the hours after spring forward":                        {spring, "10:00", "16:00", hours(spring, "14:00", 6)},
		"BKG-D1 the hours after fall back":                             {autumn, "10:00", "16:00", hours(autumn, "15:00", 6)},
		"BKG-D2 a window over the gap is an hour shorter":              {spring, "00:30", "06:30", hours(spring, "05:30", 5)},
		"BKG-D3 a window over the repeated hour is an hour longer":     {autumn, "00:30", "06:30", hours(autumn, "04:30", 7)},
		"BKG-D4 a window from within the repeated hour begins early":   {autumn, "01:30", "06:30", hours(autumn, "05:30", 6)},
		"BKG-D5 a window from within the gap moves forward by the gap": {spring, "02:30", "09:30", hours(spring, "07:30", 6)},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAgenda(t, newYork, "2025-10-01T12:00:00Z")
			a.visits(60, 0, 0)
			once := a.daily(c.day, c.start, c.end)
			once.Repeat = booking.Repeat{Frequency: booking.Once}
			a.do(anas, once)
			a.project()
			require.Equal(t, c.want, a.instants(c.day, c.day))
		})
	}
}

// hours lists n starts of one UTC day, an hour apart.
func hours(day, clock string, n int) []string {
	var list []string
	for h := range n {
		c := civil.MustClock(clock) + civil.Clock(60*h)
		list = append(list, day+"T"+c.String()+"Z")
	}
	return list
}

func TestAvailable_Nothing(t *testing.T) {
	t.Run("BKG-1 a practice that has set nothing offers nothing", func(t *testing.T) {
		a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
		slots := a.slots(a.ask("2026-01-06", "2026-01-06"))
		require.False(t, slots.Online)
		require.Nil(t, slots.Type)
		require.Empty(t, slots.Starts)
	})

	t.Run("BKG-1 while the switch is off there are neither times nor types; then everything is as before", func(t *testing.T) {
		a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
		a.visits(60, 0, 0)
		a.do(anas, a.daily("2026-01-01", "09:00", "10:00"))
		a.set(booking.TurnOnlineBookingOff{})
		a.project()
		slots := a.slots(a.ask("2026-01-06", "2026-01-06"))
		require.False(t, slots.Online)
		require.Nil(t, slots.Type)
		require.Empty(t, slots.Starts)
		a.set(booking.TurnOnlineBookingOn{})
		a.project()
		require.Equal(t, []string{"2026-01-06 09:00"}, a.walls("2026-01-06", "2026-01-06"))
	})

	t.Run("BKG-2 without reserved time there are no times", func(t *testing.T) {
		a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
		a.visits(60, 0, 0)
		a.project()
		require.True(t, a.slots(a.ask("2026-01-01", "2026-02-28")).Online)
		require.Empty(t, a.walls("2026-01-01", "2026-02-28"))
	})

	t.Run("types that are unknown, retired, of others or of another practice are not offered", func(t *testing.T) {
		a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
		refused := func() {
			t.Helper()
			_, err := calendar.Available(t.Context(), a.pool, a.ask("2026-01-06", "2026-01-06"))
			require.Equal(t, "type_not_offered", fault.From(err).Code)
		}
		a.set(booking.TurnOnlineBookingOn{})
		a.project()
		refused()
		a.visits(60, 0, 0)
		a.project()
		a.set(booking.ReviseAppointmentType{Terms: a.policy.Types[visit].Terms, Clinicians: []id.Member{ben}})
		a.project()
		refused()
		a.set(booking.ReviseAppointmentType{Terms: a.policy.Types[visit].Terms, Clinicians: []id.Member{ana, ben}})
		a.project()
		require.NotNil(t, a.slots(a.ask("2026-01-06", "2026-01-06")).Type)
		a.set(booking.RetireAppointmentType{Type: visit})
		a.project()
		refused()
		a.open(id.New[id.Group]())
		a.set(booking.TurnOnlineBookingOn{})
		a.project()
		refused()
	})

	t.Run("what cannot be moved: others' appointments, past ones, cancelled ones, and any while patients may not", func(t *testing.T) {
		a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
		a.visits(60, 0, 0)
		a.do(anas, a.daily("2026-01-01", "09:00", "12:00"), a.book(first, "2026-01-06T14:00:00Z"), a.book(second, "2026-01-06T15:00:00Z"),
			estest.Knowing(booking.CancelAppointment{Appointment: second, Chart: mia, By: booking.ByPatient}, a.facts()))
		a.project()
		q := a.ask("2026-01-07", "2026-01-07")
		q.Moving, q.Chart = first, mia
		require.Len(t, a.slots(q).Starts, 3)
		others, cancelled, past, elsewhere := q, q, q, q
		others.Chart, cancelled.Moving, past.Now, elsewhere.Calendar = noah, second, utc("2026-01-06T14:00:00Z"), bens
		for _, wrong := range []calendar.SlotsQuery{others, cancelled, past, elsewhere} {
			_, err := calendar.Available(t.Context(), a.pool, wrong)
			require.Equal(t, "appointment_unknown", fault.From(err).Code)
		}
		a.set(booking.StopSelfService{})
		a.project()
		require.Empty(t, a.slots(q).Starts, "BKG-3")
	})
}
