package booking_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/id"
)

// oracle answers the same question as the engine by looking at every minute one
// by one. It shares nothing with it: no span arithmetic, no date arithmetic
// beyond counting days, and its own reading of wall clocks.
type oracle struct {
	q        booking.Query
	reserved map[int64]bool
}

// wall returns the naive minute that a zone's clock shows at a UTC minute.
func wall(minute int64, loc *time.Location) int64 {
	_, offset := time.Unix(minute*60, 0).In(loc).Zone()
	return minute + int64(offset)/60
}

// resolve finds the first minute at which the clock shows the naive one, trying
// every offset in force around it; if it never does, the naive minute is moved
// on by what the clock jumps over it.
func resolve(naive int64, loc *time.Location) int64 {
	const reach = 30 * 60
	found := int64(math.MaxInt64)
	for m := naive - reach; m <= naive+reach; m += 15 {
		if at := naive - (wall(m, loc) - m); at < found && wall(at, loc) == naive {
			found = at
		}
	}
	if found < math.MaxInt64 {
		return found
	}
	for m := naive - reach; ; m++ {
		if wall(m-1, loc) < naive && naive < wall(m, loc) {
			return m + naive - wall(m-1, loc) - 1
		}
	}
}

func naiveMinute(d civil.Date, c civil.Clock) int64 {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix()/60 + int64(c)
}

// occurs walks the series day by day.
func occurs(r booking.Reserve, day civil.Date) bool {
	if day.Before(r.FirstDate) || !r.Ended.IsZero() && day.After(r.Ended) {
		return false
	}
	if r.Repeat.Frequency == booking.Once {
		return day == r.FirstDate
	}
	if !r.Repeat.Until.IsZero() && day.After(r.Repeat.Until) {
		return false
	}
	week := 0
	for d := r.FirstDate; d != day; {
		if d = d.Add(1); d.Weekday() == time.Monday {
			week++
		}
	}
	names := map[time.Weekday]booking.Weekday{
		time.Monday: "mon", time.Tuesday: "tue", time.Wednesday: "wed", time.Thursday: "thu", time.Friday: "fri", time.Saturday: "sat", time.Sunday: "sun",
	}
	for _, d := range r.Repeat.Days {
		if d == names[day.Weekday()] {
			return week%r.Repeat.Every == 0
		}
	}
	return false
}

func newOracle(q booking.Query) oracle {
	o := oracle{q: q, reserved: map[int64]bool{}}
	for _, r := range q.Reserves {
		allowed := len(r.Types) == 0
		for _, t := range r.Types {
			allowed = allowed || t == q.Terms.Type
		}
		loc, err := time.LoadLocation(string(r.Zone))
		if err != nil {
			panic(err)
		}
		for day := q.From.Add(-6); allowed && !day.After(q.To.Add(6)); day = day.Add(1) {
			if !occurs(r, day) {
				continue
			}
			h := r.Hours
			if e, ok := r.Exceptions[day]; ok {
				h = e
			}
			if h.Start == h.End {
				continue
			}
			endDay := day
			if h.End < h.Start {
				endDay = day.Add(1)
			}
			for m, end := resolve(naiveMinute(day, h.Start), loc), resolve(naiveMinute(endDay, h.End), loc); m < end; m++ {
				o.reserved[m] = true
			}
		}
	}
	return o
}

// anchor is the minute from which starts are counted at m.
func (o oracle) anchor(m int64) int64 {
	begin, end := m, m
	for o.reserved[begin-1] {
		begin--
	}
	for o.reserved[end] {
		end++
	}
	if end-begin <= 24*60 {
		return begin
	}
	day := func(m int64) int64 { return wall(m, o.q.Zone) / (24 * 60) }
	a := m
	for a > begin && day(a-1) == day(m) {
		a--
	}
	return a
}

func (o oracle) earliest() time.Time {
	w, now := o.q.Window, o.q.Now
	if w.Cutoff.Unit != booking.Day || w.Cutoff.N == 0 {
		return now.Add(map[booking.CutoffUnit]time.Duration{booking.Minute: time.Minute, booking.Hour: time.Hour, booking.Day: 0}[w.Cutoff.Unit] * time.Duration(w.Cutoff.N))
	}
	m := now.Unix() / 60
	then := resolve(wall(m, o.q.Zone)+int64(w.Cutoff.N)*24*60, o.q.Zone)
	return time.Unix(then*60, 0).Add(now.Sub(time.Unix(m*60, 0)))
}

