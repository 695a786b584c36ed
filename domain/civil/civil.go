// Package civil holds dates, wall-clock times and time zones as people in a
// practice use them, and the one rule that turns a wall clock into an instant.
// It imports the standard library and fault only.
package civil

import (
	"time"

	"praxis/domain/fault"
)

// Date is a calendar day without a zone, such as a due date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

const layout = "2006-01-02"

// earliest is the first day that is a date here: one before it is a slip of the pen
// in every field that has a date.
var earliest = Date{1900, time.January, 1}

// Check refuses a date that ParseDate would not read, such as one that was
// calculated. The unset date is refused too. Faults: those of ParseDate.
func (d Date) Check() error {
	_, err := ParseDate(d.String())
	return err
}

// ParseDate reads YYYY-MM-DD. Faults: "malformed_date"; "date_too_early" before
// 1900-01-01.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil {
		return Date{}, fault.New(fault.Invalid, "malformed_date", "A date must be a calendar day written as YYYY-MM-DD.")
	}
	d := DateOf(t)
	if d.Before(earliest) {
		return Date{}, fault.New(fault.Invalid, "date_too_early", "A date must not lie before 1900-01-01. Check the year.")
	}
	return d, nil
}

// MustDate is ParseDate for constants; it panics on a malformed date.
func MustDate(s string) Date { return fault.Must(ParseDate(s)) }

// DateOf returns the calendar day that t's own location shows at t.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// In returns the calendar day that zone shows at the instant t.
func In(t time.Time, zone *time.Location) Date { return DateOf(t.In(zone)) }

// IsZero reports whether the date is unset.
func (d Date) IsZero() bool { return d == Date{} }

// String returns YYYY-MM-DD.
func (d Date) String() string { return d.midnight().Format(layout) }

// Add returns the date n days later (earlier when n is negative).
func (d Date) Add(n int) Date { return DateOf(d.midnight().AddDate(0, 0, n)) }

// DaysUntil returns how many days o lies after d. It counts in seconds, because a
// time.Duration ends after 292 years.
func (d Date) DaysUntil(o Date) int {
	return int((o.midnight().Unix() - d.midnight().Unix()) / (24 * 60 * 60))
}

// Before reports whether d lies before o.
func (d Date) Before(o Date) bool { return d.midnight().Before(o.midnight()) }

// After reports whether d lies after o.
func (d Date) After(o Date) bool { return o.Before(d) }

// Compare orders days; it is for sorting.
func (d Date) Compare(o Date) int { return d.midnight().Compare(o.midnight()) }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

// EndOfMonth returns the last day of d's month.
func (d Date) EndOfMonth() Date { return Date{d.Year, d.Month, DaysIn(d.Year, d.Month)} }

// DaysIn returns the number of days of a month.
func DaysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func (d Date) midnight() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// MarshalText writes YYYY-MM-DD; the zero date is empty.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads YYYY-MM-DD; empty is the zero date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
