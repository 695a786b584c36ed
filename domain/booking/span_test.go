package booking_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
)

func TestSpan(t *testing.T) {
	nine, ten, eleven := utc("2026-01-06T09:00Z"), utc("2026-01-06T10:00Z"), utc("2026-01-06T11:00Z")
	t.Run("touching spans do not overlap and are joined", func(t *testing.T) {
		a, b := booking.Span{Start: nine, End: ten}, booking.Span{Start: ten, End: eleven}
		require.False(t, a.Overlaps(b))
		require.Equal(t, []booking.Span{{Start: nine, End: eleven}}, booking.Union([]booking.Span{b, a}))
	})
	t.Run("an empty span overlaps nothing and is in everything", func(t *testing.T) {
		all, none := booking.Span{Start: nine, End: eleven}, booking.Span{Start: ten, End: ten}
		require.True(t, none.IsEmpty())
		require.False(t, all.Overlaps(none))
		require.False(t, none.Overlaps(all))
		require.True(t, all.Contains(none))
	})
	t.Run("union leaves its argument alone", func(t *testing.T) {
		spans := []booking.Span{{Start: ten, End: eleven}, {Start: nine, End: ten}}
		booking.Union(spans)
		require.Equal(t, ten, spans[0].Start)
	})
}

// FuzzSpans compares the arithmetic of spans with sets of minutes. Each pair of
// bytes is a span's first minute and its length, which may be negative.
func FuzzSpans(f *testing.F) {
	f.Add([]byte{0, 10, 10, 5, 3, 0})
	f.Add([]byte{200, 250, 1, 1, 2, 1, 0, 90})
	f.Fuzz(func(t *testing.T, raw []byte) {
		base := utc("2026-03-08T00:00Z")
		minute := func(m int) time.Time { return base.Add(time.Duration(m) * time.Minute) }
		var spans []booking.Span
		var sets []map[int]bool
		union := map[int]bool{}
		for i := 0; i+1 < len(raw) && len(spans) < 12; i += 2 {
			start, end := int(raw[i]), int(raw[i])+int(int8(raw[i+1]))
			spans = append(spans, booking.Span{Start: minute(start), End: minute(end)})
			set := map[int]bool{}
			for m := start; m < end; m++ {
				set[m], union[m] = true, true
			}
			sets = append(sets, set)
		}
		merged := booking.Union(spans)
		covered := map[int]bool{}
		for i, s := range merged {
			require.False(t, s.IsEmpty())
			require.True(t, i == 0 || merged[i-1].End.Before(s.Start), "merged spans are in order with gaps between")
			for at := s.Start; at.Before(s.End); at = at.Add(time.Minute) {
				covered[int(at.Sub(base)/time.Minute)] = true
			}
		}
		require.Equal(t, union, covered)
		for i, a := range spans {
			for j, b := range spans {
				shared, inside := false, true
				for m := range sets[j] {
					shared = shared || sets[i][m]
					inside = inside && sets[i][m]
				}
				require.Equal(t, shared, a.Overlaps(b))
				require.Equal(t, inside, a.Contains(b))
			}
		}
	})
}
