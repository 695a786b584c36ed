package civil

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"praxis/domain/fault"
)

// Clock is a time of day on a wall clock, in minutes after midnight. 24:00 is
// the end of a day and only meaningful as the end of an interval.
type Clock int

// EndOfDay is 24:00.
const EndOfDay Clock = 24 * 60

// ParseClock reads HH:MM from 00:00 to 24:00. Fault: "malformed_time".
func ParseClock(s string) (Clock, error) {
	t, err := time.Parse("15:04", s)
	switch {
	case s == EndOfDay.String():
		return EndOfDay, nil
	case err != nil || len(s) != len("15:04"):
		return 0, fault.New(fault.Invalid, "malformed_time", "A time of day must be written as HH:MM, from 00:00 to 24:00.")
	}
	return Clock(t.Hour()*60 + t.Minute()), nil
}

// MustClock is ParseClock for constants; it panics on a malformed time.
func MustClock(s string) Clock { return fault.Must(ParseClock(s)) }

// String returns HH:MM.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText writes HH:MM.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads HH:MM.
func (c *Clock) UnmarshalText(b []byte) error {
	v, err := ParseClock(string(b))
	if err != nil {
		return err
	}
	*c = v
	return nil
}

// The years whose changes of the clock Rules looks at.
const rulesFrom, rulesUntil = 2020, 2038

// Rules names the rules of a zone: a hash over every change of its clock from 2020
// to 2037. Two machines, two releases of Go or two versions of the tz database name
// them alike exactly when every wall clock of these years means the same instant
// on both. The name of the database's release would say less: the operating
// system's copy is used where there is one, and Go does not tell which it read.
func Rules(zone *time.Location) string {
	h := sha256.New()
	end := time.Date(rulesUntil, 1, 1, 0, 0, 0, 0, time.UTC)
	const none = 1 << 30
	last := none
	for at := time.Date(rulesFrom, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end); {
		if _, offset := at.In(zone).Zone(); offset != last {
			fmt.Fprintln(h, at.Unix(), offset)
			last = offset
		}
		_, next := at.In(zone).ZoneBounds()
		if next.IsZero() {
			break
		}
		if !next.After(at) {
			// Go ends the last day of a leap year where it begins.
			next = at.Add(time.Hour)
		}
		at = next
	}
	return "rules-" + hex.EncodeToString(h.Sum(nil)[:6])
}

// At returns the instant at which zone's wall clock shows c on d. A wall-clock
// time that happens twice means the earlier instant; one that is skipped moves
// forward by the gap (RFC 5545 §3.3.5). This is the only place in Praxis where
// a wall clock becomes an instant: time.Date promises neither reading.
func At(d Date, c Clock, zone *time.Location) time.Time {
	naive := d.midnight().Add(time.Duration(c) * time.Minute)
	// The offsets in force a day before and after bracket every transition near naive.
	_, before := naive.Add(-24 * time.Hour).In(zone).Zone()
	_, after := naive.Add(24 * time.Hour).In(zone).Zone()
	early := naive.Add(-time.Duration(max(before, after)) * time.Second)
	late := naive.Add(-time.Duration(min(before, after)) * time.Second)
	for _, t := range [...]time.Time{early, late} {
		if _, off := t.In(zone).Zone(); t.Add(time.Duration(off) * time.Second).Equal(naive) {
			return t.UTC()
		}
	}
	// Skipped: read it with the offset in force before the gap, which lands after it.
	return naive.Add(-time.Duration(before) * time.Second).UTC()
}
