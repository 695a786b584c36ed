package booking_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/id"
)

// scene is one row of the acceptance table of starts: what is given, and the
// wall-clock times that must be offered. Where nothing else is said, padding and
// cut-off are 0, the horizon is 365 days, and now is long enough before.
type scene struct {
	name     string
	zone     civil.Zone
	now      string // wall clock in zone, or an instant when it ends in Z
	window   booking.Window
	terms    booking.Terms
	reserves []booking.Reserve
	busy     []booking.Span
	from, to string // to defaults to from
	clocks   []string
	utc      []string
}

func (s scene) query(t *testing.T) booking.Query {
	t.Helper()
	var now time.Time
	switch {
	case s.now == "":
		now = civil.At(civil.MustDate(s.from).Add(-20), 0, zone(t, s.zone))
	case s.now[len(s.now)-1] == 'Z':
		now = utc(s.now)
	default:
		now = clockIn(t, s.zone, s.now)
	}
	if s.window.HorizonDays == 0 {
		s.window.HorizonDays = 365
	}
	if s.window.Cutoff.Unit == "" {
		s.window.Cutoff.Unit = booking.Minute
	}
	if s.to == "" {
		s.to = s.from
	}
	return booking.Query{
		Zone: zone(t, s.zone), Now: now, Online: true, Window: s.window, Terms: s.terms,
		Reserves: s.reserves, Busy: s.busy, From: civil.MustDate(s.from), To: civil.MustDate(s.to),
	}
}

func (s scene) run(t *testing.T) {
	t.Run(s.name, func(t *testing.T) {
		q := s.query(t)
		starts, err := booking.Starts(q)
		require.NoError(t, err)
		if s.clocks != nil {
			require.Equal(t, s.clocks, clocks(starts))
		}
		if s.utc != nil {
			require.Equal(t, s.utc, instants(starts))
		}
		require.False(t, s.clocks == nil && s.utc == nil, "a scene says what it expects")
		requireShownIsBookable(t, q, starts)
	})
}

// requireShownIsBookable asks Check about every minute of the days asked for.
func requireShownIsBookable(t *testing.T, q booking.Query, starts []booking.Start) {
	t.Helper()
	var free []time.Time
	upper := civil.At(q.To.Add(1), 120, q.Zone)
	for at := civil.At(q.From, 0, q.Zone); at.Before(upper); at = at.Add(time.Minute) {
		obstacle, err := booking.Check(q, at)
		require.NoError(t, err)
		if obstacle == booking.Free && !civil.In(at, q.Zone).After(q.To) {
			free = append(free, at)
		}
	}
	var shown []time.Time
	for _, s := range starts {
		shown = append(shown, s.Start)
	}
	require.Equal(t, free, shown, "BKG-A19 what is shown is what can be booked")
}

func clocks(starts []booking.Start) []string {
	out := []string{}
	for _, s := range starts {
		out = append(out, s.Clock.String())
	}
	return out
}

func instants(starts []booking.Start) []string {
	out := []string{}
	for _, s := range starts {
		out = append(out, s.Start.Format("2006-01-02T15:04Z"))
	}
	return out
}

func cutoff(n int, unit booking.CutoffUnit) booking.Window {
	return booking.Window{Cutoff: booking.Cutoff{N: n, Unit: unit}}
}

// everyMinutes lists wall clocks from first to last.
func everyMinutes(firstClock, lastClock string, step int) []string {
	out := []string{}
	for c := civil.MustClock(firstClock); c <= civil.MustClock(lastClock); c += civil.Clock(step) {
		out = append(out, c.String())
	}
	return out
}

