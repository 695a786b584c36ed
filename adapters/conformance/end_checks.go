package conformance

import (
	"context"
	"time"

	"praxis/domain/es"
)

func endChecks() []Check {
	return []Check{
		{"a read whose context ends midway ends with its error, not cleanly", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			category := newCategory()
			stream := streamOf(category)
			fill(ctx, t, s, stream, 3*es.MaxAppendSize)
			for name, read := range map[string]func(context.Context) es.Events{
				"stream": func(ctx context.Context) es.Events { return s.ReadStream(ctx, stream, 0) },
				"all":    func(ctx context.Context) es.Events { return s.ReadAll(ctx, []es.Category{category}, start) },
			} {
				midway, cancel := context.WithCancel(ctx)
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
				errorIs(t, end, context.Canceled, name)
				equal(t, 10, seen, name)
			}
		}},
		{"a subscription ends with its context's error", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			midway, cancel := context.WithCancel(ctx)
			defer cancel()
			_, err := follow(midway, s, []es.Category{newCategory()}, start, func(_ delivery, caughtUp bool) bool {
				if caughtUp {
					cancel()
				}
				return false
			})
			errorIs(t, err, context.Canceled)
		}},
		{"nothing begins with a context that is over", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			kept := appended(ctx, t, s, stream, es.NoStream, 1)
			over, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
			defer cancel()
			_, err := s.Append(over, stream, es.At(0), proposals(1))
			errorIs(t, err, es.ErrStoreUnavailable)
			_, err = collect(s.ReadStream(over, stream, 0))
			errorIs(t, err, context.DeadlineExceeded)
			_, err = collect(s.ReadAll(over, []es.Category{stream.Category()}, es.Position{}))
			errorIs(t, err, context.DeadlineExceeded)
			_, err = s.Tail(over)
			errorIs(t, err, context.DeadlineExceeded)
			equal(t, idsOf(kept), recordedIDs(readStream(ctx, t, s, stream, 0)))
		}},
		{"a closed store ends subscriptions and refuses everything", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			stream := newStream()
			appended(ctx, t, s, stream, es.NoStream, 1)
			_, err := follow(ctx, s, []es.Category{stream.Category()}, start, func(_ delivery, caughtUp bool) bool {
				if caughtUp {
					s.Close()
				}
				return false
			})
			errorIs(t, err, es.ErrStoreUnavailable)
			_, err = s.Append(ctx, stream, es.At(0), proposals(1))
			errorIs(t, err, es.ErrStoreUnavailable)
			_, err = collect(s.ReadStream(ctx, stream, 0))
			errorIs(t, err, es.ErrStoreUnavailable)
			_, err = collect(s.ReadAll(ctx, []es.Category{stream.Category()}, es.Position{}))
			errorIs(t, err, es.ErrStoreUnavailable)
			_, err = s.Tail(ctx)
			errorIs(t, err, es.ErrStoreUnavailable)
			s.Close()
		}},
	}
}
