package engine_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode/engine"
)

// A read of the whole log finds nearly every event in a part of the file that was
// fetched before it came there, however the pages of the log lie in the file.
func TestFetchingAheadFindsTheEventsThatComeNext(t *testing.T) {
	const appends, perAppend, perPage = 800, 10, 256 // of 1 KiB
	e := open(t, t.TempDir())
	for i := range appends {
		batch := events(newIDs(perAppend)...)
		for j := range batch {
			batch[j].Data = bytes.Repeat([]byte("x"), 1<<10)
		}
		_, err := e.Append(t.Context(), engine.Append{Stream: fmt.Sprint("s-", i*7%100), Expected: engine.Any, Events: batch})
		require.NoError(t, err)
	}
	type part struct{ from, to int64 }
	var fetched []part
	found := 0
	for position := uint64(1); position <= appends*perAppend; {
		page, err := e.ReadAll(engine.Forwards, position, math.MaxUint64)
		require.NoError(t, err)
		for _, event := range page.Events {
			offset, err := engine.OffsetOf(e, event.Position)
			require.NoError(t, err)
			if slices.ContainsFunc(fetched, func(p part) bool { return p.from <= offset && offset < p.to }) {
				found++
			}
		}
		position += uint64(len(page.Events))
		from, to := engine.FetchedAhead(e)
		fetched = append(fetched, part{from: from, to: to})
	}
	require.Greater(t, found, (appends*perAppend-perPage)*98/100)
}
