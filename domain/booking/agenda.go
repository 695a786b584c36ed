package booking

import (
	"iter"
	"slices"
	"time"
)

// agenda finds spans by when they are, so that a decision looks at what lies around it
// and not at all that a calendar ever held.
type agenda[K comparable] struct {
	// days are the spans by the day, UTC, on which they begin. Those that are longer than
	// longest are not among them: long has them, whenever they are.
	days map[int64][]K
	long []K
}

// longest is how long a span may be that is found by its day. Appointments are never longer.
const longest = 24 * time.Hour

// endOfTime is later than any instant of a calendar.
var endOfTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

func newAgenda[K comparable]() agenda[K] { return agenda[K]{days: map[int64][]K{}} }

// dayOf numbers the days, UTC.
func dayOf(at time.Time) int64 {
	const seconds = 24 * 60 * 60
	return at.Truncate(seconds*time.Second).Unix() / seconds
}

// add takes a span in. It must not be there yet.
func (a *agenda[K]) add(key K, s Span) {
	if s.End.Sub(s.Start) > longest {
		a.long = append(a.long, key)
		return
	}
	day := dayOf(s.Start)
	a.days[day] = append(a.days[day], key)
}

// remove takes a span out, if it is there.
func (a *agenda[K]) remove(key K, s Span) {
	isIt := func(k K) bool { return k == key }
	if s.End.Sub(s.Start) > longest {
		a.long = slices.DeleteFunc(a.long, isIt)
		return
	}
	day := dayOf(s.Start)
	if a.days[day] = slices.DeleteFunc(a.days[day], isIt); len(a.days[day]) == 0 {
		delete(a.days, day)
	}
}

// around yields every span that may hold an instant of [from, to], and some that do not,
// in no order.
func (a *agenda[K]) around(from, to time.Time) iter.Seq[K] {
	return func(yield func(K) bool) {
		yieldAll := func(keys []K) bool {
			for _, key := range keys {
				if !yield(key) {
					return false
				}
			}
			return true
		}
		if !yieldAll(a.long) {
			return
		}
		first, last := dayOf(from.Add(-longest)), dayOf(to)
		if last-first < int64(len(a.days)) {
			for day := first; day <= last && yieldAll(a.days[day]); day++ {
			}
			return
		}
		for day, keys := range a.days {
			if first <= day && day <= last && !yieldAll(keys) {
				return
			}
		}
	}
}
