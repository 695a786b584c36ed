package conformance

import (
	"context"
	"slices"

	"praxis/commands"
	"praxis/projections"
)

// Store is what an implementation offers to the suite: both ports, and an end.
// Close may be called twice.
type Store interface {
	commands.Store
	projections.Source
	Close()
}

// T is what a check needs of its runner; *testing.T is one.
type T interface {
	Helper()
	// Errorf notes a failure.
	Errorf(format string, args ...any)
	// FailNow ends the check's goroutine.
	FailNow()
}

// Check is one thing that every event store must do.
type Check struct {
	// Name says what must hold.
	Name string
	// Run exercises a store that may already hold other streams, and may be
	// written to by others, on streams of its own.
	Run func(ctx context.Context, t T, s Store)
}

// Checks returns the whole suite.
func Checks() []Check {
	return slices.Concat(revisionChecks(), retryChecks(), contentChecks(), readChecks(), orderChecks(), subscriptionChecks(), endChecks())
}
