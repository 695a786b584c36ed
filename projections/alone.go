package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// tryLock takes a session-level advisory lock by name, if it is free. It lasts
// as long as the connection, so it cannot be left behind by a dead process.
const tryLock = "select pg_try_advisory_lock(hashtextextended('praxis.projections.' || $1, 0))"

func locked(ctx context.Context, conn *pgx.Conn, name string) (isFree bool, err error) {
	if err := conn.QueryRow(ctx, tryLock, name).Scan(&isFree); err != nil {
		return false, fmt.Errorf("lock %s: %w", name, err)
	}
	return isFree, nil
}

// alone runs f while no other process rebuilds or rolls back any of the projectors' builds.
// Fault: "rebuild_in_progress".
func (r *Runner) alone(ctx context.Context, projectors []Projector, f func(context.Context) error) error {
	lock, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer release(ctx, lock)
	for _, p := range projectors {
		isFree, err := locked(ctx, lock, "rebuild."+Build(p))
		if err != nil {
			return err
		}
		if !isFree {
			return errRebuildRunning.With("projection", p.Name())
		}
	}
	return f(ctx)
}

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
