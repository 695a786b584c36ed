package projections

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	"praxis/domain/fault"
	parked "praxis/projections/quarantine"
)

// The faults of a rebuild.
var (
	errRebuildRunning = fault.New(fault.Conflict, "rebuild_in_progress", "This projection is already being rebuilt by another process. Wait for it, or end it first.")
	errSuperseded     = fault.New(fault.Conflict, "rebuild_superseded", "Another process took this projection over while it was being rebuilt. Look at `praxis projections status` before trying again.")
)

// Rebuild makes a projection's rows anew from the log. It takes the projection
// over from the live runner, empties its tables, refills them in large
// transactions and hands it back; the other projections go on meanwhile. While
// it runs, readers see the tables fill.
//
// A rebuild that ended early, by kill or by ctx, leaves the projection
// rebuilding; the next call by a program of the same version goes on where the
// last commit was. An event that cannot be applied stops the projection as in
// the live run and is returned as the fault "rebuild_failed". progress, if not
// nil, is called after each transaction. Other faults: "unknown_projection",
// "rebuild_in_progress", "rebuild_superseded".
func (r *Runner) Rebuild(ctx context.Context, name string, progress func(Progress)) error {
	p, err := r.find(name)
	if err != nil {
		return err
	}
	lock, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer release(ctx, lock)
	var free bool
	if err := lock.QueryRow(ctx, tryLock, "praxis.projections.rebuild."+name).Scan(&free); err != nil {
		return fmt.Errorf("lock the rebuild of %s: %w", name, err)
	}
	if !free {
		return errRebuildRunning
	}
	b := newRebuild(r, p, progress)
	if b.meter.total, err = r.EventsKnown(ctx); err != nil {
		return err
	}
	if b.at, b.meter.before, err = r.takeOver(ctx, p); err != nil {
		return err
	}
	if err := b.loadAside(ctx); err != nil {
		return err
	}
	// A rebuild stops at what it cannot apply, and leaves out what was decided.
	b.parked = nil
	if err := b.fill(ctx); err != nil {
		return err
	}
	return b.handBack(ctx)
}

// EventsKnown returns how many events of Praxis the log holds at least: as many as
// the read model that has seen most. Events that came since are not among them.
func (r *Runner) EventsKnown(ctx context.Context) (int, error) {
	rows, err := loadRows(ctx, r.Pool, r.Projectors...)
	most := int64(0)
	for _, at := range rows {
		most = max(most, at.Applied)
	}
	return int(most), err
}

// takeRow keeps the checkpoint of a rebuild that goes on ($3) and clears any other.
const takeRow = `
update praxis.projection
   set status = 'rebuilding', shape = $2, epoch = epoch + 1, last_error = null, updated_at = now(),
       commit_position = case when $3 then commit_position else 0 end,
       prepare_position = case when $3 then prepare_position else 0 end,
       events_applied = case when $3 then events_applied else 0 end,
       last_event_at = case when $3 then last_event_at end, event_commit = case when $3 then event_commit end,
       event_prepare = case when $3 then event_prepare end, event_id = case when $3 then event_id end
 where build = $1`

// takeOver makes the projection this rebuild's, with empty tables and a
// checkpoint before the first event, or where an interrupted rebuild got to after
// so many events. The new epoch makes every earlier holder harmless.
func (r *Runner) takeOver(ctx context.Context, p Projector) (c checkpoint, events int, err error) {
	var at row
	err = pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error {
		isNew, err := ensureRow(ctx, tx, p)
		if err != nil {
			return err
		}
		if at, err = lockRow(ctx, tx, p); err != nil {
			return err
		}
		goesOn := at.State == Rebuilding && at.Shape == shape(p)
		if !goesOn {
			at.Position, at.Applied = es.Position{}, 0
			empty := makeTables
			if !isNew && at.Shape == shape(p) {
				empty = truncate
			}
			if err := errors.Join(empty(ctx, tx, p), parked.Forget(ctx, tx, memberName(p))); err != nil {
				return err
			}
		}
		at.State, at.Epoch = Rebuilding, at.Epoch+1
		_, err = tx.Exec(ctx, takeRow, Build(p), shape(p), goesOn)
		return err
	})
	if err != nil {
		return checkpoint{}, 0, fmt.Errorf("take over projection %s: %w", p.Name(), err)
	}
	return at.checkpoint(), int(at.Applied), nil
}

// Empty has a build begin again, without rows: its program makes it anew from the
// beginning of the log, as one that was never there.
func (r *Runner) Empty(ctx context.Context, build string) error {
	if _, err := r.Pool.Exec(ctx, "delete from praxis.projection where build = $1", build); err != nil {
		return fmt.Errorf("empty the build %s: %w", build, err)
	}
	return nil
}

// truncate empties the tables of a projection.
func truncate(ctx context.Context, tx pgx.Tx, p Projector) error {
	if len(p.Tables()) == 0 {
		return nil
	}
	tables := make([]string, 0, len(p.Tables()))
	for _, t := range p.Tables() {
		tables = append(tables, Table(p, t))
	}
	if _, err := tx.Exec(ctx, "truncate "+strings.Join(tables, ", ")+" restart identity"); err != nil {
		return fmt.Errorf("empty the tables: %w", err)
	}
	return nil
}

const handRow = `
update praxis.projection set status = 'running', epoch = epoch + 1, updated_at = now()` + guard

// handBack gives the projection to the live runner. This commit is on disk when
// it returns, and with it every relaxed one before it.
func (b *rebuild) handBack(ctx context.Context) error {
	name := b.projector.Name()
	return pgx.BeginFunc(ctx, b.runner.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, handRow, guardArgs(Build(b.projector), b.at)...)
		if err != nil {
			return fmt.Errorf("hand back projection %s: %w", name, err)
		}
		if tag.RowsAffected() == 0 {
			return errSuperseded
		}
		return nil
	})
}

// tryLock takes a session-level advisory lock by name, if it is free. It lasts
// as long as the connection, so it cannot be left behind by a dead process.
const tryLock = "select pg_try_advisory_lock(hashtextextended($1, 0))"

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
