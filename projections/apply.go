package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/quarantine"
	"praxis/projections/rows"
)

// applier commits events to one projection for its holder: a lane that follows the
// log, or a rebuild.
type applier struct {
	runner    *Runner
	projector Projector
	// build names the rows that it writes.
	build string
	// at is where its holder last saw the projection.
	at checkpoint
	// relaxed lets commits return before they are on disk.
	relaxed bool
	// adopt finds out where the projection is when it is not at at; an error says
	// that it is no longer its holder's to move.
	adopt func(context.Context) error
	// applied is told of every commit.
	applied func(events int, last es.Recorded, took time.Duration)
	// parks says that an event which cannot be applied is parked; otherwise it stops the
	// projection.
	parks bool
	aside
	// broken counts the transactions in a row that broke their connection.
	broken int
	// memory is what is known of the rows as they are at the checkpoint known; nil for
	// nothing.
	memory *rows.Memory
	known  checkpoint
}

// consumes lists the categories of the projector and, where something can be parked, the
// decisions about what is left out.
func (a *applier) consumes() []es.Category {
	categories := slices.Clone(a.projector.Categories())
	if a.parks {
		categories = append(categories, quarantine.Category)
	}
	return categories
}

// Rows are remembered between transactions: many in a rebuild, whose next
// events are about them, and few in the live run.
const (
	rememberedLive     = 2_000
	rememberedRebuilds = 100_000
)

// stoppedError says that the projection was stopped at an event.
type stoppedError struct{ failure Failure }

// Error returns the failure as one line.
func (s *stoppedError) Error() string { return s.failure.String() }

// again reports whether applying the same events once more may succeed.
func again(err error) bool { return transient(err) || errors.Is(err, errBroken) }

// apply commits events to the projection, each exactly once, in as few
// transactions as possible. After an error for which again holds it can be called
// with the same events; those that were committed are left out. An event that cannot be
// applied is parked: it and what comes later in its stream wait, and everything else goes
// on. Where the database is to blame, or the holder does not park, everything before it is
// committed, the projection stops exactly there, and a stoppedError is returned.
func (a *applier) apply(ctx context.Context, items []*item) error {
	for size := len(items); ; {
		if items = unseen(items, a.at.position); len(items) == 0 {
			return nil
		}
		if a.special(items[0]) {
			if err := a.orAdopt(ctx, a.passOver(ctx, items[0])); err != nil {
				return err
			}
			continue
		}
		b, n, cause := a.prepare(items[:min(size, a.plain(items))])
		if n == 0 {
			if err := a.orAdopt(ctx, a.fail(ctx, items[0], cause)); err != nil {
				return err
			}
			continue
		}
		last := items[n-1].Recorded
		started := a.runner.Clock()
		err := write(ctx, a.runner.Pool, a.build, b, moveOver(a.at, items[:n]), a.relaxed)
		switch {
		case err == nil:
			a.at.position, a.broken = last.Position, 0
			a.memory, a.known = b.Committed(), a.at
			a.applied(n, last, a.runner.Clock().Sub(started))
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errMoved):
			if err := a.adopt(ctx); err != nil {
				return err
			}
		case transient(err):
			return err
		case errors.Is(err, errBroken) && a.broken < brokenTries:
			a.broken++
			return err
		case n > 1:
			// One of these events is refused; halving shows which.
			size = n / 2
		default:
			if err := a.orAdopt(ctx, a.fail(ctx, items[0], err)); err != nil {
				return err
			}
			size = len(items)
		}
	}
}

// orAdopt finds out where the projection is if a step found it elsewhere.
func (a *applier) orAdopt(ctx context.Context, err error) error {
	if errors.Is(err, errMoved) {
		return a.adopt(ctx)
	}
	return err
}

// fail parks an event that cannot be applied, or stops the projection at it.
func (a *applier) fail(ctx context.Context, it *item, cause error) error {
	if a.parks && isOfEvent(cause) {
		return a.park(ctx, it, cause)
	}
	return a.stop(ctx, it.Recorded, cause)
}

// unseen drops the events that the checkpoint already covers.
func unseen(items []*item, at es.Position) []*item {
	for len(items) > 0 && !at.Before(items[0].Recorded.Position) {
		items = items[1:]
	}
	return items
}

