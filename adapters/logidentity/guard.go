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
	"praxis/domain/fault"
	"praxis/domain/id"
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

	looking singleflight.Group

	mu sync.Mutex
	// seen is the last result: nil, or why the log is not the right one.
	seen error
	// at is when it was found, zero before the first; doubted says that the store
	// failed since, so that it may be another one now.
	at      time.Time
	doubted bool
	// changed says that the log was not the right one once: what this process remembers of
	// it, streams and places to go on from, may be gone.
	changed bool
	id      id.Log
	// verified are the events that were found where they are kept.
	verified map[es.Mark]bool
}

var errChanged = fault.New(fault.Unavailable, "log_changed_while_running", "The event log is the right one again, after it was set back or replaced while this server ran. Start this server again: it remembers what is gone.")

// Check compares the log with what Postgres knows of it. It gives both an identity
// where neither has one, and Postgres that of the log where it has none. Any number of
// callers at once cost one look. Faults: "log_differs", "log_set_back",
// "log_event_replaced", "log_changed_while_running", and those of the stores.
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

// note keeps the result of a look.
func (g *Guard) note(result error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case result != nil:
		g.changed = true
	case g.changed:
		result = errChanged
	}
	g.seen, g.at, g.doubted = result, g.Clock(), false
	return result
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
	return errors.Is(err, errDiffers) || errors.Is(err, errSetBack) || errors.Is(err, errReplaced) || errors.Is(err, errChanged)
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
