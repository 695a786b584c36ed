package es

import "iter"

// The zero Position stands before every event: stores of Praxis never place an
// event there. Reading after it reads from the beginning.

// Signal is one message of a subscription: exactly one of its fields is set.
type Signal struct {
	// Event is the next event in the order of all events.
	Event *Recorded
	// Checkpoint is a position up to which no further event of the subscribed
	// categories exists; it only helps an idle reader to advance. It need not be the
	// position of an event: an EventStoreDB that is catching up names the place after
	// the last one it looked at, with Prepare 0. In the order of positions that lies
	// before any event there, so going on after it loses and repeats nothing.
	Checkpoint *Position
	// CaughtUp says that everything recorded so far was delivered; it can repeat.
	CaughtUp bool
}

// Feed is a subscription: signals until the reader stops, its context ends, or
// one terminal error in the second value.
type Feed = iter.Seq2[Signal, error]
