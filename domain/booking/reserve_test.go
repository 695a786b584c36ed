package booking_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

func givenCalendar(t *testing.T, history ...booking.CalendarEvent) estest.Spec[booking.CalendarState, booking.CalendarEvent] {
	t.Helper()
	return estest.Given(t, booking.CalendarAggregate(), history...)
}

// mondays is a weekly series of Mondays from 2026-03-02, 09:00–12:00 in New York.
func mondays() booking.TimeReserved {
	return booking.TimeReserved{
		Reserve: reserveA, FirstDate: civil.MustDate("2026-03-02"), Start: civil.MustClock("09:00"), End: civil.MustClock("12:00"), Zone: newYork,
		Repeat: booking.Repeat{Frequency: booking.Weekly, Every: 1, Days: []booking.Weekday{booking.Monday}},
	}
}

func TestReserveTime(t *testing.T) {
	reserve := func(change func(*booking.ReserveTime)) booking.ReserveTime {
		c := booking.ReserveTime(mondays())
		change(&c)
		return c
	}
	t.Run("records a series in its one form", func(t *testing.T) {
		want := mondays()
		want.Repeat.Days = []booking.Weekday{booking.Monday, booking.Friday}
		want.Types = nil
		givenCalendar(t).When(reserve(func(c *booking.ReserveTime) {
			c.Repeat.Every = 0
			c.Repeat.Days = []booking.Weekday{booking.Friday, booking.Monday, booking.Friday}
			c.Types = []id.AppointmentType{}
		}), noon).Then(want)
	})
	t.Run("a weekly series without days is on the weekday of its first date", func(t *testing.T) {
		givenCalendar(t).When(reserve(func(c *booking.ReserveTime) { c.Repeat.Days = nil }), noon).Then(mondays())
	})
	t.Run("once forgets what only a series has", func(t *testing.T) {
		want := mondays()
		want.Repeat = booking.Repeat{Frequency: booking.Once}
		givenCalendar(t).When(reserve(func(c *booking.ReserveTime) { c.Repeat.Frequency = booking.Once }), noon).Then(want)
	})
	t.Run("a whole day is fine", func(t *testing.T) {
		want := mondays()
		want.Start, want.End = 0, civil.EndOfDay
		givenCalendar(t).When(reserve(func(c *booking.ReserveTime) { c.Start, c.End = 0, civil.EndOfDay }), noon).Then(want)
	})
	for _, c := range []struct {
		code, name string
		change     func(*booking.ReserveTime)
	}{
		{"zone_unknown", "no zone", func(c *booking.ReserveTime) { c.Zone = "" }},
		{"zone_unknown", "a zone of this machine", func(c *booking.ReserveTime) { c.Zone = "Local" }},
		{"zone_unknown", "a zone nobody knows", func(c *booking.ReserveTime) { c.Zone = "Mars/Olympus" }},
		{"empty_interval", "no time at all", func(c *booking.ReserveTime) { c.End = c.Start }},
		{"empty_interval", "no time around midnight", func(c *booking.ReserveTime) { c.Start, c.End = 0, 0 }},
		{"longer_than_24h", "an end on another day", func(c *booking.ReserveTime) { c.End = c.Start + civil.EndOfDay + 1 }},
		{"longer_than_24h", "a start at the end of the day", func(c *booking.ReserveTime) { c.Start, c.End = civil.EndOfDay, civil.MustClock("01:00") }},
		{"longer_than_24h", "a start on another day", func(c *booking.ReserveTime) { c.Start = -1 }},
		{"repeat_unsupported", "no frequency", func(c *booking.ReserveTime) { c.Repeat.Frequency = "" }},
		{"repeat_unsupported", "monthly", func(c *booking.ReserveTime) { c.Repeat.Frequency = "monthly" }},
		{"repeat_unsupported", "every 53 weeks", func(c *booking.ReserveTime) { c.Repeat.Every = 53 }},
		{"repeat_unsupported", "every -1 weeks", func(c *booking.ReserveTime) { c.Repeat.Every = -1 }},
		{"repeat_unsupported", "a day nobody knows", func(c *booking.ReserveTime) { c.Repeat.Days = []booking.Weekday{"mon", "caturday"} }},
		{"repeat_unsupported", "an end before it begins", func(c *booking.ReserveTime) { c.Repeat.Until = civil.MustDate("2026-03-01") }},
		{"malformed_date", "no first date", func(c *booking.ReserveTime) { c.FirstDate = civil.Date{} }},
	} {
		t.Run(c.code+": "+c.name, func(t *testing.T) { givenCalendar(t).When(reserve(c.change), noon).ThenRejected(c.code) })
	}
	t.Run("an id is used once", func(t *testing.T) {
		givenCalendar(t, mondays()).When(booking.ReserveTime(mondays()), noon).ThenRejected("already_exists")
	})
}

