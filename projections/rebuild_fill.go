package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/follower"
	"praxis/internal/retry"
)

// rebuild is one run of a rebuild.
type rebuild struct {
	applier
	meter meter
}

func newRebuild(r *Runner, p Projector, progress func(Progress)) *rebuild {
	b := &rebuild{}
	b.applier = applier{runner: r, projector: p, relaxed: true, adopt: b.confirm, applied: func(events int, last es.Recorded, _ time.Duration) {
		b.meter.events += events
		if progress != nil {
			progress(b.meter.at(last.Position, r.Clock()))
		}
	}}
	return b
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
		case !again(err) && !mayReturn(err):
			return failed(err, b.projector)
		}
		if done > 0 {
			loop.Worked()
		}
		loop.Failed(Loggable(err))
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
		if failed = b.apply(ctx, items); failed != nil {
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
	for rec, err := range b.runner.Source.ReadAll(ctx, b.projector.Categories(), after) {
		if err != nil {
			return errors.Join(fmt.Errorf("%w: %w", errLog, err), send())
		}
		if items = append(items, follower.Decode(b.runner.Registry, rec)); len(items) == size {
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

// confirm finds out why the checkpoint was not where this rebuild left it: a
// commit whose answer was lost, or another holder.
func (b *rebuild) confirm(ctx context.Context) error {
	rows, err := loadRows(ctx, b.runner.Pool, b.projector)
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

// failed says what became of a rebuild that stopped at an event.
func failed(err error, p Projector) error {
	var stopped *stoppedError
	if errors.As(err, &stopped) {
		return fault.New(fault.Internal, "rebuild_failed", "The rebuild stopped at an event: %s", stopped.Error()).With("projection", p.Name())
	}
	return err
}