// stop stops the line: the build stays at its checkpoint, before the event that
// failed, until somebody resumes or rebuilds the projection.
func (a *applier) stop(ctx context.Context, at es.Recorded, cause error) error {
	f := describe(cause, at, a.runner.Clock())
	if err := stopRowAt(ctx, a.runner.Pool, a.build, a.at, f); err != nil {
		return err
	}
	if a.build != Build(a.projector) {
		return &stoppedError{f} // whatever is read goes on
	}
	a.runner.Logger.ErrorContext(ctx, "projection stopped", "projection", a.projector.Name(), "failure", f.String(), "stack", f.Stack)
	a.runner.Observer.Stopped(a.projector.Name(), f)
	a.runner.signal.send()
	return &stoppedError{f}
}

// prepare has the projector project items, in order, up to the first that cannot
// be projected. n says how many are, and err why the next one is not.
func (a *applier) prepare(items []*item) (b *rows.Batch, n int, err error) {
	if a.memory == nil || a.known != a.at {
		limit := rememberedLive
		if a.relaxed {
			limit = rememberedRebuilds
		}
		// Before the first event there are no rows.
		a.memory = rows.NewMemory(a.build, limit, a.at.position == es.Position{})
	}
	b = a.memory.Batch()
	// Until the transaction is known to be committed, the memory may be wrong.
	a.memory = nil
	for n < len(items) {
		if err := project(a.projector, b, items[n]); err != nil {
			return b, n, err
		}
		n++
	}
	return b, n, nil
}

// project projects one event, or none of it. A panic of the projector is a failure
// of this projection at this event, not the end of the whole process.
func project(p Projector, b *rows.Batch, it *item) (err error) {
	if it.Err != nil {
		return it.Err
	}
	noted := b.Len()
	defer func() {
		if err != nil {
			b.Truncate(noted)
		}
	}()
	defer panicked(&err)
	return p.Project(b, it.Envelope)
}

// panicked makes an error of a panic. It is to be deferred.
func panicked(err *error) {
	if v := recover(); v != nil {
		*err = errPanicked.Because(fault.Recovered(v))
	}
}

// write commits rows and checkpoint in one transaction. The compare-and-set of
// the checkpoint comes first: it locks the row, so a writer that was overtaken
// fails with errMoved before it touches any table. relaxed lets the commit
// return before it is on disk; a crash then loses rows and checkpoint together. also is
// done in the same transaction, after the rows.
func write(ctx context.Context, pool *pgxpool.Pool, build string, b *rows.Batch, m move, relaxed bool, also ...func(context.Context, pgx.Tx) error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", errConnection, err)
	}
	defer conn.Release()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := begin(ctx, tx, build, b, m, relaxed); err != nil {
			return err
		}
		if err := writeRows(ctx, tx, b); err != nil {
			return err
		}
		for _, f := range also {
			if err := f(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errMoved) && conn.Conn().IsClosed() {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	return err
}

// advance moves the checkpoint over a stretch without events.
func (a *applier) advance(ctx context.Context, to es.Position) error {
	err := write(ctx, a.runner.Pool, a.build, rows.NewMemory("", 0, false).Batch(), move{from: a.at, to: to}, a.relaxed)
	if errors.Is(err, errMoved) {
		return a.adopt(ctx)
	}
	if err == nil {
		if a.known == a.at {
			a.known.position = to
		}
		a.at.position = to
		a.runner.signal.send()
	}
	return err
}

// writeRows writes the rows. A panic of a step is a failure at one of the events.
func writeRows(ctx context.Context, tx pgx.Tx, b *rows.Batch) (err error) {
	defer panicked(&err)
	return b.Write(ctx, tx)
}

// begin sends, in one round trip, what must hold before the first row, where
// tables are found and that the checkpoint is where it was, and loads the rows that
// must be known. Rows are found by their keys, however few there were when the plan
// was made.
func begin(ctx context.Context, tx pgx.Tx, build string, rows *rows.Batch, m move, relaxed bool) error {
	b := &pgx.Batch{}
	b.Queue("select set_config('search_path', $1, true), set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)",
		build+", pg_temp")
	if relaxed {
		b.Queue("set local synchronous_commit = off")
		b.Queue("set local statement_timeout = 0")
	}
	before := b.Len()
	b.Queue(moveRow, m.args(build)...)
	m.queueDigest(b, build)
	rows.Load(b)
	results := tx.SendBatch(ctx, b)
	for range before {
		if _, err := results.Exec(); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	tag, err := results.Exec()
	if err := errors.Join(err, results.Close()); err != nil {
		return fmt.Errorf("move checkpoint of %s and load rows: %w", build, err)
	}
	if tag.RowsAffected() == 0 {
		return errMoved
	}
	return nil
}
