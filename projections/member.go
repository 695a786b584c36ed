package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/es"
	"praxis/internal/follower"
)

// Source is the event store as projections need it.
type Source = follower.Log

// item is an event on its way into the projections, decoded once for all.
type item = follower.Event

// Members returns the projections as what follows the log: each keeps its rows and its
// checkpoint.
func (r *Runner) Members() []follower.Member {
	members := make([]follower.Member, 0, len(r.Projectors))
	for _, p := range r.Projectors {
		members = append(members, newKeeper(r, p))
	}
	return members
}

// Run follows the log for the projections alone, until ctx ends, and then returns nil.
// It needs Config.Leases. It stands by while another process leads and takes over when
// that one goes. It survives every outage of either store, and a database that is
// emptied or replaced under it: then the schema is made anew and everything filled from
// the log. It returns an error only where waiting cannot help.
func (r *Runner) Run(ctx context.Context) error {
	err := follower.Follow(ctx, follower.Config{
		Log: r.Source, Registry: r.Registry, Leases: r.Leases, Categories: r.Categories,
		Prepare: r.Prepare, Check: r.Check, MayWait: MayWait, Loggable: Loggable, Logger: r.Logger, Retried: r.Retried,
		BatchSize: r.BatchSize, BatchWait: r.BatchWait,
	}, r.Members()...)
	if err != nil {
		return fmt.Errorf("run projections: %w", err)
	}
	return nil
}

// Retried notes that a member of a follower was in trouble and is tried again.
func (r *Runner) Retried(member string) {
	for _, p := range r.Projectors {
		if memberName(p) == member {
			member = p.Name()
		}
	}
	r.Observer.Retried(member)
}

// memberPrefix begins the names of the members that are projections.
const memberPrefix = "projection "

// memberName names a build as a member of the follower, and what it has in the
// quarantine.
func memberName(p Projector) string { return memberPrefix + Build(p) }

// subject names a projection, whatever its version, in decisions about what it leaves
// out.
func subject(p Projector) string { return memberPrefix + p.Name() }

// keeper keeps one projection up to date while this process leads it. It owns nothing
// but its view of the checkpoint: whenever a compare-and-set fails, it takes the row's
// word for where the projection is.
type keeper struct{ applier }

func newKeeper(r *Runner, p Projector) *keeper {
	k := &keeper{}
	k.applier = applier{runner: r, projector: p, build: Build(p), adopt: k.adopt, parks: true, applied: func(events int, _ es.Recorded, took time.Duration) {
		r.Observer.BatchApplied(p.Name(), events, took)
		r.signal.send()
	}}
	return k
}

func (k *keeper) Name() string { return memberName(k.projector) }

// Categories implements follower.Member.
func (k *keeper) Categories() []es.Category { return k.consumes() }

// Load implements follower.Member: a projection that has no row yet gets it, and one that
// holds nothing of a long log gets its rows at once.
func (k *keeper) Load(ctx context.Context) (es.Position, error) {
	// Another may have led meanwhile, and passed decisions that this process did not see.
	k.skips = nil
	at, err := k.load(ctx)
	if err != nil || at != (es.Position{}) {
		return at, err
	}
	if err := k.runner.FirstFill(ctx); err != nil {
		return es.Position{}, lasting(err)
	}
	return k.load(ctx)
}

// load finds out where the projection is.
func (k *keeper) load(ctx context.Context) (es.Position, error) {
	rows, err := loadRows(ctx, k.runner.Pool, k.projector)
	if err != nil {
		return es.Position{}, lasting(err)
	}
	at, known := rows[k.projector.Name()]
	if !known || at.State == Running && at.Shape != shape(k.projector) {
		if at, err = k.runner.register(ctx, k.projector); err != nil {
			return es.Position{}, lasting(err)
		}
	}
	if at.State != Running {
		return es.Position{}, follower.ErrNotNow
	}
	k.at = at.checkpoint()
	return k.at.position, lasting(k.loadAside(ctx))
}

// Take implements follower.Member.
func (k *keeper) Take(ctx context.Context, p follower.Portion) error {
	err := k.apply(ctx, p.Events)
	var stopped *stoppedError
	switch {
	case errors.As(err, &stopped), errors.Is(err, errMoved):
		return follower.ErrNotNow
	case err != nil:
		return lasting(err)
	case k.at.position.Before(p.UpTo):
		return lasting(k.advance(ctx, p.UpTo))
	case p.Tick:
		// Without events, this is how a database that was emptied shows.
		if _, err = k.load(ctx); err == nil {
			err = lasting(k.orAdopt(ctx, k.tryAgain(ctx)))
		}
	}
	return err
}

// adopt takes over where the row says the projection is: ahead, after a commit whose
// answer was lost or of another leader. follower.ErrNotNow for anything else.
func (k *keeper) adopt(ctx context.Context) error {
	seen := k.at.position
	at, err := k.load(ctx)
	if err == nil && at.Before(seen) {
		return follower.ErrNotNow
	}
	return err
}

// lasting marks an error that says that Postgres does not know the projections any more:
// it was emptied, or replaced by an empty one.
func lasting(err error) error {
	if isForgotten(err) {
		return fmt.Errorf("%w: the database was emptied: %w", follower.ErrEndTerm, err)
	}
	return err
}

// isForgotten reports whether an error of the checkpoints means that they are gone.
func isForgotten(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "42P01" || pg.Code == "3F000")
}

// register makes sure that a projection has its build, and stops it if its tables have
// another shape than this program knows. It returns the row.
func (r *Runner) register(ctx context.Context, p Projector) (row, error) {
	if err := Install(ctx, r.Pool, p); err != nil {
		return row{}, err
	}
	rows, err := loadRows(ctx, r.Pool, p)
	at := rows[p.Name()]
	if err != nil || at.State != Running || at.Shape == shape(p) {
		return at, err
	}
	f := describe(errShape, es.Recorded{}, r.Clock())
	if err := stopRowAt(ctx, r.Pool, Build(p), at.checkpoint(), f); err != nil {
		return at, err
	}
	r.Logger.ErrorContext(ctx, "projection stopped", "projection", p.Name(), "failure", f.String())
	r.Observer.Stopped(p.Name(), f)
	at.State, at.Failure = Stopped, &f
	return at, nil
}

// MayWait reports whether an error of the stores can pass, so that a follower goes on.
func MayWait(err error) bool { return transient(err) || isForgotten(err) }

// Loggable keeps an error's kind and drops what a server may have quoted.
func Loggable(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return "SQLSTATE " + pg.Code
	}
	return err.Error()
}
