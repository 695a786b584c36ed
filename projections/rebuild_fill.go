package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/retry"
)

// fill applies the log up to its end, and again what came meanwhile, until so little
// is left that it can be applied while the builds change places.
func (b *rebuild) fill(ctx context.Context) error {
	loop := retry.Loop{What: "the rebuild", Logger: b.runner.Logger}
	for len(b.shadows) > 0 {
		before := b.done()
		err := b.pass(ctx)
		done := b.done() - before
		switch {
		case err == nil && done < b.runner.RebuildBatchSize:
			return nil
		case err == nil:
			continue
		case ctx.Err() != nil:
			return fmt.Errorf("rebuild: %w", ctx.Err())
		case !again(err) && !mayReturn(err):
			return err
		}
		if done > 0 {
			loop.Worked()
		}
		loop.Failed(Loggable(err))
		b.tell(Progress{Waiting: Loggable(err)})
		for _, s := range b.shadows {
			b.runner.Observer.Retried(s.projector.Name())
		}
		if err := loop.Pause(ctx); err != nil {
			return fmt.Errorf("rebuild: %w", err)
		}
	}
	return nil
}

// tell passes progress on, one at a time.
func (b *rebuild) tell(p Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.progress != nil {
		b.progress(p)
	}
}

func (b *rebuild) done() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.meter.events
}

// pass reads once, for all shadows, from the least checkpoint to the present end of the
// log. Reading and decoding overlaps with writing, and the shadows are written at the
// same time. Whatever was read before an error is written, so that a source that keeps
// breaking still gets on.
func (b *rebuild) pass(ctx context.Context) error {
	end, err := b.runner.Source.Tail(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", errLog, err)
	}
	for _, s := range b.shadows {
		if err := s.bound(ctx); err != nil {
			return err
		}
	}
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	var writers sync.WaitGroup
	readers := make([]*reader, 0, len(b.shadows))
	for _, s := range b.shadows {
		s.work, s.err = make(chan []*item, 1), nil
		readers = append(readers, &reader{shadow: s, categories: s.consumes(), after: s.at.position})
		writers.Go(func() {
			for items := range s.work {
				if s.err != nil {
					continue
				}
				// One that cannot go on holds back no other; any other error ends the pass.
				if s.err = s.apply(ctx, items); s.err != nil && !isStopped(s.err) {
					cancel()
				}
			}
		})
	}
	broken := b.read(reading, readers)
	for _, s := range b.shadows {
		close(s.work)
	}
	writers.Wait()
	return b.settle(ctx, end, broken)
}

// settle looks what came of a pass: it gives up shadows that cannot go on, and notes, after
// a whole pass, that nothing else lies up to the end that the log had, so that the next
// pass need not look at the same stretch of others' events.
func (b *rebuild) settle(ctx context.Context, end es.Position, broken error) error {
	var failed error
	for _, s := range slices.Clone(b.shadows) {
		switch {
		case isStopped(s.err):
			b.giveUp(s, s.err)
		case s.err != nil:
			failed = cmp.Or(failed, s.err)
		case broken == nil && s.at.position.Before(s.until(end)):
			failed = cmp.Or(failed, s.advance(ctx, s.until(end)))
		}
	}
	return cmp.Or(failed, broken)
}

// giveUp leaves a shadow where it is, for a reason.
func (b *rebuild) giveUp(s *shadow, err error) {
	b.givenUp, b.failed = append(b.givenUp, s), append(b.failed, failure(err, s.projector))
	b.shadows = Without(b.shadows, s)
}

func isStopped(err error) bool {
	var stopped *stoppedError
	return errors.As(err, &stopped)
}

// reader collects the events of one shadow.
type reader struct {
	*shadow
	categories []es.Category
	after      es.Position
	items      []*item
}

// wants reports whether the shadow consumes an event that it does not hold yet.
func (r *reader) wants(rec es.Recorded) bool {
	return r.after.Before(rec.Position) && !r.isBeyond(rec.Position) && slices.Contains(r.categories, rec.Stream.Category())
}

func (r *reader) send(ctx context.Context) error {
	select {
	case r.work <- r.items:
		r.items = nil
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read hands over the events after the least checkpoint, in portions of one transaction.
func (b *rebuild) read(ctx context.Context, readers []*reader) error {
	after := readers[0].after
	var categories []es.Category
	for _, r := range readers {
		if r.after.Before(after) {
			after = r.after
		}
		categories = append(categories, r.categories...)
	}
	slices.Sort(categories)
	d := newDecoding(b.runner.Registry)
	flush := func(least int) error {
		for _, r := range readers {
			if len(r.items) < least {
				continue
			}
			d.wait()
			if err := r.send(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	defer d.wait()
	for rec, err := range b.runner.Source.ReadAll(ctx, slices.Compact(categories), after) {
		if err != nil {
			return errors.Join(fmt.Errorf("%w: %w", errLog, err), flush(1))
		}
		var it *item
		for _, r := range readers {
			if !r.wants(rec) {
				continue
			}
			if it == nil {
				it = &item{Recorded: rec}
				d.add(it)
			}
			r.items = append(r.items, it)
		}
		if it == nil {
			if !slices.ContainsFunc(readers, func(r *reader) bool { return !r.isBeyond(rec.Position) }) {
				break
			}
			continue
		}
		if err := b.pace.wait(ctx); err != nil {
			return err
		}
		if err := flush(b.portion()); err != nil {
			return err
		}
	}
	return flush(1)
}

// portion is the number of events in one transaction. A rebuild that is held to a low rate
// commits about every second, so that it shows where it is and little is lost if it ends.
func (b *rebuild) portion() int {
	if b.runner.RebuildRate > 0 {
		return min(b.runner.RebuildBatchSize, max(leastPortion, b.runner.RebuildRate))
	}
	return b.runner.RebuildBatchSize
}

// leastPortion is the number of events from which on a transaction costs little for each.
const leastPortion = 100

// decodedAtOnce is the number of events that one goroutine decodes.
const decodedAtOnce = 256

// decoding decodes events beside the goroutine that reads them.
type decoding struct {
	registry *es.Registry
	group    errgroup.Group
	items    []*item
}

func newDecoding(registry *es.Registry) *decoding {
	d := &decoding{registry: registry}
	// One that reads faster than all can decode waits.
	d.group.SetLimit(max(1, runtime.GOMAXPROCS(0)-1))
	return d
}

// add has an event decoded before long.
func (d *decoding) add(it *item) {
	if d.items = append(d.items, it); len(d.items) == decodedAtOnce {
		d.begin()
	}
}

func (d *decoding) begin() {
	items := d.items
	d.items = make([]*item, 0, decodedAtOnce)
	d.group.Go(func() error {
		for _, it := range items {
			it.Decode(d.registry)
		}
		return nil
	})
}

// wait returns once everything added is decoded.
func (d *decoding) wait() {
	if len(d.items) > 0 {
		d.begin()
	}
	_ = d.group.Wait() // an error of an event stays with it
}

// mayReturn reports whether an event store that failed may answer again. One
// that refuses, with a fault of another kind, will refuse again.
func mayReturn(err error) bool {
	var refused *fault.Error
	return errors.Is(err, errLog) && (!errors.As(err, &refused) || refused.Kind == fault.Unavailable)
}
