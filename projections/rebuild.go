package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/retry"
	parked "praxis/projections/quarantine"
)

// The faults of a rebuild.
var (
	errRebuildRunning = fault.New(fault.Conflict, "rebuild_in_progress", "This projection is already being rebuilt by another process. Wait for it, or end it first.")
	errSuperseded     = fault.New(fault.Conflict, "rebuild_superseded", "Another process took this projection over while it was being rebuilt. Look at `praxis projections status` before trying again.")
	errNothingKept    = fault.New(fault.Rejected, "nothing_to_roll_back", "There are no rows from before a rebuild of this projection. A rebuild keeps them until the next one, or until they are dropped.")
)

const nextSuffix = "_next"

// The builds beside that of a projector: what a rebuild makes, and what it replaced.
func nextOf(p Projector) string { return Build(p) + nextSuffix }
func oldOf(p Projector) string  { return Build(p) + "_old" }

// Rebuild makes the rows of the named projections, or of all if none is named, anew from
// the log, beside the rows that are read, which are kept up to date meanwhile. One pass
// over the log serves all of them. When little is left, the new rows take the place of
// the others within one short lock; those are kept for Rollback. A stopped projection
// runs again then.
//
// A rebuild that ended early, by kill or by ctx, goes on where its last commit was when
// it is called again by a program with tables of the same shape. For a projection with an
// event that cannot be applied, and that no operator decided to leave out, it ends with the
// fault "rebuild_failed", and what is read stays as it is; the others are made all the same.
// progress, if not nil, is called after each transaction, never twice at once. Other faults:
// "unknown_projection", "rebuild_in_progress", "rebuild_superseded".
func (r *Runner) Rebuild(ctx context.Context, names []string, progress func(Progress)) error {
	return r.rebuild(ctx, names, &rebuild{progress: progress})
}

// RebuildAndCompare is Rebuild, and says of each projection whether the rows that are
// replaced were those that the log makes. It does so once the new rows hold what the others
// do, before the rest is applied; whatever it finds, the new rows take their place.
func (r *Runner) RebuildAndCompare(ctx context.Context, names []string, progress func(Progress)) ([]Comparison, error) {
	b := &rebuild{progress: progress, compares: true}
	err := r.rebuild(ctx, names, b)
	return b.comparisons, err
}

func (r *Runner) rebuild(ctx context.Context, names []string, b *rebuild) error {
	projectors, err := r.pick(names)
	if err != nil {
		return err
	}
	return r.alone(ctx, projectors, func(ctx context.Context) error {
		if err := Install(ctx, r.Pool, projectors...); err != nil {
			return err
		}
		b.runner = r
		return b.replace(ctx, projectors, nextOf, takeNext)
	})
}

// Rollback gives a projection the rows back that it had before its last rebuild, once
// they hold what was recorded since. Those that it has now are kept, so that a second
// call undoes the first. Faults: those of Rebuild; "nothing_to_roll_back";
// "projection_shape_differs" if the former rows are of another shape; "rows_quarantined" if
// something waits in them.
func (r *Runner) Rollback(ctx context.Context, name string, progress func(Progress)) error {
	p, err := r.find(name)
	if err != nil {
		return err
	}
	projectors := []Projector{p}
	return r.alone(ctx, projectors, func(ctx context.Context) error {
		return (&rebuild{runner: r, progress: progress}).replace(ctx, projectors, oldOf, takeOld)
	})
}

