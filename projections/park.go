package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/quarantine"
	"praxis/internal/follower"
	parked "praxis/projections/quarantine"
	"praxis/projections/rows"
)

// errSkipped says that an event was left out on somebody's decision, before anything was
// tried.
var errSkipped = fault.New(fault.Rejected, "event_skipped", "This event was left out, as an operator had decided before.")

// aside is what a projection leaves aside: the streams that wait behind an event that
// could not be applied, and the events that an operator decided to leave out.
type aside struct {
	// parked are the entries of the quarantine, by stream.
	parked map[es.Stream]parked.Entry
	// skips are the decisions on record, by event; nil until they were read.
	skips map[id.Event]follower.Event
}

// member names the build in the quarantine.
func (a *applier) member() string { return memberPrefix + a.build }

// loadAside finds out what is left aside. The decisions are read from the log, so that
// rows which are made anew leave out the same events.
func (a *applier) loadAside(ctx context.Context) error {
	entries, err := parked.List(ctx, a.runner.Pool, a.member())
	if err != nil {
		return err
	}
	a.parked = map[es.Stream]parked.Entry{}
	for _, e := range entries {
		if e.Status == parked.Parked {
			a.parked[e.Stream] = e
		}
	}
	if a.skips != nil {
		return nil
	}
	skips := map[id.Event]follower.Event{}
	for rec, err := range a.runner.Source.ReadStream(ctx, quarantine.Stream, 0) {
		if err != nil {
			return fmt.Errorf("%w: %w", errLog, err)
		}
		it := follower.Decode(a.runner.Registry, rec)
		if s, ok := it.Envelope.Event.(quarantine.EventSkipped); ok && s.Follower == subject(a.projector) {
			skips[s.Event] = *it
		}
	}
	a.skips = skips
	return nil
}

// special reports whether an event is not simply applied: it waits behind one that is
// parked, was left out, or is such a decision itself.
func (a *applier) special(it *item) bool {
	_, waits := a.parked[it.Recorded.Stream]
	_, skipped := a.skips[it.Recorded.ID]
	return waits || skipped || it.Recorded.Stream.Category() == quarantine.Category
}

// plain is how many of the first events are simply applied.
func (a *applier) plain(items []*item) int {
	for n, it := range items {
		if a.special(it) {
			return n
		}
	}
	return len(items)
}

// passOver deals with one event that is not simply applied, and moves the checkpoint over
// it.
func (a *applier) passOver(ctx context.Context, it *item) error {
	if e, waits := a.parked[it.Recorded.Stream]; waits {
		return a.moveOnly(ctx, it, func(ctx context.Context, tx pgx.Tx) error {
			return parked.Wait(ctx, tx, e.Follower, e.Scope, 1)
		})
	}
	if decision, skipped := a.skips[it.Recorded.ID]; skipped {
		e := a.entry(it, describe(errSkipped, it.Recorded, a.runner.Clock()))
		return a.moveOnly(ctx, it, func(ctx context.Context, tx pgx.Tx) error {
			return parked.Skip(ctx, tx, decided(e, &decision))
		})
	}
	if s, ok := it.Envelope.Event.(quarantine.EventSkipped); ok && s.Follower == subject(a.projector) {
		a.skips[s.Event] = *it
		if e, waits := a.parked[s.Stream]; waits && e.Event != nil && *e.Event == s.Event {
			if err := a.unpark(ctx, e, it); err != nil {
				return err
			}
		}
	}
	return a.moveOnly(ctx, it, func(context.Context, pgx.Tx) error { return nil })
}

// park leaves an event aside that could not be applied, and with it what comes later in
// its stream, so that everything else goes on.
func (a *applier) park(ctx context.Context, it *item, cause error) error {
	f := describe(cause, it.Recorded, a.runner.Clock())
	e := a.entry(it, f)
	if err := a.moveOnly(ctx, it, func(ctx context.Context, tx pgx.Tx) error { return parked.Park(ctx, tx, e) }); err != nil {
		return err
	}
	a.runner.Logger.ErrorContext(ctx, "an event is in the quarantine, and its stream waits", "projection", a.projector.Name(), "failure", f.String(), "stack", f.Stack)
	a.runner.Observer.Parked(a.projector.Name(), f)
	return a.loadAside(ctx)
}

// entry is what the quarantine keeps of an event.
func (a *applier) entry(it *item, f Failure) parked.Entry {
	rec := it.Recorded
	failure, _ := json.Marshal(f) //nolint:errchkjson // A failure consists of texts, numbers and a time.
	e := parked.Entry{
		Follower: a.member(), Subject: subject(a.projector), Scope: string(rec.Stream), Stream: rec.Stream, Revision: rec.Revision, Event: &rec.ID,
		AfterCommit: a.at.position.Commit, AfterPrepare: a.at.position.Prepare, Failure: failure, ParkedAt: a.runner.Clock(),
	}
	if g, ok := rec.Stream.Group(); ok {
		e.Group = &g
	}
	return e
}

