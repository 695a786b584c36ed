// Package logidentity finds out whether the event log is still the one that Postgres
// was filled from, and whole. A log that was set back to an older copy, replaced or
// exchanged is said by a fault that names what is concerned and the command that mends
// it, before anything is read from it or written to it (ADR 29). It imports the domain,
// commands, adapters/postgres and pgx.
package logidentity

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/singleflight"

	"praxis/adapters/postgres"
	"praxis/commands"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/retry"
)

// Log is the event store as it is compared.
type Log interface {
	commands.Store
	// Tail returns the position of the last event of the log.
	Tail(ctx context.Context) (es.Position, error)
	// EventAt returns the event at a position; ok is false where none has it.
	EventAt(ctx context.Context, at es.Position) (rec es.Recorded, ok bool, err error)
}

// fresh is how long the result of a look holds.
const fresh = 3 * time.Second

// lookTime bounds one look at the stores on behalf of all who wait for it.
const lookTime = 5 * time.Second

// Guard compares the log with what Postgres knows of it. Its fields are set before its
// first use.
type Guard struct {
	Log      Log
	Pool     *pgxpool.Pool
	Registry *es.Registry
	// Clock returns the present instant, UTC.
	Clock func() time.Time
	// Mended is called when the log is the right one again after it was not, before anything
	// is read from it or written to it: what remembers the streams of the other log forgets
	// them. Nil for nothing.
	Mended func()

	looking singleflight.Group

	mu sync.Mutex
	// seen is the last result: nil, or why the log is not the right one.
	seen error
	// at is when it was found, zero before the first; doubted says that the store
	// failed since, so that it may be another one now.
	at      time.Time
	doubted bool
	// stop ends what follows the log.
	stop context.CancelFunc
	id   id.Log
	// verified are the events that were found where they are kept.
	verified map[es.Mark]bool
}

// Check compares the log with what Postgres knows of it. It gives both an identity
// where neither has one, and Postgres that of the log where it has none. Any number of
// callers at once cost one look. Faults: "log_differs", "log_set_back",
// "log_event_replaced", and those of the stores.
func (g *Guard) Check(ctx context.Context) error {
	select {
	case l := <-g.look(ctx):
		return l.Err
	case <-ctx.Done():
		return es.ErrStoreUnavailable.Because(ctx.Err())
	}
}

// look begins a look, or joins the one that is under way.
func (g *Guard) look(ctx context.Context) <-chan singleflight.Result {
	return g.looking.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTime)
		defer cancel()
		err := g.compare(ctx)
		if err != nil && !isMismatch(err) {
			return nil, postgres.Translate(err)
		}
		return nil, g.note(err)
	})
}

// note keeps the result of a look. What follows a log that is not the right one any more
// ends, and what remembers it forgets it before the right one is used again.
func (g *Guard) note(result error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case result != nil:
		g.verified = nil
		if g.stop != nil {
			g.stop()
		}
	case g.seen != nil && g.Mended != nil:
		g.Mended()
	}
	g.seen, g.at, g.doubted = result, g.Clock(), false
	return result
}

// recheck is how often a log that is not the right one is looked at again.
const recheck = time.Second

// Follow has work follow the log while it is the right one. It ends work when the log is
// found to be another one or set back, and begins it anew, with nothing that it remembered,
// once the log was put back or everything else was made to fit it. It returns when ctx
// ends, or work does with an error.
func (g *Guard) Follow(ctx context.Context, work func(context.Context) error) error {
	for ctx.Err() == nil {
		if err := g.Check(ctx); isMismatch(err) {
			// The only error is that of ctx, which the loop checks.
			_ = retry.Sleep(ctx, recheck)
			continue
		}
		if err := g.follow(ctx, work); err != nil {
			return err
		}
	}
	return nil
}

func (g *Guard) follow(ctx context.Context, work func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g.mu.Lock()
	g.stop = stop
	if g.seen != nil {
		stop()
	}
	g.mu.Unlock()
	return work(ctx)
}

// last returns the last result and whether it still holds.
func (g *Guard) last() (known, holds bool, seen error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	known = !g.at.IsZero() && !g.doubted
	return known, known && g.Clock().Sub(g.at) < fresh, g.seen
}

// Ready is Check, except that a result of the last three seconds is told again.
func (g *Guard) Ready(ctx context.Context) error {
	if _, holds, seen := g.last(); holds {
		return seen
	}
	return g.Check(ctx)
}

// allow returns why the log may not be used. It waits for a look only where it does not
// know; otherwise a look that is due goes on beside the caller. Where it cannot be found
// out, because a store is away, the log may be used as far as that goes: what has to
// wait for Postgres waits anyway.
func (g *Guard) allow(ctx context.Context) error {
	known, holds, seen := g.last()
	switch {
	case known && !holds:
		g.look(ctx)
		return seen
	case known:
		return seen
	}
	if err := g.Check(ctx); isMismatch(err) {
		return err
	}
	return nil
}

// doubt notes that the store failed.
func (g *Guard) doubt(err error) {
	if errors.Is(err, es.ErrStoreUnavailable) || errors.Is(err, es.ErrOutcomeUnknown) {
		g.mu.Lock()
		g.doubted = true
		g.mu.Unlock()
	}
}

// ID returns the id of the log, zero while it is not known.
func (g *Guard) ID() id.Log {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.id
}

// isMismatch tells what a comparison found from what kept it from being made.
func isMismatch(err error) bool {
	return errors.Is(err, errDiffers) || errors.Is(err, errSetBack) || errors.Is(err, errReplaced)
}

// Guarded is the event store as commands use it: it answers for the right log alone.
type Guarded struct {
	commands.Store
	Guard *Guard
}

// Append implements commands.Store. Faults of its own: those of Guard.Check.
func (s Guarded) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	if err := s.Guard.allow(ctx); err != nil {
		return es.Appended{}, err
	}
	done, err := s.Store.Append(ctx, stream, expected, events)
	s.Guard.doubt(err)
	return done, err
}

// ReadStream implements commands.Store. Faults of its own: those of Guard.Check.
func (s Guarded) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		if err := s.Guard.allow(ctx); err != nil {
			yield(es.Recorded{}, err)
			return
		}
		for rec, err := range s.Store.ReadStream(ctx, stream, from) {
			s.Guard.doubt(err)
			if !yield(rec, err) {
				return
			}
		}
	}
}