func TestExceptionsOfASeries(t *testing.T) {
	ninth := civil.MustDate("2026-03-09")
	skip := booking.SkipReservedDate{Reserve: reserveA, Date: ninth}
	move := booking.MoveReservedDate{Reserve: reserveA, Date: ninth, Start: civil.MustClock("13:00"), End: civil.MustClock("15:00")}
	t.Run("BKG-D14 skips a day", func(t *testing.T) {
		givenCalendar(t, mondays()).When(skip, noon).Then(booking.ReservedDateSkipped(skip))
	})
	t.Run("BKG-D14 moves a day, and again", func(t *testing.T) {
		givenCalendar(t, mondays()).When(move, noon).Then(booking.ReservedDateMoved(move))
		back := move
		back.Start, back.End = civil.MustClock("09:00"), civil.MustClock("12:00")
		givenCalendar(t, mondays(), booking.ReservedDateMoved(move)).When(back, noon).Then(booking.ReservedDateMoved(back))
	})
	t.Run("moving to the present hours is a no-op", func(t *testing.T) {
		givenCalendar(t, mondays(), booking.ReservedDateMoved(move)).When(move, noon).ThenNothing()
	})
	t.Run("a moved day can be skipped", func(t *testing.T) {
		givenCalendar(t, mondays(), booking.ReservedDateMoved(move)).When(skip, noon).Then(booking.ReservedDateSkipped(skip))
	})
	t.Run("a day that was skipped stays in the series: skipping it again is a no-op, moving gives it hours", func(t *testing.T) {
		givenCalendar(t, mondays(), booking.ReservedDateSkipped(skip)).When(skip, noon).ThenNothing()
		givenCalendar(t, mondays(), booking.ReservedDateSkipped(skip)).When(move, noon).Then(booking.ReservedDateMoved(move))
	})
	t.Run("not in the series are a Tuesday, or a day before the first or after the last", func(t *testing.T) {
		until := mondays()
		until.Repeat.Until = civil.MustDate("2026-03-15")
		for _, day := range []string{"2026-03-10", "2026-02-23", "2026-03-16"} {
			givenCalendar(t, until).When(booking.SkipReservedDate{Reserve: reserveA, Date: civil.MustDate(day)}, noon).ThenRejected("date_not_in_series")
		}
	})
	t.Run("every second week leaves every other Monday out", func(t *testing.T) {
		second := mondays()
		second.Repeat.Every = 2
		givenCalendar(t, second).When(skip, noon).ThenRejected("date_not_in_series")
		givenCalendar(t, second).When(booking.SkipReservedDate{Reserve: reserveA, Date: civil.MustDate("2026-03-16")}, noon).
			Then(booking.ReservedDateSkipped{Reserve: reserveA, Date: civil.MustDate("2026-03-16")})
	})
	t.Run("hours must be hours", func(t *testing.T) {
		empty, long := move, move
		empty.End, long.End = empty.Start, civil.EndOfDay+1
		givenCalendar(t, mondays()).When(empty, noon).ThenRejected("empty_interval")
		givenCalendar(t, mondays()).When(long, noon).ThenRejected("longer_than_24h")
	})
	t.Run("a series that is unknown", func(t *testing.T) {
		givenCalendar(t).When(skip, noon).ThenRejected("reserve_unknown")
		givenCalendar(t).When(move, noon).ThenRejected("reserve_unknown")
	})
}

func TestEndReserve(t *testing.T) {
	end := func(day string) booking.EndReserve {
		return booking.EndReserve{Reserve: reserveA, LastDate: civil.MustDate(day)}
	}
	t.Run("BKG-A13 stops the series, not its days before", func(t *testing.T) {
		o := givenCalendar(t, mondays()).When(end("2026-03-10"), noon)
		o.Then(booking.ReserveEnded(end("2026-03-10")))
		o.ThenState(func(t testing.TB, s booking.CalendarState) {
			_, on := s.Reserves[reserveA].On(civil.MustDate("2026-03-09"))
			require.True(t, on)
			_, on = s.Reserves[reserveA].On(civil.MustDate("2026-03-16"))
			require.False(t, on)
		})
	})
	t.Run("BKG-A13 appointments in it stay, only offering stops", func(t *testing.T) {
		history := []booking.CalendarEvent{mornings(), mine()}
		ended := booking.EndReserve{Reserve: reserveA, LastDate: civil.MustDate("2026-01-05")}
		givenCalendar(t, history...).When(ended, noon).ThenState(func(t testing.TB, s booking.CalendarState) {
			require.Equal(t, mine().When, s.Appointments[first].When)
			require.False(t, s.Appointments[first].Cancelled)
		})
		history = append(history, booking.ReserveEnded(ended))
		givenCalendar(t, history...).When(wish(at("2026-01-06T16:00Z"), func(c *knowing[booking.BookAppointment]) { c.Command.Appointment = second }), monday).ThenRejected("not_reserved")
	})
	t.Run("before its first day ends it altogether", func(t *testing.T) {
		givenCalendar(t, mondays()).When(end("2026-03-01"), noon).ThenState(func(t testing.TB, s booking.CalendarState) {
			_, on := s.Reserves[reserveA].On(civil.MustDate("2026-03-02"))
			require.False(t, on)
		})
	})
	t.Run("ends earlier or later, within what was reserved", func(t *testing.T) {
		until := mondays()
		until.Repeat.Until = civil.MustDate("2026-03-31")
		givenCalendar(t, until).When(end("2026-03-31"), noon).ThenNothing()
		givenCalendar(t, until).When(end("2026-04-01"), noon).ThenRejected("ends_before")
		givenCalendar(t, until, booking.ReserveEnded(end("2026-03-10"))).When(end("2026-03-31"), noon).Then(booking.ReserveEnded(end("2026-03-31")))
		givenCalendar(t, mondays(), booking.ReserveEnded(end("2026-03-10"))).When(end("2026-03-10"), noon).ThenNothing()
		givenCalendar(t, mondays(), booking.ReserveEnded(end("2026-03-10"))).When(end("2026-03-20"), noon).Then(booking.ReserveEnded(end("2026-03-20")))
		givenCalendar(t, mondays(), booking.ReserveEnded(end("2026-03-10"))).When(end("2026-03-05"), noon).Then(booking.ReserveEnded(end("2026-03-05")))
	})
	t.Run("unknown, and without a date", func(t *testing.T) {
		givenCalendar(t).When(end("2026-03-10"), noon).ThenRejected("reserve_unknown")
		givenCalendar(t, mondays()).When(booking.EndReserve{Reserve: reserveA}, noon).ThenRejected("malformed_date")
	})
}

