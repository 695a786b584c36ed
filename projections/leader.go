package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The timing of leadership: how often a standby asks for it, how long a quiet
// connection goes unproved, and how long a proof may take.
const (
	standbyPoll   = 250 * time.Millisecond
	proveInterval = time.Second
	proveTimeout  = 5 * time.Second
)

// tryLock takes a session-level advisory lock by name, if it is free. It lasts
// as long as the connection, so it cannot be left behind by a dead process.
const tryLock = "select pg_try_advisory_lock(hashtextextended($1, 0))"

// leaderLock is the name of the lock that the one live runner holds.
const leaderLock = "praxis.projections.leader"

// dial opens a connection outside the pool: a lock must not share it with work.
func (r *Runner) dial(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, r.Pool.Config().ConnConfig)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConnection, err)
	}
	return conn, nil
}

// release gives back the locks of a connection and closes it, within a second,
// even when ctx has ended.
func release(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	// The server drops locks some time after the connection; asked, it does so
	// at once. If it cannot be asked, the connection is gone or goes now.
	_, _ = conn.Exec(ctx, "select pg_advisory_unlock_all()")
	_ = conn.Close(ctx)
}

// standBy waits until this process leads.
func standBy(ctx context.Context, conn *pgx.Conn) error {
	for {
		var leads bool
		if err := conn.QueryRow(ctx, tryLock, leaderLock).Scan(&leads); err != nil {
			return fmt.Errorf("ask for leadership: %w", err)
		}
		if leads {
			break
		}
		if err := sleep(ctx, standbyPoll); err != nil {
			return err
		}
	}
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return fmt.Errorf("listen for changes of status: %w", err)
	}
	return nil
}

// watch passes on announced changes until the connection, and leadership with
// it, is lost. A quiet connection is proved every second, so that a half-open
// one does not lead for ever; the proof also finds out whether the database was emptied.
func watch(ctx context.Context, conn *pgx.Conn, changed func(projection string)) error {
	for {
		wait, cancel := context.WithTimeout(ctx, proveInterval)
		n, err := conn.WaitForNotification(wait)
		cancel()
		switch {
		case err == nil:
			changed(n.Payload)
			continue
		case ctx.Err() != nil:
			return ctx.Err()
		case conn.IsClosed():
			return fmt.Errorf("lost leadership: %w: %w", errConnection, err)
		}
		prove, cancel := context.WithTimeout(ctx, proveTimeout)
		_, err = conn.Exec(prove, "select from praxis.projection limit 0")
		cancel()
		if isForgotten(err) {
			return errForgotten
		}
		if err != nil {
			return fmt.Errorf("lost leadership: %w: %w", errConnection, err)
		}
	}
}
