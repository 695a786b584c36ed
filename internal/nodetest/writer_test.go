package nodetest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"praxis/domain/es"
)

// Store is the part of the event store adapter that the node is judged through.
type Store interface {
	Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error)
	ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events
	ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events
	Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed
}

// maxAppend is how many events a writer appends at once, at most.
const maxAppend = 4

// Writer appends to one stream, at the revision it knows. Several writers may
// share a stream: they then lose races and go on behind the winner.
type Writer struct {
	Store  Store
	Ledger *Ledger
	Stream es.Stream
	Random *rand.Rand
}

// Run appends until stop is closed. What it has begun by then it ends: whenever
// the outcome of an append is unknown it repeats that append, with the same ids
// at the same revision, until the node tells. It fails at the first lie, and
// when ctx ends before an outcome is known.
func (w *Writer) Run(ctx context.Context, stop <-chan struct{}) error {
	last := w.Ledger.Acknowledged(w.Stream)
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		events := Propose(1 + w.Random.IntN(maxAppend))
		var err error
		if last, err = w.append(ctx, last, events); err != nil {
			return fmt.Errorf("write to %s: %w", w.Stream, err)
		}
	}
}

// append makes one append until its outcome is known and returns the revision
// that the stream then has.
func (w *Writer) append(ctx context.Context, last es.Revision, events []es.Proposed) (es.Revision, error) {
	for {
		acknowledged := w.Ledger.Acknowledged(w.Stream)
		done, err := w.Store.Append(ctx, w.Stream, es.At(last), events)
		var wrong *es.WrongRevisionError
		switch {
		case err == nil && done.Revision != last+es.Revision(len(events)):
			return 0, fmt.Errorf("an append of %d events behind revision %d ended at revision %d", len(events), last, done.Revision)
		case err == nil:
			return done.Revision, w.Ledger.Acknowledge(w.Stream, events, done)
		case errors.As(err, &wrong):
			if wrong.Actual < acknowledged {
				return 0, fmt.Errorf("the stream is said to end at revision %d, but revision %d was acknowledged", wrong.Actual, acknowledged)
			}
			if wrong.Actual == last {
				return 0, fmt.Errorf("an append behind revision %d is refused because the stream ends at revision %d", last, wrong.Actual)
			}
			return wrong.Actual, w.Ledger.Refuse(events)
		case ctx.Err() != nil:
			return 0, fmt.Errorf("the outcome of an append is still unknown: %w", err)
		case !errors.Is(err, es.ErrOutcomeUnknown) && !errors.Is(err, es.ErrStoreUnavailable) && !errors.Is(err, es.ErrStoreRefusesWrites):
			return 0, err
		}
	}
}
