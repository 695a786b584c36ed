package projections

import (
	"context"
	"fmt"
	"slices"
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

// working says of builds whether a process holds their lock, see tryLock.
const working = `
select b from unnest($1::text[]) b where exists (select from pg_locks l
 where l.locktype = 'advisory' and l.objsubid = 1 and l.granted and l.database = (select oid from pg_database where datname = current_database())
   and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('praxis.projections.rebuild.' || b, 0))`

// idle are the builds that a rebuild began and that no process works on.
func (r *Runner) idle(ctx context.Context, all []row) (map[string]bool, error) {
	lockOf, locks := map[string]string{}, []string{}
	for _, at := range all {
		if at.State == Building || at.State == Built {
			lockOf[at.Build] = fmt.Sprintf("%s_v%d", at.Name, at.Version)
			locks = append(locks, lockOf[at.Build])
		}
	}
	idle := map[string]bool{}
	if len(locks) == 0 {
		return idle, nil
	}
	// What an error of Query is, the rows say too.
	rows, _ := r.Pool.Query(ctx, working, locks)
	held, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for build, lock := range lockOf {
		idle[build] = !slices.Contains(held, lock)
	}
	if err != nil {
		return nil, fmt.Errorf("ask which rebuilds are at work: %w", err)
	}
	return idle, nil
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
