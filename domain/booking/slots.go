package booking

import (
	"maps"
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
)

// Query asks for the starts that a patient can book with one clinician. It holds
// plain values only, so that a decision fills it from a calendar's state and a
// read model from its rows.
type Query struct {
	// Zone is the calendar's zone: the clinician's, else the branch's, else the
	// practice's (BKG-A4).
	Zone *time.Location
	// Now is the server's clock.
	Now time.Time
	// Online is the practice's switch; off means that nothing is offered (BKG-1).
	Online bool
	Window Window
	Terms  Terms
	// Reserves are the calendar's; those for other types are left aside.
	Reserves []Reserve
	// Busy are the spans already taken: appointments with their padding, and
	// blocks. Order and overlaps do not matter.
	Busy []Span
	// From and To are the local days asked for, both inclusive.
	From, To civil.Date
}

// Start is a time that a patient can book. It says nothing about padding (BKG-8).
type Start struct {
	// Start is the instant, End the end of the length that patients see, UTC.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// Date and Clock are what the calendar's wall shows at Start.
	Date  civil.Date  `json:"localDate"`
	Clock civil.Clock `json:"localTime"`
}

// Starts returns every start that can be booked in the days asked for, in order.
// Check would find each of them free, and no other. Fault: "zone_unknown" when a
// reserve's zone cannot be loaded.
func Starts(q Query) ([]Start, error) {
	earliest, last := q.Window.Earliest(q.Now, q.Zone), q.Window.LastDay(q.Now, q.Zone)
	from, to := q.From, q.To
	if first := civil.In(earliest, q.Zone); from.Before(first) {
		from = first
	}
	if to.After(last) {
		to = last
	}
	step, total := q.Terms.Step(), q.Terms.Total()
	if !q.Online || to.Before(from) || step <= 0 || total <= 0 {
		return nil, nil
	}
	runs, err := q.runs(from, to)
	if err != nil {
		return nil, err
	}
	// A local day can come back for an hour when clocks are set back just after
	// midnight; a day of slack keeps such starts, the date test below decides.
	lower, upper := civil.At(from, 0, q.Zone), civil.At(to.Add(2), 0, q.Zone)
	if lower.Before(earliest) {
		lower = earliest
	}
	busy := q.busyIn(Span{lower, upper.Add(total)})
	var starts []Start
	for _, run := range runs {
		for _, grid := range grids(run, q.Zone) {
			at := grid.Start
			if gap := lower.Sub(at); gap > 0 {
				at = at.Add((gap + step - 1).Truncate(step))
			}
			for ; at.Before(grid.End) && at.Before(upper) && run.Contains(q.Terms.occupied(at)); at = at.Add(step) {
				if overlapsAny(busy, q.Terms.occupied(at)) {
					continue
				}
				if s := q.start(at); !s.Date.Before(from) && !s.Date.After(to) {
					starts = append(starts, s)
				}
			}
		}
	}
	return starts, nil
}

// Page is Starts for as many whole days as hold no more than most starts, and for
// one day at the least. next is the first day that was left out, the zero date if
// none was. It costs no more than the days that it looks at.
func Page(q Query, most int) (starts []Start, next civil.Date, err error) {
	const atOnce = 4
	last := q.To
	for from := q.From; !from.After(last); from = from.Add(atOnce) {
		q.From, q.To = from, from.Add(atOnce-1)
		if q.To.After(last) {
			q.To = last
		}
		found, err := Starts(q)
		if err != nil {
			return nil, civil.Date{}, err
		}
		starts = append(starts, found...)
		if day := firstBeyond(starts, most); !day.IsZero() && !day.After(last) {
			isLater := func(s Start) bool { return !s.Date.Before(day) }
			return slices.DeleteFunc(starts, isLater), day, nil
		}
	}
	return starts, civil.Date{}, nil
}

