package projections

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/es"
	"praxis/internal/retry"
	"praxis/projections/rows"
)

// recheck is how often a projection that is not running looks whether it is
// again; a notification usually comes first.
const recheck = time.Second

// lane keeps one projection up to date while this process leads. It owns
// nothing but its view of the checkpoint: whenever a compare-and-set fails, it
// takes the row's word for where the projection is.
type lane struct {
	applier
	hub   *hub
	poked chan struct{}
	// loop is the trouble that it has with Postgres.
	loop retry.Loop
	// endTerm ends the leadership that the lane is part of, for a reason.
	endTerm context.CancelCauseFunc
	// early is the inbox that was taken for the lane before the feeds began, until
	// it is used.
	early *inbox
}

// errLeft says that the projection is no longer this lane's to move: it was
// stopped, is being rebuilt, or was set back.
var errLeft = errors.New("the projection left the live run")

func newLane(r *Runner, h *hub, p Projector, endTerm context.CancelCauseFunc) *lane {
	l := &lane{
		hub: h, poked: make(chan struct{}, 1), endTerm: endTerm,
		loop: retry.Loop{What: "keeping a read model", Logger: r.Logger, Attrs: []any{"projection", p.Name()}},
	}
	l.applier = applier{runner: r, projector: p, adopt: l.adopt, applied: func(events int, last es.Recorded, took time.Duration) {
		r.Observer.BatchApplied(p.Name(), events, took, r.Clock().Sub(last.RecordedAt))
		l.moved()
	}}
	return l
}

// moved notes that the checkpoint was moved.
func (l *lane) moved() {
	l.runner.signal.send()
	l.loop.Worked()
}

// run follows the projection's row until ctx ends.
func (l *lane) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := l.follow(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case isForgotten(err):
			l.endTerm(errForgotten)
			return
		case errors.Is(err, errLeft):
			l.await(ctx)
		case errors.Is(err, errOverrun):
			l.loop.Failed(loggable(err))
		default:
			l.retry(ctx, err)
		}
	}
}

// retry notes a transient error and waits before the next attempt.
func (l *lane) retry(ctx context.Context, err error) {
	l.loop.Failed(loggable(err))
	l.runner.Observer.Retried(l.projector.Name())
	// The only error is that of ctx, which every caller checks next.
	_ = l.loop.Pause(ctx)
}

// await waits until the status may have changed.
func (l *lane) await(ctx context.Context) {
	t := time.NewTimer(recheck)
	defer t.Stop()
	select {
	case <-l.poked:
	case <-t.C:
	case <-ctx.Done():
	}
}

// follow applies everything after the projection's checkpoint, first what is
// there and then what comes.
func (l *lane) follow(ctx context.Context) error {
	in := l.early
	l.early = nil
	err := l.load(ctx)
	if in != nil && (err != nil || in.from != l.at.position) {
		l.hub.leave(in)
		in = nil
	}
	if err != nil {
		return err
	}
	if in == nil {
		in = l.hub.join(ctx, l.at.position)
	}
	defer l.hub.leave(in)
	for {
		items, idle, err := in.take(ctx, l.runner.BatchSize, l.runner.BatchWait)
		if err != nil {
			return err
		}
		if err := l.commit(ctx, items); err != nil {
			return err
		}
		if l.at.position.Before(idle) {
			if err := l.advance(ctx, idle); err != nil {
				return err
			}
		}
	}
}

// commit applies events and retries transient errors for as long as it takes.
func (l *lane) commit(ctx context.Context, items []*item) error {
	for {
		err := l.apply(ctx, items)
		var stopped *stoppedError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &stopped), errors.Is(err, errMoved):
			return errLeft
		case err == nil || !again(err):
			return err
		}
		l.retry(ctx, err)
	}
}

// load reads the row; errLeft unless the projection is running.
func (l *lane) load(ctx context.Context) error {
	rows, err := loadRows(ctx, l.runner.Pool, l.projector.Name())
	if err != nil {
		return err
	}
	r, ok := rows[l.projector.Name()]
	if !ok {
		return errForgotten
	}
	if r.State != Running || r.Version != l.projector.Version() {
		return errLeft
	}
	l.at = r.checkpoint()
	return nil
}

// advance moves the checkpoint over a stretch without events.
func (l *lane) advance(ctx context.Context, to es.Position) error {
	err := write(ctx, l.runner.Pool, l.projector, rows.NewMemory("", 0, false).Batch(), move{from: l.at, to: to}, false)
	if errors.Is(err, errMoved) {
		return l.adopt(ctx)
	}
	if err == nil {
		if l.known == l.at {
			l.known.position = to
		}
		l.at.position = to
		l.moved()
	}
	return err
}

// adopt takes over where the row says the projection is: ahead, after a commit
// whose answer was lost or of another leader. errLeft for anything else.
func (l *lane) adopt(ctx context.Context) error {
	seen := l.at.position
	if err := l.load(ctx); err != nil {
		return err
	}
	if l.at.position.Before(seen) {
		return errLeft
	}
	return nil
}

// loggable keeps an error's kind and drops what a server may have quoted.
func loggable(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return "SQLSTATE " + pg.Code
	}
	return err.Error()
}
