package eventstore_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/internal/logtest"
)

// TestStore_EveryCallerIsAnsweredWhenTheServerDies kills the server under many
// callers at once. Of a bare client's callers most would hang for good; here
// each must be told, and goleak finds what would stay behind.
func TestStore_EveryCallerIsAnsweredWhenTheServerDies(t *testing.T) {
	const callers, deaths = 64, 15
	srv := startServer(t)
	said := &logtest.Buffer{}
	s, err := eventstore.Open(eventstore.Config{
		Socket: srv.node.Address(),
		Logger: slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	for range deaths {
		require.NoError(t, s.Ping(t.Context()))
		var calling, told sync.WaitGroup
		calling.Add(callers)
		ends := make([]error, callers)
		for c := range callers {
			told.Go(func() {
				stream := newStream()
				for n := 0; ends[c] == nil; n++ {
					_, ends[c] = s.Append(t.Context(), stream, es.At(es.Revision(n-1)), proposals(1, 100))
					if n == 0 {
						calling.Done()
					}
				}
			})
		}
		calling.Wait()
		srv.stop(t)
		told.Wait()
		for _, end := range ends {
			require.True(t, errors.Is(end, es.ErrOutcomeUnknown) || errors.Is(end, es.ErrStoreUnavailable), "%v", end)
			require.NotErrorIs(t, end, context.DeadlineExceeded, "the answer came from the connection, not from running out of patience")
		}
		srv.start(t)
	}
	require.Contains(t, said.String(), "the connection to the event store fails and is tried again")
	require.Contains(t, said.String(), "unexpected exception", "the client announces what it is about to do")
	require.NotContains(t, said.String(), "starting a new discovery process", "the client never gets to do it")
}