func TestStarts(t *testing.T) {
	const tue = "2026-01-06"
	morning := []booking.Reserve{on(newYork, tue, "09:00", "12:00")}
	fromEight := []booking.Reserve{daily(newYork, "2026-01-01", "08:00", "12:00")}
	office := []booking.Reserve{on("UTC", tue, "09:00", "17:00")}
	early := []booking.Reserve{on("UTC", tue, "08:00", "12:30")}
	for _, s := range []scene{
		{
			name: "BKG-2 on, with types, but nothing reserved: nothing is offered",
			zone: newYork, terms: terms(60, 0, 0), from: tue, clocks: []string{},
		},
		{
			name: "BKG-E1 a cut-off of a day hides Tuesday 08:00 on Monday at 09:00",
			zone: newYork, now: "2026-01-05 09:00", window: cutoff(1, booking.Day), terms: terms(60, 0, 0),
			reserves: fromEight, from: "2026-01-05", to: tue, clocks: []string{"09:00", "10:00", "11:00"},
		},
		{
			name: "BKG-E2 one second later 09:00 is gone too",
			zone: newYork, now: "2026-01-05 09:00:01", window: cutoff(1, booking.Day), terms: terms(60, 0, 0),
			reserves: fromEight, from: "2026-01-05", to: tue, clocks: []string{"10:00", "11:00"},
		},
		{
			name: "BKG-E5 a cut-off of 1500 minutes leaves 11 starts of a day",
			zone: "UTC", now: "2021-06-20T11:59:59Z", window: cutoff(1500, booking.Minute), terms: terms(60, 0, 0),
			reserves: []booking.Reserve{on("UTC", "2021-06-21", "00:00", "24:00")}, from: "2021-06-21",
			clocks: everyMinutes("13:00", "23:00", 60),
		},
		{
			name: "BKG-E6 without a cut-off the rest of today is offered",
			zone: "UTC", now: "2021-06-20T11:59:59Z", terms: terms(60, 0, 0),
			reserves: []booking.Reserve{on("UTC", "2021-06-20", "00:00", "24:00")}, from: "2021-06-20",
			clocks: everyMinutes("12:00", "23:00", 60),
		},
		{
			name: "BKG-E7 a whole day holds 24 hours", zone: "UTC", terms: terms(60, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "00:00", "24:00")}, from: tue, clocks: everyMinutes("00:00", "23:00", 60),
		},
		{
			name: "BKG-E7 a whole day holds 72 times 20 minutes", zone: "UTC", terms: terms(20, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "00:00", "24:00")}, from: tue, clocks: everyMinutes("00:00", "23:40", 20),
		},
		{
			name: "BKG-E7 a day until 23:45 holds 71 times 20 minutes", zone: "UTC", terms: terms(20, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "00:00", "23:45")}, from: tue, clocks: everyMinutes("00:00", "23:20", 20),
		},
		{
			name: "BKG-E9 BKG-9 padding counts for the total: 45+15 in three hours", zone: newYork, terms: terms(45, 15, 0),
			reserves: morning, from: tue, clocks: []string{"09:00", "10:00", "11:00"},
		},
		{
			name: "BKG-E10 padding must fit into the reserved time", zone: newYork, terms: terms(50, 15, 0),
			reserves: morning, from: tue, clocks: []string{"09:00", "10:05"},
		},
		{
			name: "BKG-E11 20+5 in two hours", zone: newYork, terms: terms(20, 5, 0),
			reserves: []booking.Reserve{on(newYork, tue, "10:00", "12:00")}, from: tue, clocks: []string{"10:00", "10:25", "10:50", "11:15"},
		},
		{
			name: "BKG-E12 the last padding does not overrun", zone: newYork, terms: terms(60, 60, 0),
			reserves: []booking.Reserve{on(newYork, tue, "15:00", "18:00")}, from: tue, clocks: []string{"15:00"},
		},
		{
			name: "BKG-E13 one padding between neighbours: 13:30 fits between bookings", zone: "UTC", terms: terms(30, 30, 15),
			reserves: office, busy: []booking.Span{busy(tue+"T12:30Z", tue+"T13:30Z"), busy(tue+"T14:30Z", tue+"T15:30Z")}, from: tue,
			clocks: append(append(everyMinutes("09:00", "11:30", 15), "13:30"), "15:30", "15:45", "16:00"),
		},
		{
			name: "BKG-E14 bookings leave the grid alone", zone: "UTC", now: tue + "T09:30Z", window: cutoff(30, booking.Minute), terms: terms(30, 0, 0),
			reserves: office, busy: []booking.Span{busy(tue+"T11:00Z", tue+"T12:00Z"), busy(tue+"T14:00Z", tue+"T15:00Z")}, from: tue,
			clocks: []string{"10:00", "10:30", "12:00", "12:30", "13:00", "13:30", "15:00", "15:30", "16:00", "16:30"},
		},
		{
			name: "BKG-E15 nested busy spans", zone: "UTC", now: tue + "T09:30Z", window: cutoff(30, booking.Minute), terms: terms(30, 0, 0),
			reserves: office, busy: []booking.Span{
				busy(tue+"T10:00Z", tue+"T16:00Z"), busy(tue+"T11:00Z", tue+"T12:00Z"), busy(tue+"T14:00Z", tue+"T15:00Z"),
			}, from: tue, clocks: []string{"16:00", "16:30"},
		},
		{
			name: "BKG-E16 ten busy minutes cost the hour they lie in", zone: "UTC", terms: terms(60, 0, 0),
			reserves: early, busy: []booking.Span{busy(tue+"T10:00Z", tue+"T10:10Z")}, from: tue, clocks: []string{"08:00", "09:00", "11:00"},
		},
		{
			name: "BKG-E16 with starts every 15 minutes more is left", zone: "UTC", terms: terms(60, 0, 15),
			reserves: early, busy: []booking.Span{busy(tue+"T10:00Z", tue+"T10:10Z")}, from: tue,
			clocks: []string{"08:00", "08:15", "08:30", "08:45", "09:00", "10:15", "10:30", "10:45", "11:00", "11:15", "11:30"},
		},
		{
			name: "BKG-E17 overlapping reserves are one run without duplicates", zone: "UTC", terms: terms(20, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "11:00", "12:00"), on("UTC", tue, "11:20", "12:40")}, from: tue,
			clocks: []string{"11:00", "11:20", "11:40", "12:00", "12:20"},
		},
		{
			name: "BKG-E18 a reserve inside another", zone: "UTC", terms: terms(45, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "11:00", "13:00"), on("UTC", tue, "11:15", "13:00")}, from: tue, clocks: []string{"11:00", "11:45"},
		},
		{
			name: "BKG-E18 a reserve inside another, the other way round", zone: "UTC", terms: terms(45, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "11:15", "13:00"), on("UTC", tue, "11:00", "13:00")}, from: tue, clocks: []string{"11:00", "11:45"},
		},
		{
			name: "BKG-E19 touching reserves join", zone: "UTC", terms: terms(90, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "09:00", "10:00"), on("UTC", tue, "10:00", "11:00")}, from: tue, clocks: []string{"09:00"},
		},
		{
			name: "BKG-E19 reserves with a gap do not join", zone: "UTC", terms: terms(90, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "09:00", "10:00"), on("UTC", tue, "10:05", "11:05")}, from: tue, clocks: []string{},
		},
		{
			name: "BKG-E20 reserves join over midnight", zone: london, terms: terms(90, 0, 0),
			reserves: []booking.Reserve{on(london, "2023-06-13", "23:00", "24:00"), on(london, "2023-06-14", "00:00", "00:30")},
			from:     "2023-06-13", to: "2023-06-14", utc: []string{"2023-06-13T22:00Z"},
		},
		{
			name: "BKG-E21 the grid begins where the reserve does", zone: "UTC", terms: terms(8, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "07:22", "08:00")}, from: tue, clocks: []string{"07:22", "07:30", "07:38", "07:46"},
		},
		{
			name: "BKG-E22 each run has its own grid", zone: "UTC", terms: terms(5, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "07:00", "07:05"), on("UTC", tue, "07:10", "07:30")}, from: tue,
			clocks: []string{"07:00", "07:10", "07:15", "07:20", "07:25"},
		},
		{
			name: "BKG-E23 starts at half hours", zone: "UTC", terms: terms(60, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "17:30", "22:00")}, from: tue, clocks: []string{"17:30", "18:30", "19:30", "20:30"},
		},
		{
			name: "BKG-E23 a zone of half an hour", zone: kolkata, terms: terms(60, 0, 0),
			reserves: []booking.Reserve{on(kolkata, tue, "07:30", "09:30")}, from: tue, clocks: []string{"07:30", "08:30"},
		},
		{
			name: "BKG-E25 a running appointment still blocks", zone: "UTC", now: tue + "T10:15Z", window: cutoff(30, booking.Minute), terms: terms(45, 0, 60),
			reserves: []booking.Reserve{on("UTC", tue, "10:00", "13:00")}, busy: []booking.Span{busy(tue+"T10:00Z", tue+"T11:45Z")}, from: tue, clocks: []string{"12:00"},
		},
		{
			name: "BKG-E27 others see what my appointment leaves", zone: "UTC", terms: terms(60, 0, 15),
			reserves: []booking.Reserve{on("UTC", tue, "11:00", "14:00")}, busy: []booking.Span{busy(tue+"T11:30Z", tue+"T12:30Z")}, from: tue,
			clocks: []string{"12:30", "12:45", "13:00"},
		},
		{
			name: "BKG-E27 I, moving it, see nine times", zone: "UTC", terms: terms(60, 0, 15),
			reserves: []booking.Reserve{on("UTC", tue, "11:00", "14:00")}, from: tue, clocks: everyMinutes("11:00", "13:00", 15),
		},
		{
			name: "BKG-E31 two clinicians, the first", zone: "UTC", terms: terms(10, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "09:02", "09:30")}, from: tue, clocks: []string{"09:02", "09:12"},
		},
		{
			name: "BKG-E31 two clinicians, the second", zone: "UTC", terms: terms(10, 0, 0),
			reserves: []booking.Reserve{on("UTC", tue, "09:02", "09:30"), on("UTC", tue, "09:33", "09:52")}, from: tue, clocks: []string{"09:02", "09:12", "09:33"},
		},
		{
			name: "BKG-A7 a run over 24 hours restarts its grid at each local midnight", zone: newYork, terms: terms(420, 0, 0),
			reserves: []booking.Reserve{on(newYork, tue, "20:00", "24:00"), on(newYork, "2026-01-07", "00:00", "24:00")}, from: tue, to: "2026-01-07",
			clocks: []string{"20:00", "00:00", "07:00", "14:00"},
		},
		{
			name: "BKG-A7 a run of just 24 hours does not", zone: newYork, terms: terms(420, 0, 0),
			reserves: []booking.Reserve{on(newYork, tue, "20:00", "24:00"), on(newYork, "2026-01-07", "00:00", "20:00")}, from: tue, to: "2026-01-07",
			clocks: []string{"20:00", "03:00", "10:00"},
		},
		{
			name: "BKG-A6 reserves of other types neither offer nor join", zone: "UTC", terms: terms(60, 0, 0),
			reserves: []booking.Reserve{
				{FirstDate: civil.MustDate(tue), Hours: booking.Hours{Start: 540, End: 660}, Zone: "UTC", Repeat: booking.Repeat{Frequency: booking.Once}, Types: []id.AppointmentType{intake}},
				on("UTC", tue, "10:30", "12:30"),
			}, from: tue, clocks: []string{"10:30", "11:30"},
		},
		{
			name: "a reserve in another zone than the calendar's is read in its own", zone: newYork, terms: terms(60, 0, 0),
			reserves: []booking.Reserve{on(london, tue, "14:00", "16:00")}, from: tue, clocks: []string{"09:00", "10:00"},
		},
	} {
		s.run(t)
	}
}