func (o oracle) starts() []int64 {
	var out []int64
	if !o.q.Online {
		return nil
	}
	q := o.q
	earliest := o.earliest()
	lastDay := wall(q.Now.Unix()/60, q.Zone)/(24*60) + int64(q.Window.HorizonDays)
	total := int64(q.Terms.LengthMin + q.Terms.PaddingMin)
	step := int64(q.Terms.StartEveryMin)
	if step == 0 {
		step = total
	}
	fromDay, toDay := naiveMinute(q.From, 0)/(24*60), naiveMinute(q.To, 0)/(24*60)
	busy := map[int64]bool{}
	for _, b := range q.Busy {
		for m := b.Start.Unix() / 60; m < b.End.Unix()/60; m++ {
			busy[m] = true
		}
	}
minutes:
	for m := naiveMinute(q.From, 0) - 30*60; m < naiveMinute(q.To, 0)+54*60; m++ {
		day := wall(m, q.Zone) / (24 * 60)
		if day < fromDay || day > toDay || day > lastDay || time.Unix(m*60, 0).Before(earliest) {
			continue
		}
		for k := m; k < m+total; k++ {
			if !o.reserved[k] || busy[k] {
				continue minutes
			}
		}
		if (m-o.anchor(m))%step == 0 {
			out = append(out, m)
		}
	}
	return out
}

// dstDays are days around which clocks change somewhere below.
func dstDays() []string {
	return []string{
		"2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-10-04", "2026-04-05", "2026-06-15", "2026-01-01", "2028-02-29",
	}
}

func zones() []civil.Zone {
	return []civil.Zone{newYork, london, lordHowe, kolkata, "UTC", "Asia/Beirut", "Pacific/Kiritimati", "Pacific/Pago_Pago"}
}

func drawReserve(t *rapid.T, day civil.Date, home civil.Zone) booking.Reserve {
	r := booking.Reserve{
		ID: reserveA, FirstDate: day.Add(rapid.IntRange(-40, 3).Draw(t, "firstDate")), Zone: home,
		Repeat: booking.Repeat{Frequency: booking.Once}, Exceptions: map[civil.Date]booking.Hours{},
	}
	if rapid.IntRange(0, 5).Draw(t, "abroad") == 0 {
		r.Zone = rapid.SampledFrom(zones()).Draw(t, "reserveZone")
	}
	r.Hours = drawHours(t)
	if rapid.IntRange(0, 3).Draw(t, "weekly") > 0 {
		r.Repeat = booking.Repeat{
			Frequency: booking.Weekly, Every: rapid.IntRange(1, 3).Draw(t, "every"),
			Days: rapid.SliceOfNDistinct(rapid.SampledFrom([]booking.Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}), 1, 7, rapid.ID).Draw(t, "days"),
		}
		if rapid.Bool().Draw(t, "bounded") {
			r.Repeat.Until = r.FirstDate.Add(rapid.IntRange(0, 50).Draw(t, "until"))
		}
		if rapid.IntRange(0, 4).Draw(t, "endedEarly") == 0 {
			r.Ended = r.FirstDate.Add(rapid.IntRange(-1, 50).Draw(t, "ended"))
		}
		for d := -1; d <= 1; d++ {
			switch rapid.IntRange(0, 6).Draw(t, "exception") {
			case 0:
				r.Exceptions[day.Add(d)] = booking.Hours{}
			case 1:
				r.Exceptions[day.Add(d)] = drawHours(t)
			}
		}
	} else {
		r.FirstDate = day.Add(rapid.IntRange(-1, 2).Draw(t, "date"))
	}
	if rapid.IntRange(0, 3).Draw(t, "restricted") == 0 {
		r.Types = []id.AppointmentType{rapid.SampledFrom([]id.AppointmentType{visit, intake}).Draw(t, "type")}
	}
	return r
}

func drawHours(t *rapid.T) booking.Hours {
	if rapid.IntRange(0, 3).Draw(t, "allDay") == 0 {
		return booking.Hours{Start: 0, End: civil.EndOfDay}
	}
	step := rapid.SampledFrom([]int{1, 15, 30}).Draw(t, "raster")
	start := rapid.IntRange(0, 1439/step).Draw(t, "start") * step
	if rapid.IntRange(0, 3).Draw(t, "overMidnight") == 0 && start > 0 {
		return booking.Hours{Start: civil.Clock(start), End: civil.Clock(rapid.IntRange(0, start/step-1).Draw(t, "endNextDay") * step)}
	}
	end := rapid.IntRange(start/step+1, 1440/step).Draw(t, "end") * step
	return booking.Hours{Start: civil.Clock(start), End: civil.Clock(end)}
}

