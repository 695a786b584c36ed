package civil_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
)

func TestAt(t *testing.T) {
	for _, c := range []struct {
		name, zone, date, clock, want string
	}{
		{"New York, skipped: forward by the gap", "America/New_York", "2026-03-08", "02:30", "2026-03-08T07:30:00Z"},
		{"New York, twice: the earlier", "America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00Z"},
		{"London, twice: the earlier", "Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30:00Z"},
		{"Lord Howe, twice: the earlier", "Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z"},
		{"Lord Howe, skipped half an hour", "Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45:00Z"},
		{"Beirut, a midnight that is skipped", "Asia/Beirut", "2026-03-29", "00:00", "2026-03-28T22:00:00Z"},
		{"Apia, a day that is skipped", "Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T22:00:00Z"},
		{"BKG-D10 New York before spring forward", "America/New_York", "2026-03-02", "09:00", "2026-03-02T14:00:00Z"},
		{"BKG-D10 New York after spring forward", "America/New_York", "2026-03-09", "09:00", "2026-03-09T13:00:00Z"},
		{"BKG-D10 London before spring forward", "Europe/London", "2026-03-23", "09:00", "2026-03-23T09:00:00Z"},
		{"BKG-D10 London after spring forward", "Europe/London", "2026-03-30", "09:00", "2026-03-30T08:00:00Z"},
		{"BKG-D10 Lord Howe before fall back", "Australia/Lord_Howe", "2026-03-30", "09:00", "2026-03-29T22:00:00Z"},
		{"BKG-D10 Lord Howe after fall back", "Australia/Lord_Howe", "2026-04-06", "09:00", "2026-04-05T22:30:00Z"},
		{"24:00 is the next midnight", "America/New_York", "2026-03-08", "24:00", "2026-03-09T04:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone, err := civil.Zone(c.zone).Load()
			require.NoError(t, err)
			at := civil.At(civil.MustDate(c.date), civil.MustClock(c.clock), zone)
			require.Equal(t, c.want, at.Format(time.RFC3339))
			require.Equal(t, time.UTC, at.Location())
		})
	}
}

// TestAt_AroundEveryChange compares At with a search through every minute, around
// every change of clocks in 24 years of some of the most awkward zones.
func TestAt_AroundEveryChange(t *testing.T) {
	for _, name := range []civil.Zone{
		"America/New_York", "Europe/London", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Beirut", "America/Havana", "Africa/Casablanca",
		"America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "Antarctica/Troll", "America/St_Johns", "Asia/Gaza", "America/Caracas", "Asia/Pyongyang",
	} {
		t.Run(string(name), func(t *testing.T) {
			zone, err := name.Load()
			require.NoError(t, err)
			for at := time.Date(2006, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2030; at = at.Add(time.Hour) {
				_, before := at.In(zone).Zone()
				if _, after := at.Add(time.Hour).In(zone).Zone(); before != after {
					requireAtLikeSearch(t, at.Add(-3*time.Hour), at.Add(4*time.Hour), zone)
				}
			}
		})
	}
}

// requireAtLikeSearch asks for every wall-clock minute from what was shown at
// from to what is shown at to.
func requireAtLikeSearch(t *testing.T, from, to time.Time, zone *time.Location) {
	t.Helper()
	naive := func(at time.Time) int64 {
		_, offset := at.In(zone).Zone()
		return at.Unix()/60 + int64(offset)/60
	}
	first := map[int64]time.Time{}
	for at := to.Add(27 * time.Hour); !at.Before(from.Add(-27 * time.Hour)); at = at.Add(-time.Minute) {
		first[naive(at)] = at
	}
	gapStart, gapEnd := int64(0), time.Time{}
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		if naive(at.Add(time.Minute)) > naive(at)+1 {
			gapStart, gapEnd = naive(at)+1, at.Add(time.Minute)
		}
	}
	for m := naive(from); m <= naive(to); m++ {
		want, shown := first[m]
		if !shown {
			want = gapEnd.Add(time.Duration(m-gapStart) * time.Minute)
		}
		wall := time.Unix(m*60, 0).UTC()
		got := civil.At(civil.DateOf(wall), civil.Clock(wall.Hour()*60+wall.Minute()), zone)
		require.True(t, want.Equal(got), "%s in %s: want %s, got %s", wall.Format("2006-01-02 15:04"), zone, want.UTC(), got)
	}
}
