package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// awaitServer returns when a connection works. A server that is only starting
// (its port is closed, or it says it is not ready) is waited for; any other
// failure, such as a wrong password, is final at once.
func awaitServer(ctx context.Context, pool *pgxpool.Pool, wait time.Duration, log *slog.Logger) error {
	bounded, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	poll := time.NewTicker(200 * time.Millisecond)
	defer poll.Stop()
	for announced := false; ; announced = true {
		err := pool.Ping(ctx)
		if err == nil {
			return nil
		}
		if !isStarting(err) {
			return fmt.Errorf("connect to the database: %w", err)
		}
		if !announced {
			log.InfoContext(ctx, "waiting for PostgreSQL to accept connections", "at_most", wait.String())
		}
		select {
		case <-bounded.Done():
			return fmt.Errorf("PostgreSQL did not accept connections within %s: %w", wait, errors.Join(err, ctx.Err()))
		case <-poll.C:
		}
	}
}

func isStarting(err error) bool {
	const cannotConnectNow = "57P03"
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.Code == cannotConnectNow
	}
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist)
}
