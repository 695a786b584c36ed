package conformance

import (
	"context"
	"time"

	"praxis/domain/es"
)

func endChecks() []Check {
	return []Check{
		{"a read whose context ends midway ends with its error, not cleanly", func(t *trial) {
			start := t.tail()
			category := newCategory()
			stream := streamOf(category)
			t.fill(stream, 3*es.MaxAppendSize)
			for name, read := range map[string]func(context.Context) es.Events{
				"stream": func(ctx context.Context) es.Events { return t.ReadStream(ctx, stream, 0) },
				"all":    func(ctx context.Context) es.Events { return t.ReadAll(ctx, []es.Category{category}, start) },
			} {
				midway, cancel := context.WithCancel(t.ctx)
				seen := 0
				var end error
				for _, err := range read(midway) {
					if end = err; err != nil {
						break
					}
					if seen++; seen == 10 {
						cancel()
					}
				}
				cancel()
				t.errorIs(end, context.Canceled, name)
				equal(t, 10, seen, name)
			}
		}},
		{"a subscription ends with its context's error", func(t *trial) {
			midway, cancel := context.WithCancel(t.ctx)
			defer cancel()
			_, err := t.followIn(midway, []es.Category{newCategory()}, t.tail(), onceCaughtUp(cancel))
			t.errorIs(err, context.Canceled)
		}},
		{"nothing begins with a context that is over", func(t *trial) {
			stream := newStream()
			kept := t.appended(stream, es.NoStream, 1)
			over, cancel := context.WithDeadline(t.ctx, time.Unix(0, 0))
			defer cancel()
			t.nothingBegins(over, stream, context.DeadlineExceeded)
			equal(t, idsOf(kept), recordedIDs(t.read(stream, 0)))
		}},
		{"a closed store ends subscriptions and refuses everything", func(t *trial) {
			start := t.tail()
			stream := newStream()
			t.appended(stream, es.NoStream, 1)
			_, err := t.followIn(t.ctx, []es.Category{stream.Category()}, start, onceCaughtUp(t.Close))
			t.errorIs(err, es.ErrStoreUnavailable)
			t.nothingBegins(t.ctx, stream, es.ErrStoreUnavailable)
			t.Close()
		}},
	}
}

// onceCaughtUp does something then, and follows on until the feed ends.
func onceCaughtUp(do func()) func(delivery, bool) bool {
	return func(_ delivery, caughtUp bool) bool {
		if caughtUp {
			do()
		}
		return false
	}
}

// nothingBegins tries everything with a stream of one event: nothing is appended, and
// what reads ends with an error.
func (t *trial) nothingBegins(ctx context.Context, stream es.Stream, end error) {
	_, err := t.Append(ctx, stream, es.At(0), proposals(1))
	t.errorIs(err, es.ErrStoreUnavailable)
	_, err = collect(t.ReadStream(ctx, stream, 0))
	t.errorIs(err, end)
	_, err = collect(t.ReadAll(ctx, []es.Category{stream.Category()}, es.Position{}))
	t.errorIs(err, end)
	_, err = t.Tail(ctx)
	t.errorIs(err, end)
}