func TestBlockTime(t *testing.T) {
	span := busy("2026-01-06T17:00Z", "2026-01-06T18:00Z")
	block := booking.BlockTime{Block: lunch, Span: span}
	t.Run("records the span in UTC", func(t *testing.T) {
		local := booking.BlockTime{Block: lunch, Span: booking.Span{Start: span.Start.In(zone(t, newYork)), End: span.End.In(zone(t, newYork))}}
		events, err := local.Decide(booking.CalendarAggregate().Fold(), noon)
		require.NoError(t, err)
		require.Equal(t, []booking.CalendarEvent{booking.TimeBlocked{Block: lunch, Span: span}}, events)
	})
	t.Run("names the appointments inside and leaves them alone", func(t *testing.T) {
		o := givenCalendar(t, booked(first, "2026-01-06T17:30Z"), booked(second, "2026-01-06T18:00Z")).When(block, noon)
		o.Then(booking.TimeBlocked{Block: lunch, Span: span, Inside: []id.Appointment{first}})
		o.ThenState(func(t testing.TB, s booking.CalendarState) { require.False(t, s.Appointments[first].Cancelled) })
	})
	t.Run("an empty span", func(t *testing.T) {
		givenCalendar(t).When(booking.BlockTime{Block: lunch, Span: booking.Span{Start: span.End, End: span.Start}}, noon).ThenRejected("empty_interval")
	})
	t.Run("a slip of the pen by a century", func(t *testing.T) {
		givenCalendar(t).When(booking.BlockTime{Block: lunch, Span: booking.Span{Start: span.Start, End: span.End.AddDate(100, 0, 0)}}, noon).ThenRejected("start_out_of_range")
	})
	t.Run("T5 no finer than a second", func(t *testing.T) {
		for _, fine := range []booking.Span{{Start: span.Start.Add(1), End: span.End}, {Start: span.Start, End: span.End.Add(100)}} {
			givenCalendar(t).When(booking.BlockTime{Block: lunch, Span: fine}, noon).ThenRejected("instant_not_whole_seconds")
		}
	})
	t.Run("an id is used once", func(t *testing.T) {
		givenCalendar(t, booking.TimeBlocked{Block: lunch, Span: span}).When(block, noon).ThenRejected("already_exists")
	})
	t.Run("is taken away", func(t *testing.T) {
		givenCalendar(t, booking.TimeBlocked{Block: lunch, Span: span}).When(booking.UnblockTime{Block: lunch}, noon).Then(booking.TimeUnblocked{Block: lunch, Span: span})
		givenCalendar(t, booking.TimeBlocked{Block: lunch, Span: span}, booking.TimeUnblocked{Block: lunch, Span: span}).
			When(booking.UnblockTime{Block: lunch}, noon).ThenRejected("block_unknown")
	})
}

// booked is a staff booking of a 45+15 visit at an instant, New York.
func booked(a id.Appointment, at string) booking.AppointmentBooked {
	return booking.AppointmentBooked{
		Appointment: a, Chart: chart, Terms: terms(45, 15, 0), When: when(utc(at)), Channel: booking.ByStaff,
	}
}

// newYorkRules names the rules of New York since 2007.
const newYorkRules = "rules-41fab8839752"

// when describes an instant in New York by the time package alone.
func when(at time.Time) booking.When {
	loc, err := time.LoadLocation(newYork)
	if err != nil {
		panic(err)
	}
	local := at.In(loc)
	return booking.When{Start: at, Date: civil.DateOf(local), Clock: civil.MustClock(local.Format("15:04")), Zone: newYork, Rules: newYorkRules}
}
