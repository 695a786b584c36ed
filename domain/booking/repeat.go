package booking

import (
	"slices"

	"praxis/domain/civil"
	"praxis/domain/fault"
)

// Weekday is a day of the week by its stable short name.
type Weekday string

// The days of the week.
const (
	Monday    Weekday = "mon"
	Tuesday   Weekday = "tue"
	Wednesday Weekday = "wed"
	Thursday  Weekday = "thu"
	Friday    Weekday = "fri"
	Saturday  Weekday = "sat"
	Sunday    Weekday = "sun"
)

// week returns the days in the order in which a week counts, Monday first.
func week() [7]Weekday {
	return [7]Weekday{Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday}
}

// afterMonday returns how many days after Monday d is, -1 for an unknown name.
func (d Weekday) afterMonday() int {
	days := week()
	return slices.Index(days[:], d)
}

// daysSinceMonday returns how many days before d the Monday of its week lies.
func daysSinceMonday(d civil.Date) int { return (int(d.Weekday()) + 6) % 7 }

// Frequency is how reserved time comes back.
type Frequency string

// The frequencies. Nothing else can be kept exactly and mapped to iCalendar.
const (
	Once   Frequency = "once"
	Weekly Frequency = "weekly"
)

// Repeat is the closed form of a recurrence: once, or on certain days of every
// n-th week, where weeks begin on Monday and count from that of the first date.
type Repeat struct {
	Frequency Frequency `json:"frequency"`
	// Every is the number of weeks from one week with occurrences to the next, 1–52.
	Every int `json:"every,omitempty"`
	// Days are the days of those weeks, Monday first, none twice.
	Days []Weekday `json:"days,omitempty"`
	// Until is the last day on which an occurrence may start; zero means for ever.
	Until civil.Date `json:"until,omitzero"`
}

// normalised returns the repeat in the one form in which it is recorded. A
// weekly repeat without days means the weekday of the first date, and every
// week if it does not say which. Fault: "repeat_unsupported".
func (r Repeat) normalised(first civil.Date) (Repeat, error) {
	switch r.Frequency {
	case Once:
		return Repeat{Frequency: Once}, nil
	case Weekly:
	default:
		return Repeat{}, errRepeatUnsupported
	}
	if r.Every == 0 {
		r.Every = 1
	}
	if r.Every < 1 || r.Every > 52 || !r.Until.IsZero() && r.Until.Before(first) {
		return Repeat{}, errRepeatUnsupported
	}
	if len(r.Days) == 0 {
		r.Days = []Weekday{week()[daysSinceMonday(first)]}
		return r, nil
	}
	r.Days = slices.Clone(r.Days)
	slices.SortFunc(r.Days, func(a, b Weekday) int { return a.afterMonday() - b.afterMonday() })
	r.Days = slices.Compact(r.Days)
	if r.Days[0].afterMonday() < 0 {
		return Repeat{}, errRepeatUnsupported
	}
	return r, nil
}

// dates calls yield for each date of the series that begins with first and lies
// in [from, to], in order. It jumps to from by arithmetic: an old series costs no
// more than a new one.
func (r Repeat) dates(first, from, to civil.Date, yield func(civil.Date)) {
	if from.Before(first) {
		from = first
	}
	if !r.Until.IsZero() && r.Until.Before(to) {
		to = r.Until
	}
	if r.Frequency == Once {
		if !first.Before(from) && !first.After(to) {
			yield(first)
		}
		return
	}
	every := max(r.Every, 1)
	firstMonday := first.Add(-daysSinceMonday(first))
	weeks := firstMonday.DaysUntil(from) / 7
	weeks -= weeks % every
	for monday := firstMonday.Add(7 * weeks); !monday.After(to); monday = monday.Add(7 * every) {
		for _, day := range r.Days {
			if date := monday.Add(day.afterMonday()); !date.Before(from) && !date.After(to) {
				yield(date)
			}
		}
	}
}

var errRepeatUnsupported = fault.New(fault.Invalid, "repeat_unsupported", "Reserved time can happen once, or on given weekdays of every 1 to 52 weeks until a date not before its first. Use one of these.")
