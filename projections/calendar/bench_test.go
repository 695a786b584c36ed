package calendar_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// BenchmarkAvailable asks for 30 days of one clinician's slots through the pool:
// two series with exceptions, a past of five years at 35 appointments a week, and
// a booked-up future. The floor is one round trip.
func BenchmarkAvailable(b *testing.B) {
	a := newAgenda(b, newYork, "2026-01-05T14:00:00Z")
	a.visits(45, 15, 15)
	weekdays := []booking.Weekday{booking.Monday, booking.Tuesday, booking.Wednesday, booking.Thursday, booking.Friday}
	for _, h := range [][2]string{{"09:00", "12:00"}, {"13:00", "16:00"}} {
		series := a.daily("2021-01-04", h[0], h[1])
		series.Repeat.Days = weekdays
		a.do(anas, series)
		for week := range 26 {
			a.do(anas, booking.SkipReservedDate{Reserve: series.Reserve, Date: civil.MustDate("2026-01-05").Add(-14 * week)})
		}
	}
	monday, n := civil.MustDate("2021-01-04"), 0
	for week := range 5*52 + 8 {
		for day := range 5 {
			for hour := range 7 {
				w := a.book(id.Derive[id.Appointment](strconv.Itoa(n)), "2026-01-06T14:00:00Z")
				w.Command.Start = civil.At(monday.Add(7*week+day), civil.Clock(60*(9+hour)), a.zone)
				w.Command.Channel, n = booking.ByStaff, n+1
				if n%3 > 0 || week < 5*52 {
					a.now = w.Command.Start.Add(-time.Hour)
					a.do(anas, w)
				}
			}
		}
	}
	a.now = utc("2026-01-05T14:00:00Z")
	a.project()
	_, err := a.pool.Exec(b.Context(), "analyze")
	require.NoError(b, err)
	q := a.ask("2026-01-05", "2026-02-03")
	require.NotEmpty(b, a.slots(q).Starts)

	b.Run("slots", func(b *testing.B) {
		for b.Loop() {
			if _, err := calendar.Available(b.Context(), a.pool, q); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("slots in parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := calendar.Available(b.Context(), a.pool, q); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("floor: one round trip", func(b *testing.B) {
		for b.Loop() {
			var one int
			if err := a.pool.QueryRow(b.Context(), "select 1").Scan(&one); err != nil {
				b.Fatal(err)
			}
		}
	})
}
