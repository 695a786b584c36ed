package booking_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/id"
)

// The things that every spec talks about.
var (
	group     = id.Derive[id.Group]("north street")
	clinician = id.Derive[id.Member]("dr adams")
	colleague = id.Derive[id.Member]("dr baker")
	chart     = id.Derive[id.Chart]("chart one")
	other     = id.Derive[id.Chart]("chart two")
	visit     = id.Derive[id.AppointmentType]("visit")
	intake    = id.Derive[id.AppointmentType]("intake")
	first     = id.Derive[id.Appointment]("first")
	second    = id.Derive[id.Appointment]("second")
	reserveA  = id.Derive[id.Reserve]("a")
	reserveB  = id.Derive[id.Reserve]("b")
	lunch     = id.Derive[id.Block]("lunch")
)

const (
	newYork  = "America/New_York"
	london   = "Europe/London"
	kolkata  = "Asia/Kolkata"
	lordHowe = "Australia/Lord_Howe"
)

// zone loads a zone or fails the test.
func zone(t testing.TB, name civil.Zone) *time.Location {
	t.Helper()
	loc, err := name.Load()
	require.NoError(t, err)
	return loc
}

// utc reads an RFC 3339 instant; seconds and zone may be left out.
func utc(s string) time.Time {
	for _, layout := range [...]string{"2006-01-02T15:04Z", time.RFC3339} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC()
		}
	}
	panic("malformed instant " + s)
}

// clockIn reads a wall-clock time such as "2026-01-05 09:00" in a zone.
func clockIn(t testing.TB, name civil.Zone, s string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04"
	at, err := time.ParseInLocation(layout+":05"[:len(s)-len(layout)], s, zone(t, name))
	require.NoError(t, err)
	return at.UTC()
}

// terms are those of a visit.
func terms(length, padding, step int) booking.Terms {
	return booking.Terms{Type: visit, Name: "Visit", LengthMin: length, PaddingMin: padding, StartEveryMin: step}
}

// daily reserves the same hours every day from a date on.
func daily(name civil.Zone, firstDate, start, end string) booking.Reserve {
	return booking.Reserve{
		ID: id.Derive[id.Reserve](firstDate, start, end), FirstDate: civil.MustDate(firstDate),
		Hours: booking.Hours{Start: civil.MustClock(start), End: civil.MustClock(end)}, Zone: name,
		Repeat: booking.Repeat{Frequency: booking.Weekly, Every: 1, Days: []booking.Weekday{
			booking.Monday, booking.Tuesday, booking.Wednesday, booking.Thursday, booking.Friday, booking.Saturday, booking.Sunday,
		}},
	}
}

// on reserves hours on one day.
func on(name civil.Zone, date, start, end string) booking.Reserve {
	r := daily(name, date, start, end)
	r.Repeat = booking.Repeat{Frequency: booking.Once}
	return r
}

// busy is a span on one UTC day.
func busy(start, end string) booking.Span { return booking.Span{Start: utc(start), End: utc(end)} }
