package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
)

// Run keeps the projections up to date until ctx ends, and then returns nil. It
// stands by while another process leads and takes over when that one goes. It
// survives every outage of either store, and a database that is emptied or replaced
// under it: then the schema is made anew and everything filled from the log. It
// returns an error only where waiting cannot help.
func (r *Runner) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := r.term(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // The end of ctx is how a run ends well.
		case !transient(err) && !errors.Is(err, errForgotten) && (r.Prepare == nil || !isForgotten(err)):
			return fmt.Errorf("run projections: %w", err)
		}
		r.leading.Failed(loggable(err))
		// The only error is that of ctx, which the loop checks.
		_ = r.leading.Pause(ctx)
	}
	return nil
}

// leads is how long this process has to lead before that counts as working.
const leads = time.Second

// term is one term of leadership, with the wait before it.
func (r *Runner) term(ctx context.Context) error {
	conn, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer release(ctx, conn)
	if err := standBy(ctx, conn); err != nil {
		return err
	}
	if r.Prepare != nil {
		if err := r.Prepare(ctx); err != nil {
			return fmt.Errorf("prepare the database: %w", err)
		}
	}
	return r.lead(ctx, func(ctx context.Context, changed func(string)) error {
		if !r.leading.InTrouble() {
			r.Logger.InfoContext(ctx, "projections: this process leads")
		}
		defer time.AfterFunc(leads, r.leading.Worked).Stop()
		return watch(ctx, conn, changed)
	})
}

// lead runs the feeds and one lane per projection until watch returns, and waits
// for all of them.
func (r *Runner) lead(ctx context.Context, watch func(context.Context, func(string)) error) error {
	rows, err := r.register(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	h := newHub(r, starts(rows))
	defer h.work.Wait()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)

	lanes := map[string]*lane{}
	for _, p := range r.Projectors {
		l := newLane(r, h, p, cancel)
		if at := rows[p.Name()]; at.State == Running {
			l.early, _ = h.enter(at.Position)
		}
		lanes[p.Name()] = l
		wg.Go(func() { l.run(ctx) })
	}
	h.begin(ctx)
	err = watch(ctx, func(name string) {
		r.signal.send()
		if l, ours := lanes[name]; ours {
			wake(l.poked)
		}
	})
	if errors.Is(context.Cause(ctx), errForgotten) {
		return errForgotten
	}
	return err
}

// register makes sure that every projection has its row and that its rows were
// made by this program's version. It returns the rows.
func (r *Runner) register(ctx context.Context) (map[string]row, error) {
	for _, p := range r.Projectors {
		err := pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error {
			if err := ensureRow(ctx, tx, p); err != nil {
				return err
			}
			at, err := lockRow(ctx, tx, p.Name())
			if err != nil {
				return err
			}
			return r.settleVersion(ctx, tx, p, at)
		})
		if err != nil {
			return nil, err
		}
	}
	return loadRows(ctx, r.Pool, r.names()...)
}

// nearby is how many events a projection may be behind the furthest one and still
// share its feed from the start: for so few, a subscription of its own would cost
// more than letting the others wait.
const nearby = 10_000

// starts says where the feeds begin. The main one, which is the first, begins at
// the least position of the running projections that are near the furthest, so
// that one pass over the log serves them all. A second one begins at the least
// position of the others, if there are any.
func starts(rows map[string]row) []es.Position {
	var furthest row
	for _, at := range rows {
		// One that runs counts more than any that does not.
		runs, ran := at.State == Running, furthest.State == Running
		if runs && !ran || runs == ran && !at.Before(furthest.Position) {
			furthest = at
		}
	}
	main := furthest.Position
	var behind []es.Position
	for _, at := range rows {
		switch {
		case at.State != Running:
		case furthest.Applied-at.Applied > nearby:
			behind = append(behind, at.Position)
		case at.Before(main):
			main = at.Position
		}
	}
	if len(behind) == 0 {
		return []es.Position{main}
	}
	return []es.Position{main, slices.MinFunc(behind, comparePositions)}
}

func comparePositions(a, b es.Position) int {
	return cmp.Or(cmp.Compare(a.Commit, b.Commit), cmp.Compare(a.Prepare, b.Prepare))
}
