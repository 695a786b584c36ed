package eventnode_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// requireCode checks the client's classification of an error.
func requireCode(t testing.TB, wanted esdb.ErrorCode, err error) {
	t.Helper()
	var failed *esdb.Error
	require.ErrorAs(t, err, &failed)
	require.Equal(t, wanted, failed.Code(), failed.Error())
}

// The stream "s" of every case holds ids 0, 1 and 2; ids from 3 on are new.
// The case ids are those of docs/event-node.md.
func TestAppendThroughTheOfficialClient(t *testing.T) {
	cases := []struct {
		name     string
		stream   string
		expected esdb.ExpectedRevision
		ids      []int
		revision uint64
		position uint64
		conflict string // the client's text of a wrong expected revision
	}{
		{name: "IDM-01 stream_exists on a missing stream", stream: "new", expected: esdb.StreamExists{}, ids: []int{3}, conflict: "expecting 'stream_exists' but got 'no_stream'"},
		{name: "IDM-02 any appends", stream: "s", expected: esdb.Any{}, ids: []int{3, 4}, revision: 4, position: 5},
		{name: "IDM-03 stream_exists appends", stream: "s", expected: esdb.StreamExists{}, ids: []int{3}, revision: 3, position: 4},
		{name: "IDM-04 any repeats the answer", stream: "s", expected: esdb.Any{}, ids: []int{0, 1}, revision: 1, position: 2},
		{name: "IDM-07 any with a half known request", stream: "s", expected: esdb.Any{}, ids: []int{0, 3}, conflict: "expecting 'any' but got '2'"},
		{name: "IDM-11 a revision repeats the answer", stream: "s", expected: esdb.Revision(0), ids: []int{1, 2}, revision: 2, position: 3},
		{name: "IDM-12 no_stream repeats the answer", stream: "s", expected: esdb.NoStream{}, ids: []int{0}, revision: 0, position: 1},
		{name: "IDM-13 a passed revision", stream: "s", expected: esdb.Revision(1), ids: []int{3}, conflict: "expecting '1' but got '2'"},
		{name: "IDM-13 no_stream on an existing stream", stream: "s", expected: esdb.NoStream{}, ids: []int{3}, conflict: "expecting 'no_stream' but got '2'"},
		{name: "IDM-16 a revision beyond the end", stream: "s", expected: esdb.Revision(7), ids: []int{3}, conflict: "expecting '7' but got '2'"},
		{name: "IDM-16 a revision of a missing stream", stream: "new", expected: esdb.Revision(0), ids: []int{3}, conflict: "expecting '0' but got 'no_stream'"},
		{name: "IDM-17 the current revision appends", stream: "s", expected: esdb.Revision(2), ids: []int{3}, revision: 3, position: 4},
		{name: "IDM-18 no_stream appends to a new stream", stream: "new", expected: esdb.NoStream{}, ids: []int{3, 4}, revision: 1, position: 5},
		{name: "IDM-19 nothing to append", stream: "s", expected: esdb.Any{}, revision: 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client := openClient(t)
			pool := make([]esdb.EventData, 5)
			for i := range pool {
				pool[i] = event("tested", fmt.Sprintf(`{"i":%d}`, i))
			}
			_, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, pool[:3]...)
			require.NoError(t, err)
			var events []esdb.EventData
			for _, i := range c.ids {
				events = append(events, pool[i])
			}
			result, err := client.AppendToStream(t.Context(), c.stream, esdb.AppendToStreamOptions{ExpectedRevision: c.expected}, events...)
			if c.conflict != "" {
				requireCode(t, esdb.ErrorCodeWrongExpectedVersion, err)
				require.ErrorContains(t, err, c.conflict)
				return
			}
			require.NoError(t, err)
			require.Equal(t, esdb.WriteResult{NextExpectedVersion: c.revision, CommitPosition: c.position, PreparePosition: c.position}, *result)
		})
	}
}

