package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/conformance"
)

// Store is what an implementation offers to the suite.
type Store = conformance.Store

// patience bounds one check; a store that hangs fails instead of stalling the run.
const patience = 2 * time.Minute

// Run holds the stores that open returns to every check, a store per check.
func Run(t *testing.T, open func(t testing.TB) Store) {
	for _, c := range conformance.Checks() {
		t.Run(c.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			s := open(t)
			defer s.Close()
			require.Empty(t, c.Run(ctx, s).Failure)
		})
	}
}
