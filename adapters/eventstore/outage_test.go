package eventstore_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/id"
)

// server is a node that can be stopped and started again on its data.
type server struct {
	config eventnode.Config
	node   *eventnode.Node
}

func startServer(t *testing.T) *server {
	t.Helper()
	// The path of a socket must be short, and its directory closed to others.
	dir, err := os.MkdirTemp("", "es") //nolint:usetesting // t.TempDir names the test, too long for a socket.
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	s := &server{config: eventnode.Config{Dir: t.TempDir(), Socket: filepath.Join(dir, "s")}}
	s.start(t)
	return s
}

func (s *server) start(t *testing.T) {
	t.Helper()
	s.node = startNodeAt(t, s.config)
}

func (s *server) stop(t *testing.T) {
	t.Helper()
	stopNode(t, s.node)
}

func (s *server) open(t testing.TB) *eventstore.Store {
	t.Helper()
	return openSocket(t, s.node)
}

func newStream() es.Stream { return es.StreamOf("chart", id.New[id.Group]()) }

func proposals(n, size int) []es.Proposed {
	events := make([]es.Proposed, n)
	for i := range events {
		events[i] = es.Proposed{ID: id.New[id.Event](), Type: "chart.opened", Data: make([]byte, size), Metadata: []byte(`{}`)}
	}
	return events
}

func idsOf(t *testing.T, events es.Events) []id.Event {
	t.Helper()
	var ids []id.Event
	for e, err := range events {
		require.NoError(t, err)
		ids = append(ids, e.ID)
	}
	return ids
}

func TestStore_IsUsableAgainAfterAnOutage(t *testing.T) {
	ctx := t.Context()
	srv := startServer(t)
	s := srv.open(t)
	stream, first, second := newStream(), proposals(2, 10), proposals(1, 10)
	_, err := s.Append(ctx, stream, es.At(es.NoStream), first)
	require.NoError(t, err)
	witness := spawn(t, "bare client", socketVariable+"="+srv.config.Socket)
	require.Equal(t, "ok", witness.asked(t, "use"))

	srv.stop(t)
	require.Equal(t, "closed", witness.asked(t, "use until closed"), "the outage outlasts a bare client")
	require.ErrorIs(t, s.Ping(ctx), es.ErrStoreUnavailable)
	_, err = s.Append(ctx, stream, es.At(1), second)
	require.ErrorIs(t, err, es.ErrStoreUnavailable, "nothing can have been sent")
	for _, err := range s.ReadStream(ctx, stream, 0) {
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
	}
	for _, err := range s.ReadAll(ctx, []es.Category{"chart"}, es.Position{}) {
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
	}
	for _, err := range s.Subscribe(ctx, []es.Category{"chart"}, es.Position{}) {
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
	}

	srv.start(t)
	_, err = s.Append(ctx, stream, es.At(1), second)
	require.NoError(t, err, "the first use after the server is back succeeds")
	want := []id.Event{first[0].ID, first[1].ID, second[0].ID}
	require.Equal(t, want, idsOf(t, s.ReadStream(ctx, stream, 0)))
	require.Equal(t, want, idsOf(t, s.ReadAll(ctx, []es.Category{"chart"}, es.Position{})))
	var followed []id.Event
	for signal, err := range s.Subscribe(ctx, []es.Category{"chart"}, es.Position{}) {
		require.NoError(t, err)
		if signal.CaughtUp {
			break
		}
		if signal.Event != nil {
			followed = append(followed, signal.Event.ID)
		}
	}
	require.Equal(t, want, followed)
}

func TestStore_MayBeOpenedBeforeItsServer(t *testing.T) {
	srv := startServer(t)
	s := srv.open(t)
	srv.stop(t)
	require.ErrorIs(t, s.Ping(t.Context()), es.ErrStoreUnavailable)
	srv.start(t)
	require.NoError(t, s.Ping(t.Context()))
}

func TestStore_ClosesDuringAnOutage(t *testing.T) {
	srv := startServer(t)
	s := srv.open(t)
	require.NoError(t, s.Ping(t.Context()))
	srv.stop(t)
	var searching sync.WaitGroup
	for range 4 {
		searching.Go(func() {
			for s.Ping(t.Context()) != nil && t.Context().Err() == nil {
				if _, err := s.Append(t.Context(), newStream(), es.AnyRevision, proposals(1, 1)); err != nil {
					return
				}
			}
		})
	}
	s.Close()
	searching.Wait()
	require.ErrorIs(t, s.Ping(t.Context()), es.ErrStoreUnavailable)
}

func TestStore_AReadThatIsCutOffNeverEndsCleanly(t *testing.T) {
	const events, size = 600, 16 << 10
	for name, stop := range map[string]func(*testing.T, *server){
		"by a server that is killed": func(t *testing.T, srv *server) { srv.stop(t) },
		"by a server that closes": func(t *testing.T, srv *server) {
			require.NoError(t, srv.node.Close(context.Background()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := startServer(t)
			s := srv.open(t)
			stream := newStream()
			for at := 0; at < events; at += 20 {
				_, err := s.Append(t.Context(), stream, es.At(es.Revision(at-1)), proposals(20, size))
				require.NoError(t, err)
			}
			var end error
			seen := 0
			for _, err := range s.ReadStream(t.Context(), stream, 0) {
				if end = err; err != nil {
					break
				}
				if seen++; seen == 10 {
					stop(t, srv)
				}
			}
			require.ErrorIs(t, end, es.ErrStoreUnavailable)
			require.Less(t, seen, events)
		})
	}
}

func TestStore_ASubscriptionIsContinuedAfterTheLastEventSeen(t *testing.T) {
	srv := startServer(t)
	s := srv.open(t)
	stream := newStream()
	var want, got []id.Event
	after := es.Position{}
	for round := range 3 {
		events := proposals(5, 10)
		_, err := s.Append(t.Context(), stream, es.At(es.Revision(round*5-1)), events)
		require.NoError(t, err)
		for _, e := range events {
			want = append(want, e.ID)
		}
		var end error
		for signal, err := range s.Subscribe(t.Context(), []es.Category{"chart"}, after) {
			switch {
			case err != nil:
				end = err
			case signal.Event != nil:
				got, after = append(got, signal.Event.ID), signal.Event.Position
			case signal.CaughtUp:
				srv.stop(t)
			}
		}
		require.ErrorIs(t, end, es.ErrStoreUnavailable)
		srv.start(t)
	}
	require.Equal(t, want, got)
}
