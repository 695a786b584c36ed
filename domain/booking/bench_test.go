package booking_test

import (
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
