package conformance

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"praxis/commands"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/projections"
)

// Store is what an implementation offers to the suite: the ports, and an end.
// Close may be called twice.
type Store interface {
	commands.Store
	projections.Source
	// EventAt returns the event at a position; ok is false where none has it.
	EventAt(ctx context.Context, at es.Position) (rec es.Recorded, ok bool, err error)
	Close()
}

// Check is one thing that every event store must do.
type Check struct {
	// Name says what must hold.
	Name string
	// run exercises a store that may already hold other streams, and may be
	// written to by others, on streams of its own.
	run func(t *trial)
}

// Checks returns the whole suite.
func Checks() []Check {
	return slices.Concat(revisionChecks(), retryChecks(), contentChecks(), readChecks(), orderChecks(), subscriptionChecks(), endChecks())
}

// Outcome is what came of a check.
type Outcome struct {
	// Failure says what was seen instead of what must hold; empty if it holds.
	Failure string
	// Dropped is how often a subscription was dropped and resumed.
	Dropped int
	// Streams and Events count what the check left behind in the store.
	Streams, Events int
}

// Run holds a store to the check.
func (c Check) Run(ctx context.Context, s Store) Outcome {
	t := &trial{Store: s, ctx: ctx, kept: map[es.Stream]int{}}
	ended := make(chan struct{})
	// A failure ends the goroutine that it is found in.
	go func() {
		defer close(ended)
		defer func() {
			if p := recover(); p != nil {
				t.outcome.Failure = fmt.Sprintf("panicked: %v, at\n%s", p, fault.Recovered(p).Stack)
			}
		}()
		c.run(t)
	}()
	<-ended
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range t.kept {
		t.outcome.Streams++
		t.outcome.Events += n
	}
	return t.outcome
}

// trial is a check at work on a store. It counts what is kept there.
type trial struct {
	Store
	ctx     context.Context
	outcome Outcome

	mu   sync.Mutex
	kept map[es.Stream]int
}

// Append implements commands.Store.
func (t *trial) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	done, err := t.Store.Append(ctx, stream, expected, events)
	if err == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		// A repeated append keeps nothing new: the revision tells.
		t.kept[stream] = max(t.kept[stream], int(done.Revision)+1)
	}
	return done, err
}
