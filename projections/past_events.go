package projections

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"praxis/domain/es"
	parked "praxis/projections/quarantine"
)

// collect reads the events of streams up to the moment, in the order of the log, less
// what the present rows lack as well: what was left out, and what waits in the quarantine.
func (v *View) collect(ctx context.Context, m Foldable, streams []es.Stream) ([]*item, error) {
	if len(streams) > v.past.Streams {
		return nil, errPastTooLarge
	}
	runner := v.past.Runner
	entries, err := parked.List(ctx, runner.Pool, memberName(m.Projector))
	if err != nil {
		return nil, err
	}
	// What the read model has applied is what a pass over its categories reads.
	at, err := loadRow(ctx, runner.Pool, Build(m.Projector))
	if err != nil {
		return nil, err
	}
	c := &collection{view: v, entries: entries, decoding: newDecoding(runner.Registry)}
	if int64(len(streams))*v.past.StreamCost > at.Applied {
		err = c.pass(ctx, m.Categories(), streams)
	} else {
		err = c.each(ctx, streams)
	}
	c.decoding.wait()
	slices.SortFunc(c.items, func(a, b *item) int {
		at, other := a.Recorded.Position, b.Recorded.Position
		return cmp.Or(cmp.Compare(at.Commit, other.Commit), cmp.Compare(at.Prepare, other.Prepare))
	})
	return c.items, err
}

// collection is what was read for a view.
type collection struct {
	view    *View
	entries []parked.Entry
	// mu holds what follows, and what the view counts.
	mu       sync.Mutex
	items    []*item
	decoding *decoding
}

// add takes an event of a stream, after those before it in the stream. ends says that the
// view has neither this event nor any later one of the stream. Fault: "as_of_too_large".
func (c *collection) add(rec es.Recorded) (ends bool, err error) {
	v := c.view
	if !v.upTo.covers(rec) {
		return true, nil
	}
	for _, e := range c.entries {
		switch {
		case e.Status == parked.Parked && e.Stream == rec.Stream && e.Revision <= rec.Revision:
			return true, nil
		case e.Status == parked.Skipped && e.Event != nil && *e.Event == rec.ID:
			return false, nil
		}
	}
	it := &item{Recorded: rec}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items = append(c.items, it)
	c.decoding.add(it)
	if v.events++; v.events > v.past.Events {
		return true, errPastTooLarge
	}
	if v.last.Position.Before(rec.Position) {
		v.last = rec
	}
	return false, nil
}

// pass reads the log once and takes what is of the streams.
func (c *collection) pass(ctx context.Context, categories []es.Category, streams []es.Stream) error {
	wanted := make(map[es.Stream]bool, len(streams))
	for _, s := range streams {
		wanted[s] = true
	}
	if len(wanted) == 0 {
		return nil
	}
	upTo := c.view.upTo
	for rec, err := range c.view.past.Runner.Source.ReadAll(ctx, categories, es.Position{}) {
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", errLog, err)
		case upTo.At.IsZero() && !upTo.covers(rec):
			return nil // positions go up, instants of recording need not
		case !wanted[rec.Stream]:
			continue
		}
		ends, err := c.add(rec)
		if err != nil {
			return err
		}
		if ends {
			delete(wanted, rec.Stream)
		}
		if len(wanted) == 0 {
			return nil
		}
	}
	return nil
}

// each reads the streams, some at the same time.
func (c *collection) each(ctx context.Context, streams []es.Stream) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readAtOnce)
	for _, s := range streams {
		group.Go(func() error {
			for rec, err := range c.view.past.Log.ReadStream(ctx, s, 0) {
				if err != nil {
					return fmt.Errorf("read %s: %w", s, err)
				}
				if ends, err := c.add(rec); ends || err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// readAtOnce is how many streams are read at the same time.
const readAtOnce = 8
