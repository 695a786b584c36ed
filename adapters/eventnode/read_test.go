package eventnode_test

import (
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
)

// drain receives a read to its end.
func drain(t testing.TB, stream *esdb.ReadStream, err error) []*esdb.RecordedEvent {
	t.Helper()
	require.NoError(t, err)
	defer stream.Close()
	var events []*esdb.RecordedEvent
	for {
		received, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return events
		}
		require.NoError(t, err)
		require.Nil(t, received.Link)
		require.Equal(t, received.Event.Position.Commit, *received.Commit)
		events = append(events, received.Event)
	}
}

func readAll(t testing.TB, client *esdb.Client, options esdb.ReadAllOptions, count uint64) []*esdb.RecordedEvent {
	t.Helper()
	stream, err := client.ReadAll(t.Context(), options, count)
	return drain(t, stream, err)
}

func readStream(t testing.TB, client *esdb.Client, name string, options esdb.ReadStreamOptions, count uint64) []*esdb.RecordedEvent {
	t.Helper()
	stream, err := client.ReadStream(t.Context(), name, options, count)
	return drain(t, stream, err)
}

func positions(events []*esdb.RecordedEvent) []uint64 {
	var found []uint64
	for _, e := range events {
		found = append(found, e.Position.Commit)
	}
	return found
}

func revisions(events []*esdb.RecordedEvent) []uint64 {
	var found []uint64
	for _, e := range events {
		found = append(found, e.EventNumber)
	}
	return found
}

func TestReadsGiveBackWhatWasAppended(t *testing.T) {
	instant := time.Date(2026, 5, 6, 7, 8, 9, 123_456_700, time.UTC)
	client := connect(t, openNode(t, func(c *eventnode.Config) { c.Clock = func() time.Time { return instant } }))
	json := event("invoice.issued", `{"total":12}`)
	binary := esdb.EventData{EventID: event("", "").EventID, EventType: "scan", ContentType: esdb.ContentTypeBinary, Data: []byte{0, 1, 255}}
	_, err := client.AppendToStream(t.Context(), "invoice-1", esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, json, binary)
	require.NoError(t, err)

	read := readStream(t, client, "invoice-1", esdb.ReadStreamOptions{From: esdb.Start{}}, 10)
	require.Len(t, read, 2)
	require.Equal(t, esdb.RecordedEvent{
		EventID: json.EventID, EventType: "invoice.issued", ContentType: "application/json", StreamID: "invoice-1",
		EventNumber: 0, Position: esdb.Position{Commit: 1, Prepare: 1}, CreatedDate: instant,
		Data: []byte(`{"total":12}`), UserMetadata: []byte(`{"actor":"test"}`),
		SystemMetadata: map[string]string{"type": "invoice.issued", "created": "17780512891234567", "content-type": "application/json"},
	}, *read[0])
	require.Equal(t, "application/octet-stream", read[1].ContentType)
	require.Equal(t, []byte{0, 1, 255}, read[1].Data)
	require.Empty(t, read[1].UserMetadata)
}

func TestReadAllFromEveryKindOfPosition(t *testing.T) {
	client := openClient(t)
	seed(t, client, "a", 3)
	seed(t, client, "b", 3)
	at := func(commit, prepare uint64) esdb.Position { return esdb.Position{Commit: commit, Prepare: prepare} }
	cases := []struct {
		name      string
		direction esdb.Direction
		from      esdb.AllPosition
		count     uint64
		wanted    []uint64
	}{
		{"forwards from the start", esdb.Forwards, esdb.Start{}, 100, []uint64{1, 2, 3, 4, 5, 6}},
		{"forwards includes the position", esdb.Forwards, at(4, 4), 100, []uint64{4, 5, 6}},
		{"forwards from a pair before the event at commit", esdb.Forwards, at(4, 2), 100, []uint64{4, 5, 6}},
		{"forwards from beyond the end", esdb.Forwards, at(70, 70), 100, nil},
		{"forwards from the end", esdb.Forwards, esdb.End{}, 100, nil},
		{"forwards with a count", esdb.Forwards, at(2, 2), 3, []uint64{2, 3, 4}},
		{"forwards with a count of nothing", esdb.Forwards, esdb.Start{}, 0, nil},
		{"backwards from the end", esdb.Backwards, esdb.End{}, 100, []uint64{6, 5, 4, 3, 2, 1}},
		{"backwards excludes the position", esdb.Backwards, at(4, 4), 100, []uint64{3, 2, 1}},
		{"backwards from beyond the end", esdb.Backwards, at(70, 70), 100, []uint64{6, 5, 4, 3, 2, 1}},
		{"backwards from the largest position", esdb.Backwards, at(math.MaxUint64, math.MaxUint64), 2, []uint64{6, 5}},
		{"backwards from the start", esdb.Backwards, esdb.Start{}, 100, nil},
		{"backwards with a count", esdb.Backwards, esdb.End{}, 2, []uint64{6, 5}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.wanted, positions(readAll(t, client, esdb.ReadAllOptions{Direction: c.direction, From: c.from}, c.count)))
		})
	}
	t.Run("a commit before its prepare is refused", func(t *testing.T) {
		stream, err := client.ReadAll(t.Context(), esdb.ReadAllOptions{From: at(2, 4)}, 1)
		require.NoError(t, err)
		_, err = stream.Recv()
		require.ErrorContains(t, err, "the commit position must not be less than the prepare position")
	})
}

