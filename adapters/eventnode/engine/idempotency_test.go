package engine_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode/engine"
)

// The stream "s" of every case holds ids 0, 1 and 2, "other" holds id 3; ids
// from 4 on are new. The case ids are those of docs/event-node.md.
func TestExpectedRevisionAndIdempotency(t *testing.T) {
	const wrong = -100 // instead of a revision: *WrongExpectedRevisionError
	cases := []struct {
		id, name string
		stream   string
		expected engine.Expected
		ids      []int
		revision int64 // of the answer
		stored   int   // events of the stream afterwards
		position uint64
	}{
		{"IDM-01", "stream_exists on a stream nobody wrote to is refused", "new", engine.StreamExists, []int{4}, wrong, 0, 0},
		{"IDM-02", "any with an unknown first id appends all, even known ones", "s", engine.Any, []int{4, 1}, 4, 5, 6},
		{"IDM-03", "stream_exists with an unknown first id appends all", "s", engine.StreamExists, []int{4, 1}, 4, 5, 6},
		{"IDM-04", "any with known ids answers the revision of the last id given", "s", engine.Any, []int{0, 1}, 1, 3, 2},
		{"IDM-05", "any with known ids in another order does too", "s", engine.Any, []int{2, 0}, 0, 3, 1},
		{"IDM-06", "stream_exists with known ids does too", "s", engine.StreamExists, []int{1, 2}, 2, 3, 3},
		{"IDM-07", "any with a known first and an unknown later id is refused", "s", engine.Any, []int{0, 4}, wrong, 3, 0},
		{"IDM-08", "any with an id of another stream appends", "s", engine.Any, []int{3}, 3, 4, 5},
		{"IDM-11", "a passed revision with the same ids answers the original", "s", 0, []int{1, 2}, 2, 3, 3},
		{"IDM-12", "no_stream with the same ids answers the original", "s", engine.NoStream, []int{0, 1}, 1, 3, 2},
		{"IDM-13", "a passed revision with another first id is refused", "s", 0, []int{4, 2}, wrong, 3, 0},
		{"IDM-14", "a passed revision with another later id is refused", "s", 0, []int{1, 4}, wrong, 3, 0},
		{"IDM-15", "a passed revision with ids running past the end is refused", "s", 0, []int{1, 2, 4}, wrong, 3, 0},
		{"IDM-16", "a revision beyond the end is refused", "s", 3, []int{4}, wrong, 3, 0},
		{"IDM-16", "a revision of a stream nobody wrote to is refused", "new", 0, []int{4}, wrong, 0, 0},
		{"IDM-17", "the current revision appends", "s", 2, []int{4, 5}, 4, 5, 6},
		{"IDM-17", "the current revision appends even ids known elsewhere in the stream", "s", 2, []int{0}, 3, 4, 5},
		{"IDM-18", "no_stream on a new stream appends at 0", "new", engine.NoStream, []int{4}, 0, 1, 5},
		{"IDM-19", "no events with any answer the current revision", "s", engine.Any, nil, 2, 3, 0},
		{"IDM-19", "no events with any on a new stream answer none", "new", engine.Any, nil, -1, 0, 0},
		{"IDM-20", "no events with stream_exists answer the current revision", "s", engine.StreamExists, nil, 2, 3, 0},
		{"IDM-20", "no events at the current revision answer it", "s", 2, nil, 2, 3, 0},
		{"IDM-20", "no events with no_stream on a new stream answer none", "new", engine.NoStream, nil, -1, 0, 0},
		{"IDM-21", "no events at a passed revision are refused", "s", 1, nil, wrong, 3, 0},
		{"IDM-21", "no events at a revision beyond the end are refused", "s", 3, nil, wrong, 3, 0},
		{"IDM-21", "no events with no_stream on an existing stream are refused", "s", engine.NoStream, nil, wrong, 3, 0},
		{"IDM-23", "one id twice in a request is stored twice", "s", engine.Any, []int{4, 4}, 4, 5, 6},
	}
	for _, c := range cases {
		t.Run(c.id+" "+c.name, func(t *testing.T) {
			e := open(t, t.TempDir())
			pool := newIDs(6)
			appendAll(t, e, "s", pool[0], pool[1], pool[2])
			appendAll(t, e, "other", pool[3])
			var ids []uuid.UUID
			for _, i := range c.ids {
				ids = append(ids, pool[i])
			}
			result, err := e.Append(t.Context(), engine.Append{Stream: c.stream, Expected: c.expected, Events: events(ids...)})
			if c.revision == wrong {
				var refused *engine.WrongExpectedRevisionError
				require.ErrorAs(t, err, &refused)
				require.Equal(t, engine.WrongExpectedRevisionError{Stream: c.stream, Expected: c.expected, Current: int64(c.stored) - 1}, *refused)
			} else {
				require.NoError(t, err)
				require.Equal(t, engine.Result{Revision: c.revision, Position: c.position}, result)
			}
			stored, err := readStream(e, c.stream, 100)
			require.NoError(t, err)
			require.Len(t, stored, c.stored)
		})
	}
}

func TestIdempotencyOverTime(t *testing.T) {
	t.Run("IDM-09 an id written to another stream later is forgotten in the first", func(t *testing.T) {
		e := open(t, t.TempDir())
		id := uuid.New()
		appendAll(t, e, "s", id)
		appendAll(t, e, "other", id)
		require.Equal(t, engine.Result{Revision: 1, Position: 3}, appendAll(t, e, "s", id))
	})
	t.Run("IDM-10 ids of appends without a revision are forgotten at a restart", func(t *testing.T) {
		dir, id := t.TempDir(), uuid.New()
		first, err := engine.Open(engine.Config{Dir: dir})
		require.NoError(t, err)
		require.Equal(t, engine.Result{Revision: 0, Position: 1}, appendAll(t, first, "s", id))
		require.Equal(t, engine.Result{Revision: 0, Position: 1}, appendAll(t, first, "s", id))
		require.NoError(t, first.Close())
		require.Equal(t, engine.Result{Revision: 1, Position: 2}, appendAll(t, open(t, dir), "s", id))
	})
	t.Run("IDM-22 a retry with its revision holds after a restart", func(t *testing.T) {
		dir, ids := t.TempDir(), newIDs(2)
		request := engine.Append{Stream: "s", Expected: engine.NoStream, Events: events(ids...)}
		first, err := engine.Open(engine.Config{Dir: dir})
		require.NoError(t, err)
		original, err := first.Append(t.Context(), request)
		require.NoError(t, err)
		require.NoError(t, first.Close())
		retried, err := open(t, dir).Append(t.Context(), request)
		require.NoError(t, err)
		require.Equal(t, original, retried)
	})
	t.Run("IDM-24 a retry queued behind its original is recognised in any batch", func(t *testing.T) {
		e := open(t, t.TempDir())
		for _, expected := range []engine.Expected{engine.Any, engine.NoStream} {
			request := engine.Append{Stream: "s" + expected.String(), Expected: expected, Events: events(newIDs(3)...)}
			var started []*engine.Pending
			for range 50 {
				pending, err := e.Start(t.Context(), request)
				require.NoError(t, err)
				started = append(started, pending)
			}
			original, err := started[0].Wait(t.Context())
			require.NoError(t, err)
			for _, pending := range started[1:] {
				retried, err := pending.Wait(t.Context())
				require.NoError(t, err)
				require.Equal(t, original, retried)
			}
			stored, err := readStream(e, request.Stream, 100)
			require.NoError(t, err)
			require.Len(t, stored, 3)
		}
	})
}
