package es

import "iter"

// The zero Position stands before every event: stores of Praxis never place an
// event there. Reading after it reads from the beginning.

// Signal is one message of a subscription: exactly one of its fields is set.
type Signal struct {
	// Event is the next event in the order of all events.
	Event *Recorded
	// Checkpoint is a position up to which no further event of the subscribed
	// categories exists; it only helps an idle reader to advance.
	Checkpoint *Position
	// CaughtUp says that everything recorded so far was delivered; it can repeat.
	CaughtUp bool
}

// Feed is a subscription: signals until the reader stops, its context ends, or
// one terminal error in the second value.
type Feed = iter.Seq2[Signal, error]