// pick finds projectors by name; no name stands for all. Fault: "unknown_projection".
func (r *Runner) pick(names []string) ([]Projector, error) {
	if len(names) == 0 {
		return r.Projectors, nil
	}
	var found []Projector
	for _, n := range slices.Compact(slices.Sorted(slices.Values(names))) {
		p, err := r.find(n)
		if err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	return found, nil
}

// EventsKnown returns how many events of Praxis the log holds at least: as many as
// the read model that has seen most. Events that came since are not among them.
func (r *Runner) EventsKnown(ctx context.Context) (int, error) {
	rows, err := loadRows(ctx, r.Pool, r.Projectors...)
	most := int64(0)
	for _, at := range rows {
		most = max(most, at.Applied)
	}
	return int(most), err
}

// Empty has a build begin again, without rows: its program makes it anew from the
// beginning of the log, as one that was never there.
func (r *Runner) Empty(ctx context.Context, build string) error {
	if _, err := r.Pool.Exec(ctx, "delete from praxis.projection where build = $1", build); err != nil {
		return fmt.Errorf("empty the build %s: %w", build, err)
	}
	return nil
}

// rebuild is one run of a rebuild, of a rollback or of a comparison.
type rebuild struct {
	runner *Runner
	// compares says that rows are compared before they take their places, only that they
	// never do, and comparisons what came of it.
	compares, only bool
	comparisons    []Comparison
	// shadows are the builds that have not taken their places yet.
	shadows []*shadow
	// givenUp are those that never will, and failed why.
	givenUp []*shadow
	failed  []error
	// isFirst says that nothing was there before: what cannot be applied is parked, as the
	// live run does that otherwise would have filled them.
	isFirst bool

	pace pace

	// mu guards what the writers of the shadows report.
	mu       sync.Mutex
	progress func(Progress)
	meter    meter
}

// shadow is a build that is to take the place of the one that is read.
type shadow struct {
	applier
	// work hands it what is to be applied, and err is what came of that.
	work chan []*item
	err  error
	// trouble is that of the steps after it was filled.
	trouble retry.Loop
	// compares says that it is to be compared with the rows that are read, which hold the
	// log up to upTo; until then it gets no further.
	compares bool
	upTo     es.Position
}

// replace takes a build of each projector with take, has it hold the whole log, and puts
// it in the place of the one that is read.
func (b *rebuild) replace(ctx context.Context, projectors []Projector, build func(Projector) string, take func(context.Context, pgx.Tx, Projector, row) error) error {
	for _, p := range projectors {
		if err := b.take(ctx, p, build(p), take); err != nil {
			return fmt.Errorf("make the rows of %s: %w", p.Name(), err)
		}
	}
	for _, s := range b.shadows {
		if err := s.loadAside(ctx); err != nil {
			return err
		}
	}
	b.meter.started = b.runner.Clock()
	b.pace = newPace(b.runner.RebuildRate, b.runner.Clock, b.runner.sleep)
	// Once filled, each gets its indexes; once filled with what came meanwhile, its place.
	for len(b.shadows) > 0 {
		if err := b.fill(ctx); err != nil {
			return err
		}
		for _, s := range slices.Clone(b.shadows) {
			if err := b.step(ctx, s); err != nil {
				return err
			}
		}
	}
	return errors.Join(b.failed...)
}

// step takes a shadow that was filled a step further. Whatever can pass is tried again
// after the next filling.
func (b *rebuild) step(ctx context.Context, s *shadow) error {
	var epoch int64
	var err error
	switch {
	case s.compares:
		err = b.compare(ctx, s)
	case s.at.state == Building:
		err = s.index(ctx)
	default:
		if epoch, err = s.swap(ctx); err == nil {
			b.settled(s)
		}
	}
	switch {
	case err == nil, errors.Is(err, errFarBehind):
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("rebuild %s: %w", s.projector.Name(), ctx.Err())
	case !again(err) && !mayReturn(err):
		return err
	}
	s.trouble.Failed(Loggable(err))
	b.tell(Progress{Waiting: Loggable(err)})
	if err := s.trouble.Pause(ctx); err != nil {
		return fmt.Errorf("rebuild %s: %w", s.projector.Name(), err)
	}
	// The commit may have come about, and only its answer was lost.
	if isIn, err := s.isIn(ctx, epoch); err != nil || !isIn {
		return err
	}
	b.settled(s)
	return nil
}

// settled notes that a shadow took its place.
func (b *rebuild) settled(s *shadow) {
	b.shadows = Without(b.shadows, s)
	b.runner.signal.send()
}

// take makes a build a shadow.
func (b *rebuild) take(ctx context.Context, p Projector, build string, take func(context.Context, pgx.Tx, Projector, row) error) error {
	s := &shadow{compares: b.compares, trouble: retry.Loop{What: "the rebuild", Logger: b.runner.Logger, Attrs: []any{"projection", p.Name()}}}
	s.applier = applier{runner: b.runner, projector: p, build: build, relaxed: true, parks: b.isFirst, adopt: s.confirm, applied: func(events int, last es.Recorded, _ time.Duration) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.meter.events += events
		if b.progress != nil {
			b.progress(b.meter.at(last.Position, b.runner.Clock()))
		}
	}}
	return pgx.BeginFunc(ctx, b.runner.Pool, func(tx pgx.Tx) error {
		live, err := loadRow(ctx, tx, Build(p))
		if err != nil {
			return err
		}
		at, err := lockRow(ctx, tx, build)
		if err != nil {
			return err
		}
		if b.compares && live.Before(at.Position) {
			// It holds more than what it is to be compared with, so it begins anew.
			at = row{Epoch: at.Epoch}
		}
		if err := take(ctx, tx, p, at); err != nil {
			return err
		}
		if at, err = loadRow(ctx, tx, build); err != nil {
			return err
		}
		s.at = at.checkpoint()
		b.meter.expect(int(at.Applied), int(live.Applied))
		b.shadows = append(b.shadows, s)
		return nil
	})
}

