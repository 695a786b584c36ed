package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode/engine"
)

// What is fetched ahead of a read are the pages with exactly the events that
// come next, across the borders of inner pages too.
func TestFetchingAheadFindsThePagesThatComeNext(t *testing.T) {
	const events, perAppend, limit = 20_000, 500, 60
	e := open(t, t.TempDir())
	for range events / perAppend {
		appendAll(t, e, "s", newIDs(perAppend)...)
	}
	for position := uint64(1); position <= events; position += 333 {
		leaves, err := engine.LeavesBehind(e, position, limit)
		require.NoError(t, err)
		next := position + 1
		for i, leaf := range leaves {
			if i == 0 {
				require.GreaterOrEqual(t, leaf[0], next)
				require.Less(t, leaf[0], position+100, "the rest of the page that holds the position is in between, not more")
				next = leaf[0]
			}
			for _, key := range leaf {
				require.Equal(t, next, key)
				next++
			}
		}
		if next <= events {
			require.Len(t, leaves, limit)
		}
	}
}
