package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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

// T is what a check needs of a test; it lets the suite be run against stores
// that are expected to fail it.
type T interface {
	require.TestingT
	Helper()
}

// Check is one thing that every event store must do.
type Check struct {
	// Name says what must hold.
	Name string
	// Run exercises a store that may already hold other streams, on streams of
	// its own.
	Run func(ctx context.Context, t T, s Store)
}

// patience bounds one check; a store that hangs fails instead of stalling the run.
const patience = 2 * time.Minute

// Checks returns the whole suite.
func Checks() []Check {
	return slices.Concat(revisionChecks(), retryChecks(), contentChecks(), readChecks(), orderChecks(), subscriptionChecks(), endChecks())
}

// Run holds the stores that open returns to every check, a store per check.
func Run(t *testing.T, open func(t testing.TB) Store) {
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			s := open(t)
			defer s.Close()
			c.Run(ctx, t, s)
		})
	}
}