func TestHorizon(t *testing.T) {
	month := booking.Window{HorizonDays: 30}
	hour := []booking.Reserve{daily(newYork, "2025-12-01", "09:00", "10:00")}
	t.Run("BKG-E3 BKG-7 thirty days from January 1 end with January 31", func(t *testing.T) {
		q := scene{zone: newYork, now: "2026-01-01 00:00", window: month, terms: terms(60, 0, 0), reserves: hour, from: "2026-01-01", to: "2026-03-01"}.query(t)
		starts, err := booking.Starts(q)
		require.NoError(t, err)
		require.Len(t, starts, 31)
		require.Equal(t, civil.MustDate("2026-01-31"), starts[30].Date)
		require.Equal(t, civil.MustClock("09:00"), starts[30].Clock)
		requireShownIsBookable(t, q, starts)
	})
	t.Run("BKG-E4 the horizon counts local days", func(t *testing.T) {
		q := scene{zone: newYork, now: "2026-01-01T03:00Z", window: month, terms: terms(60, 0, 0), reserves: hour, from: "2025-12-31", to: "2026-03-01"}.query(t)
		starts, err := booking.Starts(q)
		require.NoError(t, err)
		require.Equal(t, civil.MustDate("2026-01-30"), starts[len(starts)-1].Date)
	})
	t.Run("BKG-A1 a start late on the last day is fine", func(t *testing.T) {
		scene{
			name: "23:30", zone: newYork, now: "2026-01-01 00:00", window: month, terms: terms(30, 0, 0),
			reserves: []booking.Reserve{on(newYork, "2026-01-31", "23:30", "24:00")}, from: "2026-01-31", to: "2026-02-02", clocks: []string{"23:30"},
		}.run(t)
	})
	eight := []string{"04:00", "05:00", "06:00", "07:00", "08:00", "09:00", "10:00", "11:00"}
	india := scene{zone: kolkata, now: "2024-05-31T01:30Z", window: booking.Window{HorizonDays: 2}, terms: terms(60, 0, 0), reserves: []booking.Reserve{daily(kolkata, "2024-05-01", "09:30", "18:00")}}
	for _, day := range []string{"2024-05-31", "2024-06-01", "2024-06-02"} {
		s := india
		s.name, s.from = "BKG-E8 eight starts on "+day, day
		for _, c := range eight {
			s.utc = append(s.utc, day+"T"+c+"Z")
		}
		s.run(t)
	}
	beyond := india
	beyond.name, beyond.from, beyond.utc = "BKG-E8 none on the third day", "2024-06-03", []string{}
	beyond.run(t)
	later := india
	later.name, later.now, later.from = "BKG-E8 at 04:30Z today begins at 05:00Z", "2024-05-31T04:30Z", "2024-05-31"
	for _, c := range eight[1:] {
		later.utc = append(later.utc, "2024-05-31T"+c+"Z")
	}
	later.run(t)
	t.Run("BKG-1 while the switch is off nothing is offered", func(t *testing.T) {
		q := india
		q.from = "2024-05-31"
		off := q.query(t)
		off.Online = false
		starts, err := booking.Starts(off)
		require.NoError(t, err)
		require.Empty(t, starts)
		requireShownIsBookable(t, off, starts)
	})
	t.Run("a zone that is unknown is an error, not an empty page", func(t *testing.T) {
		q := scene{zone: newYork, terms: terms(60, 0, 0), reserves: []booking.Reserve{on("Mars/Olympus", "2026-01-06", "09:00", "10:00")}, from: "2026-01-06"}.query(t)
		_, err := booking.Starts(q)
		require.ErrorContains(t, err, "zone_unknown")
		_, err = booking.Check(q, utc("2026-01-06T14:00Z"))
		require.ErrorContains(t, err, "zone_unknown")
	})
}
