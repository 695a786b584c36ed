package projections

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/retry"
)

const (
	// longTime bounds the look at how long the log is.
	longTime = 2 * time.Second
	// lookAgain is how often a process looks whether another has filled what is new.
	lookAgain = 250 * time.Millisecond
)

// isNew reports whether a build holds nothing yet.
func (r row) isNew() bool { return r.Position == es.Position{} && r.Applied == 0 }

// FirstFill gives every projection that holds nothing yet the rows of a long log, by a
// rebuild: one pass for all of them, in large transactions, indexes last. They take their
// place when they are whole, and then the live run goes on. Whichever process comes first
// does it, whichever leads the projections; the others wait until it is done, and go on with
// it where it ended if that process is gone. An event that cannot be applied is parked, as
// the live run does. Nothing is done of a log of less than Config.FillFrom events. The log
// is checked first, as before every subscription. Run and a follower of Members do this by
// themselves.
func (r *Runner) FirstFill(ctx context.Context) error {
	if !r.isLong(ctx) {
		return nil
	}
	select {
	case r.filling <- struct{}{}:
		defer func() { <-r.filling }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if r.Check != nil {
		if err := r.Check(ctx); err != nil {
			return err
		}
	}
	lock, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer release(ctx, lock)
	for {
		if isFree, err := locked(ctx, lock, "first_fill"); err != nil {
			return err
		} else if isFree {
			break
		}
		if err := retry.Sleep(ctx, lookAgain); err != nil {
			return err
		}
	}
	projectors, err := r.unfilled(ctx, lock)
	if err != nil || len(projectors) == 0 {
		return err
	}
	return r.fillNew(ctx, projectors)
}

// isLong reports whether so much lies in the log for the projections that a pass of its
// own is worth it. A log that cannot be read is for the live run, which waits for it.
func (r *Runner) isLong(ctx context.Context) bool {
	if r.long.Load() {
		return true
	}
	long, _, _ := r.looking.Do("is long", func() (any, error) {
		ctx, cancel := context.WithTimeout(ctx, longTime)
		defer cancel()
		var categories []es.Category
		for _, p := range r.Projectors {
			categories = append(categories, p.Categories()...)
		}
		events := 0
		for _, err := range r.Source.ReadAll(ctx, categories, es.Position{}) {
			if events++; err != nil || events == r.FillFrom {
				break
			}
		}
		return events >= r.FillFrom, nil
	})
	if long == true {
		r.long.Store(true) // and does not become shorter
	}
	return long == true
}

// unfilled are the projections that hold nothing yet and that no rebuild is making rows
// for. It locks them against rebuilds.
func (r *Runner) unfilled(ctx context.Context, lock *pgx.Conn) (projectors []Projector, err error) {
	if err := Install(ctx, r.Pool, r.Projectors...); err != nil {
		return nil, err
	}
	rows, err := loadRows(ctx, r.Pool, r.Projectors...)
	if err != nil {
		return nil, err
	}
	for _, p := range r.Projectors {
		at := rows[p.Name()]
		if _, isLeft := r.left.Load(Build(p)); isLeft || !at.isNew() || at.State != Running || at.Shape != shape(p) {
			continue
		}
		isFree, err := locked(ctx, lock, "rebuild."+Build(p))
		if err != nil {
			return nil, err
		}
		if isFree {
			projectors = append(projectors, p)
		}
	}
	return projectors, nil
}

// fillNew fills projections that hold nothing yet.
func (r *Runner) fillNew(ctx context.Context, projectors []Projector) error {
	names := make([]string, 0, len(projectors))
	for _, p := range projectors {
		names = append(names, p.Name())
	}
	said := strings.Join(names, " ")
	r.Logger.InfoContext(ctx, "read models that hold nothing yet are filled from the log", "projections", said)
	done := 0
	b := &rebuild{runner: r, isFirst: true, progress: func(p Progress) { done = max(done, p.EventsDone) }}
	err := b.replace(ctx, projectors, nextOf, takeNext)
	if err != nil && fault.From(err).Code != "rebuild_failed" {
		return err
	}
	for _, s := range b.givenUp {
		// Whatever is written is refused: the live run stops there, where it shows.
		r.left.Store(Build(s.projector), true)
	}
	for _, p := range projectors {
		if err := r.forgetEmpty(ctx, oldOf(p)); err != nil {
			return err
		}
	}
	r.Logger.InfoContext(ctx, "read models are filled", "projections", said, "events", done)
	return nil
}

// forgetEmpty removes a build that never held anything.
func (r *Runner) forgetEmpty(ctx context.Context, build string) error {
	at, err := loadRow(ctx, r.Pool, build)
	if err != nil || at.State != Kept || !at.isNew() {
		return err
	}
	return r.forget(ctx, build)
}
