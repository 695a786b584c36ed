package conformance

import (
	"context"

	"praxis/domain/es"
)

// manyEvents is more than any page of any implementation.
const manyEvents = 5_000

func readChecks() []Check {
	return []Check{
		{"a stream that does not exist is empty, without an error", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			isEmpty(t, readStream(ctx, t, s, newStream(), 0))
			isEmpty(t, readStream(ctx, t, s, newStream(), 5))
			isEmpty(t, readAll(ctx, t, s, start, newCategory()))
			isEmpty(t, readAll(ctx, t, s, start))
		}},
		{"a stream is read from a revision to its end", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			ids := idsOf(appended(ctx, t, s, stream, es.NoStream, 5))
			for from := range 5 {
				equal(t, ids[from:], recordedIDs(readStream(ctx, t, s, stream, es.Revision(from))))
			}
			isEmpty(t, readStream(ctx, t, s, stream, 5))
			isEmpty(t, readStream(ctx, t, s, stream, 50))
		}},
		{"a reader may stop early and read again", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			ids := idsOf(appended(ctx, t, s, stream, es.NoStream, 5))
			events := s.ReadStream(ctx, stream, 0)
			for e, err := range events {
				noError(t, err)
				equal(t, ids[0], e.ID)
				break
			}
			all, err := collect(events)
			noError(t, err)
			equal(t, ids, recordedIDs(all))
		}},
		{"long streams are read whole, by stream and by category", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			category := newCategory()
			stream := streamOf(category)
			fill(ctx, t, s, stream, manyEvents)
			gapless(t, readStream(ctx, t, s, stream, 0), manyEvents)
			all := readAll(ctx, t, s, start, category)
			gapless(t, all, manyEvents)
			rest := readAll(ctx, t, s, all[99].Position, category)
			equal(t, recordedIDs(all[100:]), recordedIDs(rest))
		}},
	}
}

// fill brings a new stream to n events.
func fill(ctx context.Context, t T, s Store, stream es.Stream, n int) {
	t.Helper()
	for at := 0; at < n; at += es.MaxAppendSize {
		appended(ctx, t, s, stream, es.Revision(at-1), min(es.MaxAppendSize, n-at))
	}
}
