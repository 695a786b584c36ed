package projections

import "time"

// Observer takes what the runner does, for metrics. Its methods are called from
// several goroutines and must return at once.
type Observer interface {
	// BatchApplied tells that events were committed to a projection in one
	// transaction, and how long that took.
	BatchApplied(projection string, events int, took time.Duration)
	// Retried tells that a transient error made the runner try again. The name is
	// empty for the subscription that all projections share.
	Retried(projection string)
	// Parked tells that an event of a projection is in the quarantine now.
	Parked(projection string, f Failure)
	// Stopped tells that a projection was stopped by a failure.
	Stopped(projection string, f Failure)
	// Swapped tells that rows that were made anew took their place, and for how long
	// readers could be held by that.
	Swapped(projection string, held time.Duration)
}

// unobserved is the Observer of a runner that was given none.
type unobserved struct{}

func (unobserved) BatchApplied(string, int, time.Duration) {}
func (unobserved) Retried(string)                          {}
func (unobserved) Parked(string, Failure)                  {}
func (unobserved) Stopped(string, Failure)                 {}
func (unobserved) Swapped(string, time.Duration)           {}
