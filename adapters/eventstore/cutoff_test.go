package eventstore_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/id"
)

// TestStore_AppendsThatAreCutOffAreResolvedByRepeatingThem stops the server
// under writers, again and again. Each writer repeats its append, with the same
// ids at the same revision, until it knows.
func TestStore_AppendsThatAreCutOffAreResolvedByRepeatingThem(t *testing.T) {
	const writers, appends, outages = 8, 150, 3
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	srv := startServer(t)
	s := srv.open(t)
	require.NoError(t, s.Ping(ctx))

	streams := make([]es.Stream, writers)
	kept := make([][]id.Event, writers)
	failures := make([]error, writers)
	progress := make(chan struct{}, writers*appends)
	var work sync.WaitGroup
	for w := range writers {
		streams[w] = newStream()
		work.Go(func() {
			for n := range appends {
				events := proposals(2, 100)
				at := es.At(es.Revision(2*n - 1))
				if err := untilKnown(ctx, s, streams[w], at, events); err != nil {
					failures[w] = err
					return
				}
				kept[w] = append(kept[w], events[0].ID, events[1].ID)
				progress <- struct{}{}
			}
		})
	}
	followed := make(chan map[id.Event]int, 1)
	go func() { followed <- followAll(ctx, s, writers*appends*2) }()

	for range outages {
		for range writers * appends / (outages + 1) {
			select {
			case <-progress:
			case <-ctx.Done():
				require.NoError(t, ctx.Err())
			}
		}
		srv.stop(t)
		srv.start(t)
	}
	work.Wait()
	require.NoError(t, errors.Join(failures...))
	for w, stream := range streams {
		require.Equal(t, kept[w], idsOf(t, s.ReadStream(ctx, stream, 0)), "each event is kept exactly once")
	}
	seen := <-followed
	require.Len(t, seen, writers*appends*2)
	for _, times := range seen {
		require.Equal(t, 1, times, "each event is followed exactly once")
	}
}

// untilKnown repeats an append as long as its outcome is unknown or the store away.
func untilKnown(ctx context.Context, s *eventstore.Store, stream es.Stream, at es.Expected, events []es.Proposed) error {
	for {
		done, err := s.Append(ctx, stream, at, events)
		switch {
		case err == nil && done.Revision != es.Revision(at)+es.Revision(len(events)):
			return errors.New("the append ended at another revision")
		case err == nil:
			return nil
		case ctx.Err() != nil, !errors.Is(err, es.ErrOutcomeUnknown) && !errors.Is(err, es.ErrStoreUnavailable):
			return err
		}
	}
}

// followAll subscribes again after the last event seen until it has n events.
func followAll(ctx context.Context, s *eventstore.Store, n int) map[id.Event]int {
	seen := map[id.Event]int{}
	after := es.Position{}
	for len(seen) < n && ctx.Err() == nil {
		for signal, err := range s.Subscribe(ctx, []es.Category{"chart"}, after) {
			if err != nil {
				break
			}
			if signal.Event != nil {
				seen[signal.Event.ID]++
				after = signal.Event.Position
			}
			if len(seen) == n {
				break
			}
		}
	}
	return seen
}

// deaf accepts connections and never answers, like a network that swallows packets.
func deaf(t *testing.T) (url string) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var conns []net.Conn
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			conns = append(conns, c)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-accepting
		for _, c := range conns {
			_ = c.Close()
		}
	})
	return "esdb://" + listener.Addr().String() + "?tls=false&gossipTimeout=1&maxDiscoverAttempts=1"
}

// TestStore_NoCallOutlivesItsContext uses a server that never answers; the
// client by itself would hold each call for a second.
func TestStore_NoCallOutlivesItsContext(t *testing.T) {
	s, err := eventstore.Open(eventstore.Config{URL: deaf(t)})
	require.NoError(t, err)
	defer s.Close()
	for name, use := range map[string]func(context.Context) error{
		"append": func(ctx context.Context) error {
			_, err := s.Append(ctx, newStream(), es.At(es.NoStream), proposals(1, 1))
			return err
		},
		"read": func(ctx context.Context) error { return lastError(s.ReadStream(ctx, newStream(), 0)) },
		"all": func(ctx context.Context) error {
			return lastError(s.ReadAll(ctx, []es.Category{"chart"}, es.Position{}))
		},
		"tail": s.Ping,
		"subscription": func(ctx context.Context) error {
			for _, err := range s.Subscribe(ctx, []es.Category{"chart"}, es.Position{}) {
				return err
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			err := use(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, es.ErrStoreUnavailable)
		})
	}
}

func lastError(events es.Events) (last error) {
	for _, err := range events {
		last = err
	}
	return last
}
