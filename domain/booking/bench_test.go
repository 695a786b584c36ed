package booking_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
)

// thirtyDays is one clinician's month: mornings and afternoons on weekdays
// reserved for ten years, starts every quarter of an hour, a third booked.
func thirtyDays(t testing.TB) booking.Query {
	t.Helper()
	weekdays := booking.Repeat{Frequency: booking.Weekly, Every: 1, Days: []booking.Weekday{"mon", "tue", "wed", "thu", "fri"}}
	am, pm := daily(newYork, "2016-01-04", "09:00", "12:00"), daily(newYork, "2016-01-04", "13:00", "16:00")
	am.Repeat, pm.Repeat = weekdays, weekdays
	q := booking.Query{
		Zone: zone(t, newYork), Now: monday, Online: true,
		Window: booking.Window{Cutoff: booking.Cutoff{N: 1, Unit: booking.Day}, HorizonDays: 60},
		Terms:  terms(45, 15, 15), Reserves: []booking.Reserve{am, pm},
		From: civil.MustDate("2026-01-06"), To: civil.MustDate("2026-02-04"),
	}
	for day := range 30 {
		for _, hour := range [...]int{14, 19} {
			start := utc("2026-01-06T00:00Z").AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour)
			q.Busy = append(q.Busy, booking.Span{Start: start, End: start.Add(time.Hour)})
		}
	}
	return q
}

func BenchmarkStarts_ThirtyDays(b *testing.B) {
	q := thirtyDays(b)
	b.ReportAllocs()
	for b.Loop() {
		starts, err := booking.Starts(q)
		require.NoError(b, err)
		require.Len(b, starts, 154)
	}
}

func BenchmarkBookAppointment(b *testing.B) {
	s := booking.CalendarAggregate().Fold(mornings())
	c := wish()
	b.ReportAllocs()
	for b.Loop() {
		_, err := c.Decide(s, monday)
		require.NoError(b, err)
	}
}

// What a booking takes does not depend on how many appointments the calendar ever held.
func BenchmarkBookAppointment_AfterYears(b *testing.B) {
	for _, n := range [...]int{250, 20_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			const perDay = 8
			s := booking.CalendarAggregate().Fold(mornings())
			for i := range n {
				start := monday.Truncate(24*time.Hour).AddDate(0, 0, 30-i/perDay).Add(time.Duration(16+i%perDay) * time.Hour)
				booking.EvolveCalendar(&s, booking.AppointmentBooked{
					Appointment: appointment(i), Chart: other, Terms: terms(45, 15, 15), Channel: booking.ByPatient, When: booking.When{Start: start},
				})
			}
			c := wish()
			b.ReportAllocs()
			for b.Loop() {
				_, err := c.Decide(s, monday)
				require.NoError(b, err)
			}
		})
	}
}
