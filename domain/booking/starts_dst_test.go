package booking_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
)

// zulu lists whole hours of one UTC day.
func zulu(day string, from, to int) []string {
	out := []string{}
	for h := from; h <= to; h++ {
		out = append(out, utc(day+"T00:00Z").Add(time.Duration(h)*time.Hour).Format("2006-01-02T15:04Z"))
	}
	return out
}

func TestStartsWhenClocksChange(t *testing.T) {
	const spring, autumn = "2026-03-08", "2025-11-02"
	one := func(name civil.Zone, day, from, to string) []booking.Reserve {
		return []booking.Reserve{on(name, day, from, to)}
	}
	for _, s := range []scene{
		{name: "BKG-D1 New York, the hours after spring forward", zone: newYork, terms: terms(60, 0, 0), reserves: one(newYork, spring, "10:00", "16:00"), from: spring, utc: zulu(spring, 14, 19)},
		{name: "BKG-D1 New York, the hours after fall back", zone: newYork, terms: terms(60, 0, 0), reserves: one(newYork, autumn, "10:00", "16:00"), from: autumn, utc: zulu(autumn, 15, 20)},
		{
			name: "BKG-D2 a window over the gap is an hour shorter", zone: newYork, terms: terms(60, 0, 0), reserves: one(newYork, spring, "00:30", "06:30"), from: spring,
			utc:    []string{spring + "T05:30Z", spring + "T06:30Z", spring + "T07:30Z", spring + "T08:30Z", spring + "T09:30Z"},
			clocks: []string{"00:30", "01:30", "03:30", "04:30", "05:30"},
		},
		{
			name: "BKG-D3 a window over the repeated hour is an hour longer", zone: newYork, terms: terms(60, 0, 0), reserves: one(newYork, autumn, "00:30", "06:30"), from: autumn,
			utc:    []string{autumn + "T04:30Z", autumn + "T05:30Z", autumn + "T06:30Z", autumn + "T07:30Z", autumn + "T08:30Z", autumn + "T09:30Z", autumn + "T10:30Z"},
			clocks: []string{"00:30", "01:30", "01:30", "02:30", "03:30", "04:30", "05:30"},
		},
		{
			name: "BKG-D4 a window from within the repeated hour begins with the earlier one", zone: newYork, terms: terms(60, 0, 0), reserves: one(newYork, autumn, "01:30", "06:30"), from: autumn,
			utc: []string{autumn + "T05:30Z", autumn + "T06:30Z", autumn + "T07:30Z", autumn + "T08:30Z", autumn + "T09:30Z", autumn + "T10:30Z"},
		},
		{
			name: "BKG-D5 a window from within the gap moves forward by the gap", zone: newYork, terms: terms(60, 0, 0), reserves: one(newYork, spring, "02:30", "09:30"), from: spring,
			utc:    []string{spring + "T07:30Z", spring + "T08:30Z", spring + "T09:30Z", spring + "T10:30Z", spring + "T11:30Z", spring + "T12:30Z"},
			clocks: []string{"03:30", "04:30", "05:30", "06:30", "07:30", "08:30"},
		},
		{
			name: "BKG-D6 London, spring", zone: london, terms: terms(30, 0, 0), reserves: one(london, "2026-03-29", "00:30", "04:00"), from: "2026-03-29",
			utc:    []string{"2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z", "2026-03-29T02:00Z", "2026-03-29T02:30Z"},
			clocks: []string{"00:30", "02:00", "02:30", "03:00", "03:30"},
		},
		{
			name: "BKG-D7 London, autumn: 01:00 and 01:30 come twice", zone: london, terms: terms(30, 0, 0), reserves: one(london, "2026-10-25", "00:30", "03:00"), from: "2026-10-25",
			utc:    []string{"2026-10-24T23:30Z", "2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z", "2026-10-25T02:00Z", "2026-10-25T02:30Z"},
			clocks: []string{"00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30"},
		},
		{
			name: "BKG-D8 Lord Howe, half an hour forward", zone: lordHowe, terms: terms(30, 0, 0), reserves: one(lordHowe, "2026-10-04", "01:00", "04:00"), from: "2026-10-04",
			utc:    []string{"2026-10-03T14:30Z", "2026-10-03T15:00Z", "2026-10-03T15:30Z", "2026-10-03T16:00Z", "2026-10-03T16:30Z"},
			clocks: []string{"01:00", "01:30", "02:30", "03:00", "03:30"},
		},
		{
			name: "BKG-D9 Lord Howe, half an hour back", zone: lordHowe, terms: terms(30, 0, 0), reserves: one(lordHowe, "2026-04-05", "01:00", "03:00"), from: "2026-04-05",
			utc:    []string{"2026-04-04T14:00Z", "2026-04-04T14:30Z", "2026-04-04T15:00Z", "2026-04-04T15:30Z", "2026-04-04T16:00Z"},
			clocks: []string{"01:00", "01:30", "01:30", "02:00", "02:30"},
		},
		{name: "BKG-D10 weekly Monday 09:00 in New York", zone: newYork, terms: terms(60, 0, 0), reserves: weeklyMonday(newYork, "2026-03-02"), from: "2026-03-02", to: "2026-03-09", utc: []string{"2026-03-02T14:00Z", "2026-03-09T13:00Z"}},
		{name: "BKG-D10 weekly Monday 09:00 in London", zone: london, terms: terms(60, 0, 0), reserves: weeklyMonday(london, "2026-03-23"), from: "2026-03-23", to: "2026-03-30", utc: []string{"2026-03-23T09:00Z", "2026-03-30T08:00Z"}},
		{name: "BKG-D10 weekly Monday 09:00 on Lord Howe", zone: lordHowe, terms: terms(60, 0, 0), reserves: weeklyMonday(lordHowe, "2026-03-30"), from: "2026-03-30", to: "2026-04-06", utc: []string{"2026-03-29T22:00Z", "2026-04-05T22:30Z"}},
		{
			name: "BKG-D12 a cut-off of days over the change keeps the wall clock, first day", zone: newYork, now: "2023-10-29 09:00", window: cutoff(7, booking.Day), terms: terms(60, 0, 0),
			reserves: []booking.Reserve{daily(newYork, "2023-10-01", "09:00", "17:00")}, from: "2023-10-29", to: "2023-11-05", utc: zulu("2023-11-05", 14, 21),
		},
		{
			name: "BKG-D12 and is not shifted on the next", zone: newYork, now: "2023-10-29 09:00", window: cutoff(7, booking.Day), terms: terms(60, 0, 0),
			reserves: []booking.Reserve{daily(newYork, "2023-10-01", "09:00", "17:00")}, from: "2023-11-06", utc: zulu("2023-11-06", 14, 21),
		},
		{name: "BKG-D13 Chicago on the day of the change", zone: "America/Chicago", terms: terms(60, 0, 0), reserves: one("America/Chicago", "2025-03-09", "15:00", "16:00"), from: "2025-03-09", utc: []string{"2025-03-09T20:00Z"}},
		{
			name: "BKG-A7 the grid does not depend on how far one looks: three days on end, one of 23 hours", zone: newYork, terms: terms(40, 0, 0),
			reserves: []booking.Reserve{on(newYork, "2026-03-07", "00:00", "24:00"), on(newYork, spring, "00:00", "24:00"), on(newYork, "2026-03-09", "00:00", "00:45")},
			from:     "2026-03-09", clocks: []string{"00:00"},
		},
		{
			name: "St John's, clocks set back at 00:01: the day before comes back", zone: "America/St_Johns", terms: terms(5, 0, 0),
			reserves: one("America/St_Johns", "2010-11-07", "00:00", "03:00"), from: "2010-11-06", clocks: everyMinutes("23:05", "23:55", 5),
		},
		{
			name: "St John's, a long run from within the hour that comes back", zone: "America/St_Johns", terms: terms(60, 0, 0),
			reserves: []booking.Reserve{on("UTC", "2010-11-07", "03:00", "24:00"), on("UTC", "2010-11-08", "00:00", "06:00")},
			from:     "2010-11-06", clocks: []string{"23:30"},
		},
		{name: "hours that vanish in the gap are not offered", zone: newYork, terms: terms(15, 0, 0), reserves: one(newYork, spring, "02:45", "03:15"), from: spring, utc: []string{}},
	} {
		s.run(t)
	}
}