func TestReadStreamFromEveryKindOfRevision(t *testing.T) {
	client := openClient(t)
	seed(t, client, "other", 2)
	seed(t, client, "s", 5)
	seed(t, client, "s-1", 2)
	cases := []struct {
		name      string
		direction esdb.Direction
		from      esdb.StreamPosition
		count     uint64
		wanted    []uint64
	}{
		{"forwards from the start", esdb.Forwards, esdb.Start{}, 100, []uint64{0, 1, 2, 3, 4}},
		{"forwards includes the revision", esdb.Forwards, esdb.Revision(3), 100, []uint64{3, 4}},
		{"forwards from beyond the end is empty, not an error", esdb.Forwards, esdb.Revision(5), 100, nil},
		{"forwards with a count", esdb.Forwards, esdb.Revision(1), 2, []uint64{1, 2}},
		{"backwards from the end", esdb.Backwards, esdb.End{}, 100, []uint64{4, 3, 2, 1, 0}},
		{"backwards includes the revision", esdb.Backwards, esdb.Revision(2), 100, []uint64{2, 1, 0}},
		{"backwards from beyond the end starts at the last event", esdb.Backwards, esdb.Revision(99), 2, []uint64{4, 3}},
		{"backwards from the start is the first event", esdb.Backwards, esdb.Start{}, 100, []uint64{0}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			read := readStream(t, client, "s", esdb.ReadStreamOptions{Direction: c.direction, From: c.from}, c.count)
			require.Equal(t, c.wanted, revisions(read))
		})
	}
	t.Run("a stream nobody wrote to is not found", func(t *testing.T) {
		stream, err := client.ReadStream(t.Context(), "missing", esdb.ReadStreamOptions{From: esdb.Start{}}, 1)
		require.NoError(t, err)
		_, err = stream.Recv()
		requireCode(t, esdb.ErrorCodeResourceNotFound, err)
	})
	t.Run("forwards from the end is refused", func(t *testing.T) {
		stream, err := client.ReadStream(t.Context(), "s", esdb.ReadStreamOptions{From: esdb.End{}}, 1)
		require.NoError(t, err)
		_, err = stream.Recv()
		requireCode(t, esdb.ErrorCodeUnknown, err)
		require.ErrorContains(t, err, "cannot be read forwards from its end")
	})
}

func TestReadsSpanPages(t *testing.T) {
	client := openClient(t)
	const total = 9000 // more than two pages of events
	for range total / 1000 {
		batch := make([]esdb.EventData, 1000)
		for i := range batch {
			batch[i] = event("paged", "{}")
		}
		_, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, batch...)
		require.NoError(t, err)
	}
	wanted := make([]uint64, total)
	for i := range wanted {
		wanted[i] = uint64(i)
	}
	require.Equal(t, wanted, revisions(readStream(t, client, "s", esdb.ReadStreamOptions{From: esdb.Start{}}, math.MaxUint64)))
	require.Equal(t, wanted, revisions(readAll(t, client, esdb.ReadAllOptions{From: esdb.Start{}}, math.MaxUint64)))
	subscription, err := client.SubscribeToStream(t.Context(), "s", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	require.NoError(t, err)
	require.Len(t, steps(t, subscription), total+1)
	require.NoError(t, subscription.Close())
	require.Len(t, steps(t, subscribeAll(t, client, esdb.SubscribeToAllOptions{From: esdb.Start{}})), total+1)
	slices.Reverse(wanted)
	require.Equal(t, wanted, revisions(readStream(t, client, "s", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, math.MaxUint64)))
	require.Equal(t, wanted, revisions(readAll(t, client, esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, math.MaxUint64)))
}
