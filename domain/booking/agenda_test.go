package booking_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// drawHistory makes the events of a busy fortnight, of blocks of minutes and of weeks,
// and of appointments and blocks that the calendar does not know.
func drawHistory(t *rapid.T) []booking.CalendarEvent {
	at := func() time.Time {
		return monday.Add(time.Duration(rapid.IntRange(-7*24*4, 7*24*4).Draw(t, "at")) * 15 * time.Minute)
	}
	var history []booking.CalendarEvent
	for range rapid.IntRange(0, 60).Draw(t, "events") {
		which, block := appointment(rapid.IntRange(0, 14).Draw(t, "which")), id.Derive[id.Block](strconv.Itoa(rapid.IntRange(0, 4).Draw(t, "block")))
		when := booking.When{Start: at()}
		when.Date = civil.In(when.Start, facts().Zone)
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0, 1, 2:
			history = append(history, booking.AppointmentBooked{
				Appointment: which, Chart: rapid.SampledFrom([]id.Chart{chart, other}).Draw(t, "chart"), When: when,
				Terms: terms(rapid.IntRange(5, 480).Draw(t, "length"), rapid.IntRange(0, 240).Draw(t, "padding"), 15), Channel: booking.ByPatient,
			})
		case 3:
			history = append(history, booking.AppointmentRescheduled{Appointment: which, To: when})
		case 4:
			history = append(history, booking.AppointmentCancelled{Appointment: which})
		case 5:
			long := time.Duration(rapid.SampledFrom([]int{15, 24 * 60, 24*60 + 1, 9 * 24 * 60}).Draw(t, "minutes")) * time.Minute
			history = append(history, booking.TimeBlocked{Block: block, Span: booking.Span{Start: when.Start, End: when.Start.Add(long)}})
		default:
			history = append(history, booking.TimeUnblocked{Block: block})
		}
	}
	return history
}

// TestDecisionsFindWhatIsAround holds what a calendar finds by its day against a walk
// through everything that it ever held.
func TestDecisionsFindWhatIsAround(t *testing.T) {
	overlapping, held := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := booking.CalendarAggregate().Fold(drawHistory(t)...)
		start := monday.Add(time.Duration(rapid.IntRange(-8*24, 8*24).Draw(t, "from")) * time.Hour)
		span := booking.Span{Start: start, End: start.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 60, 24 * 60, 40 * 24 * 60}).Draw(t, "for")) * time.Minute)}
		except := appointment(rapid.IntRange(0, 20).Draw(t, "except"))

		var busy []booking.Span
		var inside, under []id.Appointment
		for _, a := range s.Appointments {
			if a.Cancelled || !a.Occupied().Overlaps(span) {
				continue
			}
			if inside = append(inside, a.ID); a.ID != except {
				busy = append(busy, a.Occupied())
			}
			if a.Occupied().End.After(monday) {
				under = append(under, a.ID)
			}
		}
		for _, b := range s.Blocks {
			if b.Overlaps(span) {
				busy = append(busy, b)
			}
		}
		overlapping += len(busy)
		require.ElementsMatch(t, busy, s.Busy(span, except))

		events, err := booking.BlockTime{Block: id.New[id.Block](), Span: span}.Decide(s, monday)
		require.Equal(t, span.IsEmpty(), err != nil)
		if err == nil {
			require.ElementsMatch(t, inside, events[0].(booking.TimeBlocked).Inside)
			var touched []id.Appointment
			for _, h := range s.Touched(clinician, events, monday) {
				touched = append(touched, h.Appointment)
			}
			require.ElementsMatch(t, under, touched)
		}
		held += requireLimits(t, s)
	})
	require.Positive(t, overlapping)
	require.Positive(t, held)
}

// requireLimits finds the limits at which a patient is refused, and returns how many
// appointments that are to come the patient holds.
func requireLimits(t *rapid.T, s booking.CalendarState) (upcoming int) {
	c := wish().Command
	c.Start = monday.Add(time.Duration(rapid.IntRange(-72, 24).Draw(t, "wanted")) * time.Hour)
	day := civil.In(c.Start, facts().Zone)
	thatDay := 0
	for _, a := range s.Appointments {
		if a.Cancelled || a.Chart != c.Chart {
			continue
		}
		if a.When.Start.After(monday) {
			upcoming++
		}
		if a.When.Date == day {
			thatDay++
		}
	}
	refused := func(l booking.Limits) string {
		f := facts()
		f.Policy.Limits = l
		_, err := c.Decide(s, f, monday)
		if of := fault.From(err); of != nil {
			return of.Code
		}
		return ""
	}
	if upcoming > 0 {
		require.Equal(t, "too_many_upcoming", refused(booking.Limits{Upcoming: upcoming}))
	}
	if thatDay > 0 {
		require.Equal(t, "too_many_that_day", refused(booking.Limits{PerDay: thatDay}))
	}
	require.NotContains(t, refused(booking.Limits{Upcoming: upcoming + 1, PerDay: thatDay + 1}), "too_many")
	return upcoming
}