func TestAppendRefusesWithAReason(t *testing.T) {
	client := openClient(t)
	appendOne := func(stream string, events ...esdb.EventData) error {
		_, err := client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, events...)
		return err
	}
	t.Run("an append over the limit, however it is cut into events", func(t *testing.T) {
		err := appendOne("s", event("large", strings.Repeat(" ", 2<<20)))
		requireCode(t, esdb.ErrorCodeUnknown, err)
		require.ErrorContains(t, err, "exceeds the limit of 1048576 bytes")

		many := make([]esdb.EventData, 3000)
		for i := range many {
			many[i] = event("small", strings.Repeat(" ", 1000))
		}
		require.ErrorContains(t, appendOne("s", many...), "exceeds the limit of 1048576 bytes")
	})
	t.Run("stream metadata", func(t *testing.T) {
		err := appendOne("$$s", event("$metadata", "{}"))
		requireCode(t, esdb.ErrorCodeUnsupportedFeature, err)
		require.ErrorContains(t, err, "does not support stream metadata")
	})
	t.Run("links", func(t *testing.T) {
		err := appendOne("s", event("$>", "0@other"))
		requireCode(t, esdb.ErrorCodeUnsupportedFeature, err)
		require.ErrorContains(t, err, "does not support links")
	})
	t.Run("a write to $all", func(t *testing.T) {
		require.ErrorContains(t, appendOne("$all", event("x", "{}")), "$all is a view of every stream")
	})
	t.Run("an event without a type", func(t *testing.T) {
		require.ErrorContains(t, appendOne("s", event("", "{}")), "an event has no type")
	})
	t.Run("a stream without a name", func(t *testing.T) {
		require.ErrorContains(t, appendOne("", event("x", "{}")), "the stream name is empty")
	})
	t.Run("deletes and tombstones", func(t *testing.T) {
		_, err := client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
		requireCode(t, esdb.ErrorCodeUnsupportedFeature, err)
		_, err = client.TombstoneStream(t.Context(), "s", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
		requireCode(t, esdb.ErrorCodeUnsupportedFeature, err)
	})
	t.Run("persistent subscriptions", func(t *testing.T) {
		err := client.CreatePersistentSubscription(t.Context(), "s", "g", esdb.PersistentStreamSubscriptionOptions{})
		requireCode(t, esdb.ErrorCodeUnsupportedFeature, err)
		require.ErrorContains(t, err, "does not serve event_store.client.persistent_subscriptions.PersistentSubscriptions")
	})
	t.Run("nothing of it was stored", func(t *testing.T) {
		require.Empty(t, readAll(t, client, esdb.ReadAllOptions{From: esdb.Start{}}, 10))
	})
}

func TestSixteenWritersRaceForOneStream(t *testing.T) {
	client := openClient(t)
	const writers, each = 16, 25
	var conflicts atomic.Int64
	var group errgroup.Group
	for range writers {
		group.Go(func() error {
			expected := esdb.ExpectedRevision(esdb.NoStream{})
			for range each {
				mine := event("raced", "{}")
				for {
					result, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: expected}, mine)
					if err == nil {
						expected = esdb.Revision(result.NextExpectedVersion)
						break
					}
					conflicts.Add(1)
					last, err := client.ReadStream(t.Context(), "s", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1)
					if err != nil {
						return err
					}
					newest, err := last.Recv()
					last.Close()
					if err != nil {
						return err
					}
					expected = esdb.Revision(newest.Event.EventNumber)
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	stored := readStream(t, client, "s", esdb.ReadStreamOptions{From: esdb.Start{}}, 10_000)
	require.Len(t, stored, writers*each)
	seen := make(map[uuid.UUID]bool)
	for i, e := range stored {
		require.Equal(t, uint64(i), e.EventNumber)
		require.False(t, seen[e.EventID])
		seen[e.EventID] = true
	}
	require.Positive(t, conflicts.Load())
}
