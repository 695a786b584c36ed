package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/fault"
)

// prepare queues the statements of items, in order, up to the first that cannot
// be projected. n says how many are queued and err why the next one is not.
func prepare(p Projector, items []*item) (b *pgx.Batch, n int, err error) {
	b = &pgx.Batch{}
	for n < len(items) {
		queued := b.Len()
		if err := project(p, b, items[n]); err != nil {
			b.QueuedQueries = b.QueuedQueries[:queued]
			return b, n, err
		}
		// A prepared statement is cached by its text and keeps its parameter
		// types; the comment keeps equal texts of different schemas apart.
		for _, q := range b.QueuedQueries[queued:] {
			q.SQL = "/* " + p.Schema() + " */ " + q.SQL
		}
		n++
	}
	return b, n, nil
}

// project queues one event's statements. A panic of the projector is a failure
// of this projection at this event, not the end of the whole process.
func project(p Projector, b *pgx.Batch, it *item) (err error) {
	if it.err != nil {
		return it.err
	}
	defer func() {
		if v := recover(); v != nil {
			err = errPanicked.Because(fault.Recovered(v))
		}
	}()
	return p.Project(b, it.envelope)
}

// write commits rows and checkpoint in one transaction. The compare-and-set of
// the checkpoint comes first: it locks the row, so a writer that was overtaken
// fails with errMoved before it touches any table. relaxed lets the commit
// return before it is on disk; a crash then loses rows and checkpoint together.
func write(ctx context.Context, pool *pgxpool.Pool, p Projector, b *pgx.Batch, m move, relaxed bool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", errConnection, err)
	}
	defer conn.Release()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := begin(ctx, tx, p, m, relaxed); err != nil {
			return err
		}
		if b.Len() == 0 {
			return nil
		}
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil && !errors.Is(err, errMoved) && conn.Conn().IsClosed() {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	return err
}

// begin sends, in one round trip, what must hold before the first row: where
// tables are found and that the checkpoint is where it was.
func begin(ctx context.Context, tx pgx.Tx, p Projector, m move, relaxed bool) error {
	b := &pgx.Batch{}
	b.Queue("select set_config('search_path', $1, true)", p.Schema()+", pg_temp")
	if relaxed {
		b.Queue("set local synchronous_commit = off")
		b.Queue("set local statement_timeout = 0")
	}
	b.Queue(moveRow, m.args(p.Name())...)
	results := tx.SendBatch(ctx, b)
	for range b.Len() - 1 {
		if _, err := results.Exec(); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	tag, err := results.Exec()
	if err := errors.Join(err, results.Close()); err != nil {
		return fmt.Errorf("move checkpoint of %s: %w", p.Name(), err)
	}
	if tag.RowsAffected() == 0 {
		return errMoved
	}
	return nil
}