func weeklyMonday(name civil.Zone, firstDate string) []booking.Reserve {
	r := on(name, firstDate, "09:00", "10:00")
	r.Repeat = booking.Repeat{Frequency: booking.Weekly, Every: 1, Days: []booking.Weekday{booking.Monday}}
	return []booking.Reserve{r}
}

func TestEarliest(t *testing.T) {
	ny := zone(t, newYork)
	for _, c := range []struct {
		name, now, want string
		cutoff          booking.Cutoff
	}{
		{"BKG-D11 one day over spring forward keeps the wall clock", "2026-03-07 09:00", "2026-03-08T13:00Z", booking.Cutoff{N: 1, Unit: booking.Day}},
		{"BKG-D11 24 hours over spring forward are exact", "2026-03-07 09:00", "2026-03-08T14:00Z", booking.Cutoff{N: 24, Unit: booking.Hour}},
		{"BKG-D11 one day over fall back keeps the wall clock", "2026-10-31 09:00", "2026-11-01T14:00Z", booking.Cutoff{N: 1, Unit: booking.Day}},
		{"BKG-D11 24 hours over fall back are exact", "2026-10-31 09:00", "2026-11-01T13:00Z", booking.Cutoff{N: 24, Unit: booking.Hour}},
		{"BKG-A2 seconds are never rounded away", "2026-01-05 09:00:01", "2026-01-06T14:00:01Z", booking.Cutoff{N: 1, Unit: booking.Day}},
		{"minutes are exact", "2026-01-05 09:00", "2026-01-05T14:45Z", booking.Cutoff{N: 45, Unit: booking.Minute}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, utc(c.want), booking.Window{Cutoff: c.cutoff}.Earliest(clockIn(t, newYork, c.now), ny))
		})
	}
	t.Run("no cut-off is now, also in the second of two equal hours", func(t *testing.T) {
		now := utc("2026-11-01T06:30Z")
		require.Equal(t, now, booking.Window{Cutoff: booking.Cutoff{Unit: booking.Day}}.Earliest(now, ny))
	})
}

func TestSeriesWithExceptions(t *testing.T) {
	r := on(newYork, "2026-03-02", "09:00", "12:00")
	r.Repeat = booking.Repeat{Frequency: booking.Weekly, Every: 1, Days: []booking.Weekday{booking.Monday}}
	r.Exceptions = map[civil.Date]booking.Hours{
		civil.MustDate("2026-03-09"): {},
		civil.MustDate("2026-03-16"): {Start: civil.MustClock("13:00"), End: civil.MustClock("15:00")},
	}
	three := []string{"09:00", "10:00", "11:00"}
	for day, want := range map[string][]string{
		"2026-03-02": three, "2026-03-09": {}, "2026-03-16": {"13:00", "14:00"}, "2026-03-23": three,
	} {
		scene{name: "BKG-D14 " + day, zone: newYork, terms: terms(60, 0, 0), reserves: []booking.Reserve{r}, from: day, clocks: want}.run(t)
	}
}
