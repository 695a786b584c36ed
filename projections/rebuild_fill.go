package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/retry"
)

// rebuild is one run of a rebuild.
type rebuild struct {
	runner    *Runner
	projector Projector
	progress  func(Progress)
	at        checkpoint
	meter     meter
}

// fill applies the log up to its end, and again what came meanwhile, until so
// little is left that the live runner may have it.
func (b *rebuild) fill(ctx context.Context) error {
	b.meter.started = b.runner.Clock()
	loop := retry.Loop{What: "the rebuild", Logger: b.runner.Logger, Attrs: []any{"projection", b.projector.Name()}}
	for {
		before := b.meter.events
		err := b.pass(ctx)
		done := b.meter.events - before
		switch {
		case err == nil && done < b.runner.RebuildBatchSize:
			return nil
		case err == nil:
			continue
		case ctx.Err() != nil:
			return fmt.Errorf("rebuild %s: %w", b.projector.Name(), ctx.Err())
		case !transient(err) && !mayReturn(err):
			return err
		}
		if done > 0 {
			loop.Worked()
		}
		loop.Failed(loggable(err))
		b.runner.Observer.Retried(b.projector.Name())
		if err := loop.Pause(ctx); err != nil {
			return fmt.Errorf("rebuild %s: %w", b.projector.Name(), err)
		}
	}
}

// pass reads from the checkpoint to the present end of the log. Reading and
// decoding the next transaction's events overlaps with writing the last one's.
// Whatever was read before an error is written, so that a source that keeps
// breaking still gets on.
func (b *rebuild) pass(ctx context.Context) error {
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	work, ended := make(chan []*item, 1), make(chan error, 1)
	go func(after es.Position) {
		defer close(work)
		ended <- b.read(reading, after, work)
	}(b.at.position)
	var failed error
	for items := range work {
		if failed != nil {
			continue
		}
		if failed = b.commit(ctx, items); failed != nil {
			cancel()
		}
	}
	return cmp.Or(failed, <-ended)
}

// read hands over the events after a position, in portions of one transaction.
func (b *rebuild) read(ctx context.Context, after es.Position, work chan<- []*item) error {
	size := b.runner.RebuildBatchSize
	items := make([]*item, 0, size)
	send := func() error {
		select {
		case work <- items:
			items = make([]*item, 0, size)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for rec, err := range b.runner.Source.ReadAll(ctx, b.runner.Categories, after) {
		if err != nil {
			return errors.Join(fmt.Errorf("%w: %w", errLog, err), send())
		}
		if items = append(items, b.runner.decode(rec)); len(items) == size {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}

// mayReturn reports whether an event store that failed may answer again. One
// that refuses, with a fault of another kind, will refuse again.
func mayReturn(err error) bool {
	var refused *fault.Error
	return errors.Is(err, errLog) && (!errors.As(err, &refused) || refused.Kind == fault.Unavailable)
}

// commit writes events in one transaction, or, if one of them is refused, one
// by one up to it.
func (b *rebuild) commit(ctx context.Context, items []*item) error {
	for size, broken := len(items), 0; len(items) > 0; {
		batch, n, cause := prepare(b.projector, items[:min(size, len(items))])
		if n == 0 {
			return b.fail(ctx, items[0].recorded, cause)
		}
		to := items[n-1].recorded.Position
		err := write(ctx, b.runner.Pool, b.projector, batch, moveOver(b.at, items[:n]), true)
		switch {
		case err == nil:
			b.at.position = to
			b.meter.events += n
			if b.progress != nil {
				b.progress(b.meter.at(to, b.runner.Clock()))
			}
			items, broken = items[n:], 0
		case errors.Is(err, errMoved):
			if err := b.confirm(ctx); err != nil {
				return err
			}
			items = unseen(items, b.at.position)
		case transient(err):
			return err
		case errors.Is(err, errBroken) && broken < brokenTries:
			broken++
		case n > 1:
			size = 1
		default:
			return b.fail(ctx, items[0].recorded, err)
		}
	}
	return nil
}

// confirm finds out why the checkpoint was not where this rebuild left it: a
// commit whose answer was lost, or another holder.
func (b *rebuild) confirm(ctx context.Context) error {
	rows, err := loadRows(ctx, b.runner.Pool, b.projector.Name())
	if err != nil {
		return err
	}
	at := rows[b.projector.Name()].checkpoint()
	if at.state != Rebuilding || at.epoch != b.at.epoch {
		return errSuperseded
	}
	b.at = at
	return nil
}

// fail stops the projection at an event that cannot be applied.
func (b *rebuild) fail(ctx context.Context, at es.Recorded, cause error) error {
	f := describe(cause, at, b.runner.Clock())
	if err := stopRowAt(ctx, b.runner.Pool, b.projector.Name(), b.at, f); err != nil {
		return fmt.Errorf("stop the rebuild: %w", err)
	}
	b.runner.Logger.ErrorContext(ctx, "projection stopped", "projection", b.projector.Name(), "failure", f.String(), "stack", f.Stack)
	b.runner.Observer.Stopped(b.projector.Name(), f)
	return fault.New(fault.Internal, "rebuild_failed", "The rebuild stopped at an event: %s", f.String()).With("projection", b.projector.Name())
}
