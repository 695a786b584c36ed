package conformance

import (
	"praxis/domain/es"
)

func subscriptionChecks() []Check {
	return []Check{
		{"a subscription restarted after any event sees each event exactly once", func(t *trial) {
			start := t.tail()
			a, b := newCategory(), newCategory()
			// A category that begins like another is still another.
			noise := a + "x"
			for i := range 12 {
				t.appended(streamOf(noise), es.NoStream, 1+i%2)
				t.appended(streamOf([]es.Category{a, b}[i%2]), es.NoStream, 1)
			}
			want := t.readAll(start, a, b)
			hasLen(t, want, 12)
			for stop := range len(want) + 1 {
				var got []es.Recorded
				after := start
				if stop > 0 {
					first := t.follow([]es.Category{a, b}, after, untilEvents(stop))
					hasLen(t, first.events, stop)
					got, after = first.events, first.events[stop-1].Position
				}
				rest := t.follow([]es.Category{a, b}, after, untilCaughtUp)
				equal(t, want, append(got, rest.events...), "stopped after %d", stop)
			}
		}},
		{"a subscription restarted at a checkpoint loses and repeats nothing", func(t *trial) {
			start := t.tail()
			category, noise := newCategory(), newCategory()
			for range 3 {
				t.appended(streamOf(category), es.NoStream, 2)
				t.fill(streamOf(noise), 3*es.MaxAppendSize)
			}
			whole := t.follow([]es.Category{category}, start, untilCaughtUp)
			hasLen(t, whole.events, 6)
			for _, c := range whole.checkpoints {
				if c.seen > 0 {
					t.holds(!c.at.Before(whole.events[c.seen-1].Position), "a checkpoint never goes back")
				}
				rest := t.follow([]es.Category{category}, c.at, untilCaughtUp)
				equal(t, recordedIDs(whole.events[c.seen:]), recordedIDs(rest.events))
			}
		}},
		{"a subscription goes on with what is appended after it caught up", func(t *trial) {
			start := t.tail()
			category, noise := newCategory(), newCategory()
			stream := streamOf(category)
			t.appended(stream, es.NoStream, 3)
			caughtUp := make(chan struct{})
			live := make(chan error, 1)
			go func() {
				select {
				case <-caughtUp:
				case <-t.ctx.Done():
				}
				for r := 2; r < 8; r++ {
					_, err := t.Append(t.ctx, streamOf(noise), es.At(es.NoStream), proposals(1))
					if err == nil {
						_, err = t.Append(t.ctx, stream, es.At(es.Revision(r)), proposals(1))
					}
					if err != nil {
						live <- err
						return
					}
				}
				live <- nil
			}()
			signalled := false
			got := t.follow([]es.Category{category}, start, func(d delivery, now bool) bool {
				if now && !signalled {
					signalled = true
					close(caughtUp)
				}
				return len(d.events) == 9
			})
			t.noError(<-live)
			gapless(t, got.events, 9)
			ascending(t, got.events)
			equal(t, t.read(stream, 0), got.events)
		}},
		{"a subscription at the end catches up at once and begins with the next event", func(t *trial) {
			category := newCategory()
			stream := streamOf(category)
			t.appended(stream, es.NoStream, 2)
			tail := t.tail()
			idle := t.follow([]es.Category{category}, tail, untilCaughtUp)
			hasLen(t, idle.events, 0)
			next := t.appended(stream, 1, 1)
			got := t.follow([]es.Category{category}, tail, untilEvents(1))
			equal(t, idsOf(next), recordedIDs(got.events))
		}},
		{"a subscription over many pages misses nothing while others append", func(t *trial) {
			start := t.tail()
			category := newCategory()
			stream := streamOf(category)
			t.fill(stream, manyEvents/2)
			filled := make(chan error, 1)
			go func() {
				for at := manyEvents / 2; at < manyEvents; at += es.MaxAppendSize {
					if _, err := t.Append(t.ctx, stream, es.At(es.Revision(at-1)), proposals(es.MaxAppendSize)); err != nil {
						filled <- err
						return
					}
				}
				filled <- nil
			}()
			got := t.follow([]es.Category{category}, start, untilEvents(manyEvents))
			t.noError(<-filled)
			gapless(t, got.events, manyEvents)
		}},
	}
}
