package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/fault"
	"praxis/internal/follower"
	parked "praxis/projections/quarantine"
)

// How long a swap waits for the checkpoint of the rows that are read, which only the live
// run holds, and for their tables. While it waits for the tables, readers queue behind it.
const (
	waitForCheckpoint = 5 * time.Second
	waitForTables     = 50 * time.Millisecond
)

// errFarBehind says that a shadow lacks too much of what is read to be given it within
// the swap.
var errFarBehind = errors.New("the rows are too far behind to be swapped")

var errQuarantined = fault.New(fault.Rejected, "rows_quarantined", "Something waits in the quarantine of the rows that were to take this place, so they lack events. What is read stays as it is.")

// maySwap says why a build must not take the place of the one that is read.
func maySwap(ctx context.Context, tx pgx.Tx, build string) error {
	entries, err := parked.List(ctx, tx, memberPrefix+build)
	if slices.ContainsFunc(entries, func(e parked.Entry) bool { return e.Status == parked.Parked }) {
		return errQuarantined.With("build", build)
	}
	return err
}

// forget removes a build, if it is there.
func (r *Runner) forget(ctx context.Context, build string) error {
	return pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "delete from praxis.projection where build = $1", build)
		return errors.Join(err, dropSchema(ctx, tx, build))
	})
}

// isIn reports whether a commit whose answer was lost came about, which was to give the
// shadow its place and an epoch.
func (s *shadow) isIn(ctx context.Context, epoch int64) (bool, error) {
	live, err := loadRow(ctx, s.runner.Pool, Build(s.projector))
	if err != nil || epoch == 0 || live.Epoch != epoch {
		return false, err
	}
	at, err := loadRow(ctx, s.runner.Pool, s.build)
	return at.Epoch != s.at.epoch, err
}

// swap puts the shadow in the place of what is read, if it gets its locks. The checkpoint of
// what is read is locked first, which holds back the live run but no reader; then the shadow
// is given what it lacks; then the tables that are read are locked, once all have finished
// who read them, and builds change names. It returns the epoch that the shadow has then, 0
// if it did not get there.
func (s *shadow) swap(ctx context.Context) (epoch int64, err error) {
	if old := oldOf(s.projector); s.build != old {
		if err := s.runner.forget(ctx, old); err != nil {
			return 0, err
		}
	}
	conn, err := s.runner.Pool.Acquire(ctx)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errConnection, err)
	}
	defer conn.Release()
	var locking time.Time
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("set local lock_timeout = %d", waitForCheckpoint.Milliseconds())); err != nil {
			return err
		}
		live, err := lockRow(ctx, tx, Build(s.projector))
		if err != nil {
			return err
		}
		if own, err := lockRow(ctx, tx, s.build); err != nil || own.checkpoint() != s.at {
			return errors.Join(err, errSuperseded)
		}
		if err := s.delta(ctx, tx, live); err != nil {
			return err
		}
		if !s.parks {
			if err := maySwap(ctx, tx, s.build); err != nil {
				return err
			}
		}
		epoch = max(live.Epoch, s.at.epoch) + 1
		locking = s.runner.Clock()
		return s.exchange(ctx, tx, epoch)
	})
	if err == nil {
		s.runner.Observer.Swapped(s.projector.Name(), s.runner.Clock().Sub(locking))
	}
	if err != nil && conn.Conn().IsClosed() {
		return epoch, fmt.Errorf("%w: %w", errBroken, err)
	}
	return epoch, err
}

// delta gives the shadow, in the transaction of the swap, what is read and it lacks.
func (s *shadow) delta(ctx context.Context, tx pgx.Tx, live row) error {
	if !s.at.position.Before(live.Position) {
		return nil
	}
	var items []*item
	for rec, err := range s.runner.Source.ReadAll(ctx, s.projector.Categories(), s.at.position) {
		if err != nil {
			return fmt.Errorf("%w: %w", errLog, err)
		}
		if live.Before(rec.Position) {
			break
		}
		if len(items) == s.runner.RebuildBatchSize {
			return errFarBehind
		}
		items = append(items, follower.Decode(s.runner.Registry, rec))
	}
	if s.plain(items) < len(items) {
		return errFarBehind
	}
	batch, n, cause := s.prepare(items)
	m := move{from: s.at}
	if n > 0 {
		m = moveOver(s.at, items[:n])
	}
	m.to = live.Position
	err := begin(ctx, tx, s.build, batch, m, false)
	if err == nil {
		err = writeRows(ctx, tx, batch)
	}
	if n < len(items) || err != nil && !transient(err) {
		// The next filling finds the event that cannot be applied.
		return fmt.Errorf("%w: %w", errFarBehind, errors.Join(cause, err))
	}
	return err
}

const (
	renameRow = `update praxis.projection set build = $2 where build = $1`
	keepRow   = `update praxis.projection set build = $2, status = 'kept', epoch = epoch + 1, updated_at = now() where build = $1`
	liveRow   = `update praxis.projection set build = $2, status = 'running', epoch = $3, last_error = null, updated_at = now() where build = $1`
)

// exchange gives the shadow the name of the build that is read, and that one the name
// under which it is kept. This commit is on disk when it returns, and with it every
// relaxed one before it.
func (s *shadow) exchange(ctx context.Context, tx pgx.Tx, epoch int64) error {
	live := Build(s.projector)
	passing, old := live+"_swap", oldOf(s.projector)
	tables := make([]string, 0, len(s.projector.Tables()))
	for _, t := range s.projector.Tables() {
		tables = append(tables, quoted(live)+"."+quoted(t))
	}
	b := &pgx.Batch{}
	rename := func(from, to string) {
		b.Queue("alter schema " + quoted(from) + " rename to " + quoted(to))
		b.Queue("update praxis.quarantine set follower = $2 where follower = $1", memberPrefix+from, memberPrefix+to)
	}
	b.Queue(fmt.Sprintf("set local lock_timeout = %d", waitForTables.Milliseconds()))
	b.Queue("lock table " + strings.Join(tables, ", ") + " in access exclusive mode")
	rename(s.build, passing)
	b.Queue(renameRow, s.build, passing)
	rename(live, old)
	b.Queue(keepRow, live, old)
	rename(passing, live)
	b.Queue(liveRow, passing, live, epoch)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("swap the rows of %s: %w", s.projector.Name(), err)
	}
	return nil
}