// goesOn reports whether a rebuild can go on with what an interrupted one left.
func goesOn(at row, p Projector) bool {
	return (at.State == Building || at.State == Built) && at.Shape == shape(p)
}

const (
	// beginNext has a higher epoch than any build of the projection had before.
	beginNext = `
insert into praxis.projection (build, name, version, shape, status, epoch) 
values ($1, $2, $3, $4, 'building', greatest($5, (select max(epoch) from praxis.projection where name = $2)) + 1)`
	// takeRow takes a build over as it is. The new epoch makes every earlier holder
	// harmless.
	takeRow = `
update praxis.projection set status = $2, epoch = epoch + 1, last_error = null, updated_at = now() where build = $1`
)

// takeNext makes empty tables, or takes those over that an interrupted rebuild left.
func takeNext(ctx context.Context, tx pgx.Tx, p Projector, at row) error {
	if goesOn(at, p) {
		_, err := tx.Exec(ctx, takeRow, nextOf(p), string(at.State))
		return err
	}
	return begun(ctx, tx, p, nextOf(p), at.Epoch)
}

// begun makes the empty tables of a build that a rebuild fills.
func begun(ctx context.Context, tx pgx.Tx, p Projector, build string, epoch int64) error {
	if _, err := tx.Exec(ctx, "delete from praxis.projection where build = $1", build); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, beginNext, build, p.Name(), p.Version(), shape(p), epoch); err != nil {
		return err
	}
	return errors.Join(makeTables(ctx, tx, p, build), parked.Forget(ctx, tx, memberPrefix+build))
}

// takeOld takes over what the last rebuild replaced.
func takeOld(ctx context.Context, tx pgx.Tx, p Projector, at row) error {
	switch {
	case at.State == "":
		return errNothingKept.With("projection", p.Name())
	case at.Shape != shape(p):
		return errShape.With("projection", p.Name())
	}
	_, err := tx.Exec(ctx, takeRow, oldOf(p), string(Built))
	return err
}

// confirm finds out why the checkpoint was not where this rebuild left it: a
// commit whose answer was lost, or another holder.
func (s *shadow) confirm(ctx context.Context) error {
	at, err := loadRow(ctx, s.runner.Pool, s.build)
	if err != nil {
		return err
	}
	if at.State != Building && at.State != Built || at.Epoch != s.at.epoch {
		return errSuperseded
	}
	s.at = at.checkpoint()
	return nil
}

const indexedRow = `update praxis.projection set status = 'built', updated_at = now()` + guard

// index makes the indexes that were left out while the rows came.
func (s *shadow) index(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, s.runner.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, indexedRow, guardArgs(s.build, s.at)...)
		switch {
		case err != nil:
			return err
		case tag.RowsAffected() == 0:
			return s.confirm(ctx)
		}
		return indexTables(ctx, tx, s.projector, s.build)
	})
	if err != nil {
		return fmt.Errorf("make the indexes of %s: %w", s.build, err)
	}
	s.at.state = Built
	return nil
}

// failure says what became of a rebuild that met an event which cannot be applied.
func failure(err error, p Projector) error {
	var stopped *stoppedError
	if errors.As(err, &stopped) {
		return fault.New(fault.Internal, "rebuild_failed", "The rebuild stopped at an event, and what is read stays as it is: %s", stopped.Error()).With("projection", p.Name())
	}
	return err
}
