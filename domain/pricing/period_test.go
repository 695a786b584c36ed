package pricing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/civil"
	"praxis/domain/pricing"
)

func TestPeriods(t *testing.T) {
	t.Run("BIL-T26 BIL-A5 anchor 31 is clamped per month and never forgotten", func(t *testing.T) {
		p := pricing.Anchor(31).PeriodAt(day("2023-01-31"))
		var starts []string
		for range 5 {
			starts = append(starts, p.Start.String())
			p = pricing.Anchor(31).PeriodAt(p.End)
		}
		require.Equal(t, []string{"2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31"}, starts)
		require.Equal(t, period("2020-01-31", "2020-02-29"), pricing.Anchor(31).PeriodAt(day("2020-02-28")))
		require.Equal(t, period("2021-03-31", "2021-04-30"), pricing.Anchor(31).PeriodAt(day("2021-04-29")))
	})
	t.Run("BIL-A1 the end is the first day of the next", func(t *testing.T) {
		june := pricing.Anchor(1).PeriodAt(day("2024-06-16"))
		require.Equal(t, period("2024-06-01", "2024-07-01"), june)
		require.True(t, june.Contains(june.Start))
		require.False(t, june.Contains(june.End))
		require.Equal(t, []int{30, 1, 0, 0}, []int{june.DaysFrom(june.Start), june.DaysFrom(day("2024-06-30")), june.DaysFrom(june.End), june.DaysFrom(day("2024-05-31"))})
	})
	t.Run("BIL-T27 the day is that of the billing zone", func(t *testing.T) {
		newYork, err := civil.Zone("America/New_York").Load()
		require.NoError(t, err)
		at := time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC)
		require.Equal(t, period("2022-02-01", "2022-03-01"), pricing.Anchor(1).PeriodAt(civil.In(at, newYork)))
		require.Equal(t, period("2022-03-01", "2022-04-01"), pricing.Anchor(1).PeriodAt(civil.In(at.Add(5*time.Hour), newYork)))
		january := pricing.Anchor(1).PeriodAt(day("2022-01-31"))
		require.Equal(t, "2022-01-01T05:00:00Z", civil.At(january.Start, 0, newYork).Format(time.RFC3339))
		require.Equal(t, "2022-02-01T05:00:00Z", civil.At(january.End, 0, newYork).Format(time.RFC3339))
	})
	t.Run("BIL-A5 periods tile the calendar whatever the anchor", rapid.MakeCheck(func(t *rapid.T) {
		anchor := pricing.Anchor(rapid.IntRange(1, 31).Draw(t, "anchor"))
		d := day("1999-12-31").Add(rapid.IntRange(0, 20_000).Draw(t, "day"))
		p := anchor.PeriodAt(d)
		require.True(t, p.Contains(d))
		require.True(t, p.Days() >= 28 && p.Days() <= 31, "%d days", p.Days())
		require.Equal(t, p, anchor.PeriodAt(p.Start))
		require.Equal(t, p, anchor.PeriodAt(p.End.Add(-1)))
		require.Equal(t, p.End, anchor.PeriodAt(p.End).Start, "the next begins where this ends")
		require.Equal(t, p.Start, anchor.PeriodAt(p.Start.Add(-1)).End)
		require.Equal(t, min(int(anchor), civil.DaysIn(p.Start.Year, p.Start.Month)), p.Start.Day)
	}))
}
