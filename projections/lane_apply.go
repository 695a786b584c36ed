package projections

import (
	"context"
	"errors"

	"praxis/domain/es"
)

// apply commits events to the projection, each exactly once, in as few
// transactions as possible. It retries transient errors for as long as it
// takes. At an event that cannot be applied it commits everything before it,
// stops the projection exactly there and returns errLeft.
func (l *lane) apply(ctx context.Context, items []*item) error {
	size, broken := len(items), 0
	for {
		if items = unseen(items, l.at.position); len(items) == 0 {
			return nil
		}
		b, n, cause := prepare(l.projector, items[:min(size, len(items))])
		if n == 0 {
			return l.stop(ctx, items[0].recorded, cause)
		}
		last := items[n-1].recorded
		started := l.runner.Clock()
		err := write(ctx, l.runner.Pool, l.projector, b, moveOver(l.at, items[:n]), false)
		switch {
		case err == nil:
			l.at.position = last.Position
			now := l.runner.Clock()
			l.runner.Observer.BatchApplied(l.projector.Name(), n, now.Sub(started), now.Sub(last.RecordedAt))
			l.runner.signal.send()
			broken = 0
			l.loop.Worked()
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errMoved):
			if err := l.adopt(ctx); err != nil {
				return err
			}
		case transient(err), errors.Is(err, errBroken) && broken < brokenTries:
			if !transient(err) {
				broken++
			}
			l.retry(ctx, err)
		case n > 1:
			// One of these events is refused; one by one, it shows which.
			size = 1
		default:
			return l.stop(ctx, last, err)
		}
	}
}

// unseen drops the events that the checkpoint already covers.
func unseen(items []*item, at es.Position) []*item {
	for len(items) > 0 && !at.Before(items[0].recorded.Position) {
		items = items[1:]
	}
	return items
}

// stop stops the line: the projection stays at its checkpoint, before the
// event that failed, until someone resumes or rebuilds it.
func (l *lane) stop(ctx context.Context, at es.Recorded, cause error) error {
	f := describe(cause, at, l.runner.Clock())
	for {
		err := stopRowAt(ctx, l.runner.Pool, l.projector.Name(), l.at, f)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errMoved):
			return errLeft
		case err == nil:
			l.runner.Logger.ErrorContext(ctx, "projection stopped", "projection", l.projector.Name(), "failure", f.String(), "stack", f.Stack)
			l.runner.Observer.Stopped(l.projector.Name(), f)
			l.runner.signal.send()
			return errLeft
		case !transient(err):
			return err
		}
		l.retry(ctx, err)
	}
}
