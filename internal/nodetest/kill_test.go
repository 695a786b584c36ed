package nodetest_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Eight writers, four followers with filters of their own and a reader use one
// node that is killed fifty times. After every kill the whole file is verified
// before it is served again.
func TestNothingIsLostWhenTheNodeIsKilled(t *testing.T) {
	const writers, rounds, longestRound = 8, 50, 120
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	chosen := seed(t)
	random := rand.New(rand.NewPCG(chosen, 99))
	config := ProcessConfig{Dir: t.TempDir(), Socket: socketPath(t), Verify: true}
	node := start(t, config)
	work := StartWorkload(ctx, open(t, config.Socket), chosen, writers)

	for range rounds {
		if work.AwaitAppends(ctx, random.IntN(longestRound)) != nil {
			break // Finish tells why
		}
		// The kill comes at any moment of the appends that are under way.
		<-time.After(time.Duration(random.IntN(3000)) * time.Microsecond)
		require.NoError(t, node.Restart())
	}
	require.NoError(t, work.Finish(ctx))
	appends, _ := work.Ledger.Appends()
	t.Logf("%d appends of %d events in %d rounds", appends, work.Ledger.Events(), rounds)
	for _, follower := range work.Followers {
		_, restarts := follower.Seen()
		require.GreaterOrEqual(t, restarts, 1)
	}
}
