package conformance

import (
	"context"

	"praxis/domain/es"
)

func subscriptionChecks() []Check {
	return []Check{
		{"a subscription restarted after any event sees each event exactly once", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			a, b := newCategory(), newCategory()
			// A category that begins like another is still another.
			noise := a + "x"
			for i := range 12 {
				appended(ctx, t, s, streamOf(noise), es.NoStream, 1+i%2)
				appended(ctx, t, s, streamOf([]es.Category{a, b}[i%2]), es.NoStream, 1)
			}
			want := readAll(ctx, t, s, start, a, b)
			hasLen(t, want, 12)
			for stop := range len(want) + 1 {
				var got []es.Recorded
				after := start
				if stop > 0 {
					first, err := follow(ctx, s, []es.Category{a, b}, after, untilEvents(stop))
					noError(t, err)
					hasLen(t, first.events, stop)
					got, after = first.events, first.events[stop-1].Position
				}
				rest, err := follow(ctx, s, []es.Category{a, b}, after, untilCaughtUp)
				noError(t, err)
				equal(t, want, append(got, rest.events...), "stopped after %d", stop)
			}
		}},
		{"a subscription restarted at a checkpoint loses and repeats nothing", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			category, noise := newCategory(), newCategory()
			for range 3 {
				appended(ctx, t, s, streamOf(category), es.NoStream, 2)
				fill(ctx, t, s, streamOf(noise), 3*es.MaxAppendSize)
			}
			whole, err := follow(ctx, s, []es.Category{category}, start, untilCaughtUp)
			noError(t, err)
			hasLen(t, whole.events, 6)
			for _, c := range whole.checkpoints {
				if c.seen > 0 {
					isFalse(t, c.at.Before(whole.events[c.seen-1].Position), "a checkpoint never goes back")
				}
				rest, err := follow(ctx, s, []es.Category{category}, c.at, untilCaughtUp)
				noError(t, err)
				equal(t, recordedIDs(whole.events[c.seen:]), recordedIDs(rest.events))
			}
		}},
		{"a subscription goes on with what is appended after it caught up", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			category, noise := newCategory(), newCategory()
			stream := streamOf(category)
			appended(ctx, t, s, stream, es.NoStream, 3)
			caughtUp := make(chan struct{})
			live := make(chan error, 1)
			go func() {
				select {
				case <-caughtUp:
				case <-ctx.Done():
				}
				for r := 2; r < 8; r++ {
					_, err := s.Append(ctx, streamOf(noise), es.At(es.NoStream), proposals(1))
					if err == nil {
						_, err = s.Append(ctx, stream, es.At(es.Revision(r)), proposals(1))
					}
					if err != nil {
						live <- err
						return
					}
				}
				live <- nil
			}()
			signalled := false
			got, err := follow(ctx, s, []es.Category{category}, start, func(d delivery, now bool) bool {
				if now && !signalled {
					signalled = true
					close(caughtUp)
				}
				return len(d.events) == 9
			})
			noError(t, err)
			noError(t, <-live)
			gapless(t, got.events, 9)
			ascending(t, got.events)
			equal(t, readStream(ctx, t, s, stream, 0), got.events)
		}},
		{"a subscription at the end catches up at once and begins with the next event", func(ctx context.Context, t T, s Store) {
			category := newCategory()
			stream := streamOf(category)
			appended(ctx, t, s, stream, es.NoStream, 2)
			tail, err := s.Tail(ctx)
			noError(t, err)
			idle, err := follow(ctx, s, []es.Category{category}, tail, untilCaughtUp)
			noError(t, err)
			isEmpty(t, idle.events)
			next := appended(ctx, t, s, stream, 1, 1)
			got, err := follow(ctx, s, []es.Category{category}, tail, untilEvents(1))
			noError(t, err)
			equal(t, idsOf(next), recordedIDs(got.events))
		}},
		{"a subscription over many pages misses nothing while others append", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			category := newCategory()
			stream := streamOf(category)
			fill(ctx, t, s, stream, manyEvents/2)
			filled := make(chan error, 1)
			go func() {
				for at := manyEvents / 2; at < manyEvents; at += es.MaxAppendSize {
					if _, err := s.Append(ctx, stream, es.At(es.Revision(at-1)), proposals(es.MaxAppendSize)); err != nil {
						filled <- err
						return
					}
				}
				filled <- nil
			}()
			got, err := follow(ctx, s, []es.Category{category}, start, untilEvents(manyEvents))
			noError(t, err)
			noError(t, <-filled)
			gapless(t, got.events, manyEvents)
		}},
	}
}
