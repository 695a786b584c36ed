package projections

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
)

// Run keeps the projections up to date until ctx ends, and then returns nil. It
// stands by while another process leads and takes over when that one goes. It
// survives every outage of either store; it returns an error only where waiting
// cannot help, such as a database without the table of checkpoints.
func (r *Runner) Run(ctx context.Context) error {
	for attempt := 1; ctx.Err() == nil; attempt++ {
		led, err := r.term(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // The end of ctx is how a run ends well.
		case !transient(err):
			return fmt.Errorf("run projections: %w", err)
		case led:
			attempt = 1
		}
		r.Logger.WarnContext(ctx, "projections: leadership ended", "error", loggable(err))
		_ = pause(ctx, attempt)
	}
	return nil
}

// term is one term of leadership, with the wait before it. led says whether it
// came to lead.
func (r *Runner) term(ctx context.Context) (led bool, err error) {
	conn, err := r.dial(ctx)
	if err != nil {
		return false, err
	}
	defer hangUp(ctx, conn)
	if err := standBy(ctx, conn); err != nil {
		return false, err
	}
	r.Logger.InfoContext(ctx, "projections: this process leads")
	return true, r.lead(ctx, func(ctx context.Context, changed func(string)) error {
		return watch(ctx, conn, changed)
	})
}

// lead runs the subscription and one lane per projection until watch returns,
// and waits for all of them.
func (r *Runner) lead(ctx context.Context, watch func(context.Context, func(string)) error) error {
	from, err := r.register(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()

	f := newFeeder(r, from)
	wg.Go(func() { f.run(ctx) })
	lanes := map[string]*lane{}
	for _, p := range r.Projectors {
		l := &lane{runner: r, feeder: f, projector: p, poked: make(chan struct{}, 1)}
		lanes[p.Name()] = l
		wg.Go(func() { l.run(ctx) })
	}
	return watch(ctx, func(name string) {
		r.signal.send()
		if l, ours := lanes[name]; ours {
			wake(l.poked)
		}
	})
}

// register makes sure that every projection has its row and that its rows were
// made by this program's version. It returns the furthest checkpoint: the
// subscription starts there, and projections behind it catch up alone.
func (r *Runner) register(ctx context.Context) (furthest es.Position, err error) {
	for _, p := range r.Projectors {
		var at row
		err := pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error {
			if err := ensureRow(ctx, tx, p); err != nil {
				return err
			}
			at, err = lockRow(ctx, tx, p.Name())
			if err != nil {
				return err
			}
			return r.settleVersion(ctx, tx, p, at)
		})
		if err != nil {
			return es.Position{}, err
		}
		if furthest.Before(at.position) {
			furthest = at.position
		}
	}
	return furthest, nil
}