// firstBeyond returns the first day that does not fit: the days before it hold at
// most that many starts, or there is one only. It is the zero date if all fit.
func firstBeyond(starts []Start, most int) civil.Date {
	perDay := map[civil.Date]int{}
	for _, s := range starts {
		perDay[s.Date]++
	}
	count := 0
	for i, day := range slices.SortedFunc(maps.Keys(perDay), civil.Date.Compare) {
		if count += perDay[day]; count > most {
			if i == 0 {
				return day.Add(1)
			}
			return day
		}
	}
	return civil.Date{}
}

// start describes the start at an instant.
func (q Query) start(at time.Time) Start {
	date, clock := wall(at, q.Zone)
	return Start{Start: at, End: at.Add(q.Terms.Length()), Date: date, Clock: clock}
}

// wall returns what a zone's wall shows at an instant. It asks for the zone's
// offset once; the accessors of a local time.Time would each look it up again.
func wall(at time.Time, zone *time.Location) (civil.Date, civil.Clock) {
	_, offset := at.In(zone).Zone()
	local := at.UTC().Add(time.Duration(offset) * time.Second)
	return civil.DateOf(local), civil.Clock(local.Hour()*60 + local.Minute())
}

// lookaround is how many days before and after the days asked for reserves are
// expanded. A run that reaches in from further away is longer than a day in
// either case, so that its grid within the days asked for is the same.
const lookaround = 3

// runs returns the maximal runs of time reserved for the type around [from, to].
func (q Query) runs(from, to civil.Date) ([]Span, error) {
	var spans []Span
	zones := map[civil.Zone]*time.Location{civil.Zone(q.Zone.String()): q.Zone}
	for _, r := range q.Reserves {
		if !r.Allows(q.Terms.Type) {
			continue
		}
		zone, known := zones[r.Zone]
		if !known {
			var err error
			if zone, err = r.Zone.Load(); err != nil {
				return nil, err
			}
			zones[r.Zone] = zone
		}
		spans = r.spans(spans, zone, from.Add(-lookaround), to.Add(lookaround))
	}
	return Union(spans), nil
}

// grids returns the stretches of a run on each of which starts are counted from
// its beginning: the whole run, or for a run over 24 hours its part of each local
// day (BKG-A7). Neither bookings nor the clock nor the query move them.
func grids(run Span, zone *time.Location) []Span {
	if run.End.Sub(run.Start) <= 24*time.Hour {
		return []Span{run}
	}
	var parts []Span
	from := run.Start
	for day := civil.In(from, zone).Add(1); ; day = day.Add(1) {
		midnight := civil.At(day, 0, zone)
		if !midnight.Before(run.End) {
			return append(parts, Span{from, run.End})
		}
		// A midnight before the run began comes from an hour that came back.
		if midnight.After(from) {
			parts = append(parts, Span{from, midnight})
			from = midnight
		}
	}
}

// busyIn returns the busy time that overlaps s as disjoint spans in order.
func (q Query) busyIn(s Span) []Span {
	return Union(slices.DeleteFunc(slices.Clone(q.Busy), func(b Span) bool { return !b.Overlaps(s) }))
}

// overlapsAny reports whether s overlaps one of the spans, which are disjoint and in order.
func overlapsAny(spans []Span, s Span) bool {
	i, _ := slices.BinarySearchFunc(spans, s.Start, func(b Span, at time.Time) int {
		if b.End.After(at) {
			return 1
		}
		return -1
	})
	return i < len(spans) && spans[i].Overlaps(s)
}

// within returns the reserves for the type in which a span lies, to be recorded
// as the evidence of a booking (BKG-I2).
func (q Query) within(s Span) ([]id.Reserve, error) {
	day := civil.In(s.Start, q.Zone)
	var in []id.Reserve
	for _, r := range q.Reserves {
		one := q
		one.Reserves = []Reserve{r}
		runs, err := one.runs(day, day)
		if err != nil {
			return nil, err
		}
		if overlapsAny(runs, s) {
			in = append(in, r.ID)
		}
	}
	return sorted(in), nil
}
