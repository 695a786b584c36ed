package civil

import (
	"time"

	"praxis/domain/fault"
)

// Instant reads an instant that somebody named: UTC, in whole seconds. Every
// command reads the instants that it is given with it, so that what an aggregate
// decides on, what Postgres keeps (microseconds) and what a calendar shows is the
// same. Instants that Praxis itself stamps are finer. Fault:
// "instant_not_whole_seconds".
func Instant(t time.Time) (time.Time, error) {
	if t.Nanosecond() != 0 {
		return time.Time{}, fault.New(fault.Invalid, "instant_not_whole_seconds", "An instant is given in whole seconds, such as 2026-03-02T14:00:00Z. Leave the fraction out.")
	}
	return t.UTC(), nil
}

// Recorded is an instant of an event as every part of Praxis reads it. Events from
// before Instant can be finer than what Postgres keeps; the fold must see what the
// read models see.
func Recorded(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