func drawQuery(t *rapid.T) booking.Query {
	name := rapid.SampledFrom(zones()).Draw(t, "zone")
	loc, err := name.Load()
	require.NoError(t, err)
	day := civil.MustDate(rapid.SampledFrom(dstDays()).Draw(t, "day")).Add(rapid.IntRange(-1, 1).Draw(t, "beside"))
	base := civil.At(day, 0, loc)
	q := booking.Query{
		Zone: loc, Online: rapid.IntRange(0, 20).Draw(t, "online") > 0, From: day, To: day.Add(rapid.IntRange(-1, 2).Draw(t, "to")),
		Now: base.Add(time.Duration(rapid.IntRange(-4*24*3600, 24*3600).Draw(t, "now")) * time.Second),
		Window: booking.Window{
			Cutoff: booking.Cutoff{
				N:    rapid.IntRange(0, 3).Draw(t, "cutoff"),
				Unit: rapid.SampledFrom([]booking.CutoffUnit{booking.Minute, booking.Hour, booking.Day}).Draw(t, "unit"),
			},
			HorizonDays: rapid.IntRange(1, 8).Draw(t, "horizon"),
		},
		Terms: terms(rapid.IntRange(5, 120).Draw(t, "length"), rapid.IntRange(0, 60).Draw(t, "padding"), rapid.SampledFrom([]int{0, 0, 5, 7, 15, 60}).Draw(t, "step")),
	}
	for range rapid.IntRange(0, 5).Draw(t, "reserves") {
		q.Reserves = append(q.Reserves, drawReserve(t, day, name))
	}
	for range rapid.IntRange(0, 4).Draw(t, "busy") {
		start := base.Add(time.Duration(rapid.IntRange(-600, 3*1440).Draw(t, "busyStart")) * time.Minute)
		q.Busy = append(q.Busy, booking.Span{Start: start, End: start.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "busyMinutes")) * time.Minute)})
	}
	return q
}

// agree is the property: the engine shows what the oracle finds, and Check
// agrees minute by minute.
func agree(t *rapid.T) {
	q := drawQuery(t)
	starts, err := booking.Starts(q)
	require.NoError(t, err)
	shown := map[int64]bool{}
	var got []int64
	for _, s := range starts {
		require.Equal(t, s.Start.Add(q.Terms.Length()), s.End)
		require.Equal(t, wall(s.Start.Unix()/60, q.Zone), naiveMinute(s.Date, s.Clock))
		shown[s.Start.Unix()/60] = true
		got = append(got, s.Start.Unix()/60)
	}
	require.Equal(t, newOracle(q).starts(), got)
	paged := []booking.Start{}
	for most, from, days := rapid.IntRange(1, 20).Draw(t, "most"), q.From, 0; !from.IsZero(); days++ {
		require.Less(t, days, 10)
		page := q
		page.From = from
		some, next, err := booking.Page(page, most)
		require.NoError(t, err)
		paged, from = append(paged, some...), next
	}
	require.ElementsMatch(t, starts, paged, "pages of days hold the same starts")
	for m := naiveMinute(q.From, 0) - 26*60; m < naiveMinute(q.To, 0)+50*60; m += 1 + int64(q.Terms.LengthMin)/8 {
		at := time.Unix(m*60, 0)
		if day := civil.In(at, q.Zone); day.Before(q.From) || day.After(q.To) {
			continue
		}
		obstacle, err := booking.Check(q, at)
		require.NoError(t, err)
		require.Equal(t, shown[m], obstacle == booking.Free, "%s: %q", at.UTC(), obstacle)
	}
	for m := range shown {
		obstacle, err := booking.Check(q, time.Unix(m*60, 0))
		require.NoError(t, err)
		require.Equal(t, booking.Free, obstacle)
	}
}

func TestEngineAgreesWithOracle(t *testing.T) { rapid.Check(t, agree) }

func FuzzEngineAgreesWithOracle(f *testing.F) { f.Fuzz(rapid.MakeFuzz(agree)) }
