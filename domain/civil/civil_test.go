package civil_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/civil"
	"praxis/domain/fault"
)

func TestDate(t *testing.T) {
	leap := civil.MustDate("2024-02-28")
	t.Run("adds days over a leap day", func(t *testing.T) {
		require.Equal(t, "2024-02-29", leap.Add(1).String())
		require.Equal(t, "2024-03-01", leap.Add(2).String())
		require.Equal(t, "2023-12-31", leap.Add(-59).String())
	})
	t.Run("counts days, also over centuries", func(t *testing.T) {
		require.Equal(t, 2, leap.DaysUntil(civil.MustDate("2024-03-01")))
		require.Equal(t, -28, leap.DaysUntil(civil.MustDate("2024-01-31")))
		require.Equal(t, 2_958_463, civil.MustDate("1900-01-01").DaysUntil(civil.MustDate("9999-12-31")))
	})
	t.Run("knows the ends of months", func(t *testing.T) {
		require.Equal(t, "2024-02-29", leap.EndOfMonth().String())
		require.Equal(t, 28, civil.DaysIn(2023, time.February))
		require.Equal(t, 31, civil.DaysIn(2023, time.December))
	})
	t.Run("orders and names days", func(t *testing.T) {
		require.True(t, leap.Before(leap.Add(1)))
		require.False(t, leap.Before(leap))
		require.True(t, leap.Add(1).After(leap))
		require.Equal(t, time.Wednesday, leap.Weekday())
	})
	t.Run("is the day that a zone shows", func(t *testing.T) {
		newYork, err := civil.Zone("America/New_York").Load()
		require.NoError(t, err)
		require.Equal(t, "2025-12-31", civil.In(time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC), newYork).String())
	})
	t.Run("the zero date is empty in JSON", func(t *testing.T) {
		b, err := json.Marshal(map[string]civil.Date{"d": {}})
		require.NoError(t, err)
		require.JSONEq(t, `{"d":""}`, string(b))
		var back map[string]civil.Date
		require.NoError(t, json.Unmarshal(b, &back))
		require.True(t, back["d"].IsZero())
	})
	for _, s := range []string{"", "2024-02-30", "2024-2-3", "24-02-03", "2024-02-03T00:00:00Z", "10000-01-01", " 2024-02-03"} {
		t.Run("refuses "+s, func(t *testing.T) {
			_, err := civil.ParseDate(s)
			require.Equal(t, "malformed_date", fault.From(err).Code)
		})
	}
	t.Run("adding and counting are inverse", rapid.MakeCheck(func(t *rapid.T) {
		d := civil.MustDate("1900-01-01").Add(rapid.IntRange(0, 2_000_000).Draw(t, "day"))
		n := rapid.IntRange(-10_000, 10_000).Draw(t, "n")
		require.Equal(t, n, d.DaysUntil(d.Add(n)))
		require.Equal(t, d, d.Add(n).Add(-n))
		require.Equal(t, n > 0, d.Before(d.Add(n)))
	}))
}

func TestClock(t *testing.T) {
	require.Equal(t, civil.Clock(7*60+5), civil.MustClock("07:05"))
	require.Equal(t, civil.EndOfDay, civil.MustClock("24:00"))
	require.Equal(t, "24:00", civil.EndOfDay.String())
	for _, s := range []string{"", "7:05", "07:60", "24:01", "25:00", "07-05", "07:0a", "07:05:00", "+7:05"} {
		t.Run("refuses "+s, func(t *testing.T) {
			_, err := civil.ParseClock(s)
			require.Equal(t, "malformed_time", fault.From(err).Code)
		})
	}
}

func TestZone(t *testing.T) {
	for _, z := range []civil.Zone{"", "Local", "Mars/Olympus", "../etc/passwd"} {
		_, err := z.Load()
		require.Equal(t, "zone_unknown", fault.From(err).Code, "%q", z)
	}
}

func TestRules(t *testing.T) {
	name := func(z civil.Zone) string {
		zone, err := z.Load()
		require.NoError(t, err)
		return civil.Rules(zone)
	}
	t.Run("one name for the same clocks, whatever the zone is called", func(t *testing.T) {
		require.Equal(t, name("America/New_York"), name("US/Eastern"))
		require.NotEqual(t, name("America/New_York"), name("America/Chicago"))
	})
	t.Run("another name where a change of the clock comes on another day", func(t *testing.T) {
		require.NotEqual(t, name("Europe/London"), name("Africa/Casablanca"))
		require.NotEqual(t, name("Asia/Kolkata"), civil.Rules(time.FixedZone("fixed", 5*3600)))
		require.Equal(t, name("Asia/Kolkata"), civil.Rules(time.FixedZone("fixed", 5*3600+1800)))
	})
	t.Run("a name that stays", func(t *testing.T) {
		require.Equal(t, "rules-41fab8839752", name("America/New_York"))
		require.Equal(t, "rules-0554f91d037a", name("UTC"))
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2024-02-29", "1900-01-01", "9999-12-31", "2024-02-30", "", "0000-00-00", "2024-02-2９"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := civil.ParseDate(s)
		if err != nil {
			require.True(t, d.IsZero())
			return
		}
		require.Equal(t, s, d.String())
		var back civil.Date
		b, err := d.MarshalText()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalText(b))
		require.Equal(t, d, back)
	})
}

func FuzzParseClock(f *testing.F) {
	for _, s := range []string{"00:00", "24:00", "24:01", "23:59", "9:00", "", "0\x00:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := civil.ParseClock(s)
		if err != nil {
			require.Zero(t, c)
			return
		}
		require.Equal(t, s, c.String())
		require.True(t, c >= 0 && c <= civil.EndOfDay)
		var back civil.Clock
		b, err := c.MarshalText()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalText(b))
		require.Equal(t, c, back)
	})
}

func TestFoundT6_ADateThatIsTooEarlyIsToldSo(t *testing.T) {
	for _, s := range []string{"1899-12-31", "1850-01-01", "0000-01-01"} {
		_, err := civil.ParseDate(s)
		require.EqualError(t, err, "date_too_early: A date must not lie before 1900-01-01. Check the year.")
		var d civil.Date
		require.ErrorIs(t, json.Unmarshal([]byte(`"`+s+`"`), &d), err)
	}
}
