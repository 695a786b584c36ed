package processes

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/internal/retry"
)

// The timing of leadership: how often a standby asks for it, how often the
// leader proves that its connection still holds, and how long a proof may take.
const (
	standbyPoll   = 250 * time.Millisecond
	proveInterval = time.Second
	proveTimeout  = 5 * time.Second
)

// leaderLock names the session-level advisory lock of the one instance that
// runs the processes. It lasts as long as its connection, so no dead instance
// leaves it behind.
const leaderLock = "praxis.processes.leader"

// Lead implements process.Journal. The lock only avoids wasted work: two
// instances that both believe to lead send the same commands under the same ids,
// and only one of them commits each step.
func (j *Journal) Lead(ctx context.Context, work func(context.Context)) error {
	conn, err := pgx.ConnectConfig(ctx, j.pool.Config().ConnConfig)
	if err != nil {
		return classified("connect for leadership", err)
	}
	defer release(ctx, conn)
	if err := standBy(ctx, conn); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { work(ctx) })
	return prove(ctx, conn)
}

// standBy waits until this instance leads.
func standBy(ctx context.Context, conn *pgx.Conn) error {
	for {
		var leads bool
		if err := conn.QueryRow(ctx, "select pg_try_advisory_lock(hashtextextended($1, 0))", leaderLock).Scan(&leads); err != nil {
			return classified("ask for leadership", err)
		}
		if leads {
			return nil
		}
		if err := retry.Sleep(ctx, standbyPoll); err != nil {
			return err
		}
	}
}

// prove returns once the connection, and leadership with it, is lost.
func prove(ctx context.Context, conn *pgx.Conn) error {
	for {
		if err := retry.Sleep(ctx, proveInterval); err != nil {
			return err
		}
		ping, cancel := context.WithTimeout(ctx, proveTimeout)
		err := conn.Ping(ping)
		cancel()
		if err != nil {
			return fmt.Errorf("lost leadership: %w", classified("prove leadership", err))
		}
	}
}

// release gives back the lock and closes the connection, within a second, even
// when ctx has ended.
func release(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	// If the server cannot be asked, the connection is gone and the lock with it.
	_, _ = conn.Exec(ctx, "select pg_advisory_unlock_all()")
	_ = conn.Close(ctx)
}