// decided adds to an entry who decided to leave it out, when and why.
func decided(e parked.Entry, decision *follower.Event) parked.Entry {
	env := decision.Envelope
	e.SkippedAt, e.Reason = &env.RecordedAt, env.Meta.Reason
	e.SkippedBy = strings.TrimPrefix(env.Meta.Actor, "operator:")
	return e
}

// moveOnly moves the checkpoint over one event, together with what the quarantine keeps.
func (a *applier) moveOnly(ctx context.Context, it *item, keep func(context.Context, pgx.Tx) error) error {
	to := it.Recorded
	err := write(ctx, a.runner.Pool, a.build, rows.NewMemory("", 0, false).Batch(), move{from: a.at, to: to.Position, last: &to}, a.relaxed, keep)
	if err != nil {
		return err
	}
	if a.known == a.at {
		a.known.position = to.Position
	}
	a.at.position = to.Position
	a.runner.signal.send()
	return nil
}

// tryAgain applies what an operator asked to try again.
func (a *applier) tryAgain(ctx context.Context) error {
	if len(a.parked) == 0 {
		return nil
	}
	if err := a.loadAside(ctx); err != nil {
		return err
	}
	for _, e := range a.parked {
		if !e.Retry {
			continue
		}
		if err := a.unpark(ctx, e, nil); err != nil {
			return err
		}
	}
	return nil
}

// unpark applies the events of a stream that wait, up to the checkpoint: with a decision
// to skip, those after the parked one. It parks the stream again where one of them cannot
// be applied.
func (a *applier) unpark(ctx context.Context, e parked.Entry, decision *item) error {
	from := e.Revision
	var skipped []parked.Entry
	if decision != nil {
		from++
		skipped = append(skipped, decided(e, decision))
	}
	var items []*item
	for rec, err := range a.runner.Source.ReadStream(ctx, e.Stream, from) {
		if err != nil {
			return fmt.Errorf("%w: %w", errLog, err)
		}
		if a.at.position.Before(rec.Position) {
			break
		}
		it := follower.Decode(a.runner.Registry, rec)
		if other, known := a.skips[rec.ID]; known {
			skipped = append(skipped, decided(a.entry(it, describe(errSkipped, rec, a.runner.Clock())), &other))
			continue
		}
		items = append(items, it)
	}
	for size := len(items); ; {
		b, n, cause := a.prepare(items[:min(size, len(items))])
		keep := func(ctx context.Context, tx pgx.Tx) error {
			if err := asSeen(ctx, tx, e); err != nil {
				return err
			}
			for _, s := range skipped {
				if err := parked.Skip(ctx, tx, s); err != nil {
					return err
				}
			}
			if n == len(items) {
				return parked.Release(ctx, tx, e.ID)
			}
			next := e
			// What is only not tried yet goes on by itself, after a crash too.
			next.Retry = true
			if cause != nil {
				next = a.entry(items[n], describe(cause, items[n].Recorded, a.runner.Clock()))
			}
			next.ID, next.Stream, next.Revision, next.Event = e.ID, items[n].Recorded.Stream, items[n].Recorded.Revision, &items[n].Recorded.ID
			next.Waiting = int64(len(items) - n - 1)
			return parked.Move(ctx, tx, next)
		}
		m := move{from: a.at, to: a.at.position, items: items[:n]}
		err := write(ctx, a.runner.Pool, a.build, b, m, a.relaxed, keep)
		switch {
		case err == nil && n > 0:
			a.memory, a.known = b.Committed(), a.at
			fallthrough
		case err == nil:
			if cause != nil || n == len(items) {
				return a.loadAside(ctx)
			}
			e.Event = &items[n].Recorded.ID
			items, size, skipped = items[n:], len(items)-n, nil
		case errors.Is(err, errBroken) && a.broken < brokenTries:
			a.broken++
			return err
		case !isOfEvent(err) || ctx.Err() != nil:
			return err
		case n > 1:
			size = n / 2
		default:
			// The next of them is the one; nothing is applied, and the cause is kept.
			cause = err
			b, n = rows.NewMemory("", 0, false).Batch(), 0
			if err := write(ctx, a.runner.Pool, a.build, b, move{from: a.at, to: a.at.position}, a.relaxed, keep); err != nil {
				return err
			}
			return a.loadAside(ctx)
		}
	}
}

// asSeen requires, with the checkpoint locked, that an entry still waits at the event at
// which it was seen. The checkpoint alone does not tell: it stays where it is while what
// waits is applied.
func asSeen(ctx context.Context, tx pgx.Tx, e parked.Entry) error {
	now, err := parked.Get(ctx, tx, e.ID)
	if errors.Is(err, parked.ErrUnknown) || err == nil && (now.Event == nil || *now.Event != *e.Event) {
		return errMoved
	}
	return err
}

// isOfEvent reports whether an error is about the event and not about the database: what
// Postgres says of values and of what holds among rows, and whatever a projector says.
func isOfEvent(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if ok {
		return strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23") || strings.HasPrefix(pg.Code, "P0")
	}
	return !transient(err) && !errors.Is(err, errMoved) && !errors.Is(err, errLog)
}
