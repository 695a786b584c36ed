package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres"
	"praxis/adapters/postgres/pgtest"
	"praxis/internal/runtest"
)

// A connection whose message was cut by the end of a context is closed at once. It
// would be waited for 15 seconds otherwise, by Close, which waits for all of them: the
// server takes the driver's goodbye for the rest of the message, and never answers.
func TestClose_WaitsForNoMessageThatWasCut(t *testing.T) {
	address := pgtest.EmptyURL(t)
	watching, err := postgres.Open(t.Context(), postgres.Config{URL: address})
	require.NoError(t, err)
	defer watching.Close()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: address})
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan error, 1)
	go func() {
		b := &pgx.Batch{}
		b.Queue("select pg_sleep(60)")
		// More than the buffers between the two take while the server sleeps.
		b.Queue("select $1::text", strings.Repeat("x", 64<<20))
		sent <- pool.SendBatch(ctx, b).Close()
	}()
	runtest.Until(t, func(ctx context.Context) (sleeping int) {
		require.NoError(t, watching.QueryRow(ctx, "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'").Scan(&sleeping))
		return sleeping
	}, func(sleeping int) bool { return sleeping == 1 })
	cancel()
	require.ErrorIs(t, <-sent, context.Canceled)

	closed := make(chan struct{})
	go func() { pool.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		require.Fail(t, "the pool waits for a connection on which nothing can come any more")
	}
}
