package conformance

import (
	"context"
	"errors"
	"sync"

	"praxis/domain/es"
)

func revisionChecks() []Check {
	return []Check{
		{"the first append expects no stream and begins at revision 0", func(ctx context.Context, t T, s Store) {
			done, err := s.Append(ctx, newStream(), es.At(es.NoStream), proposals(3))
			noError(t, err)
			equal(t, es.Revision(2), done.Revision)
			isTrue(t, es.Position{}.Before(done.Position), "an event lies after the zero position")
		}},
		{"an append at the exact revision goes on from there", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			first := appended(ctx, t, s, stream, es.NoStream, 2)
			second := appended(ctx, t, s, stream, 1, 1)
			equal(t, append(idsOf(first), idsOf(second)...), recordedIDs(readStream(ctx, t, s, stream, 0)))
		}},
		{"an append at any revision goes to the end", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			for i := range 3 {
				done, err := s.Append(ctx, stream, es.AnyRevision, proposals(1))
				noError(t, err)
				equal(t, es.Revision(i), done.Revision)
			}
		}},
		{"an append at another revision is refused and keeps nothing", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			kept := appended(ctx, t, s, stream, es.NoStream, 3)
			for _, expected := range []es.Revision{es.NoStream, 0, 1, 3, 100} {
				_, err := s.Append(ctx, stream, es.At(expected), proposals(1))
				wrongRevision(t, err, stream, es.At(expected), 2)
			}
			equal(t, idsOf(kept), recordedIDs(readStream(ctx, t, s, stream, 0)))
		}},
		{"an append at a revision of a stream that does not exist is refused", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			for _, expected := range []es.Revision{0, 7} {
				_, err := s.Append(ctx, stream, es.At(expected), proposals(1))
				wrongRevision(t, err, stream, es.At(expected), es.NoStream)
			}
			isEmpty(t, readStream(ctx, t, s, stream, 0))
		}},
		{"of concurrent appends at one revision exactly one wins", func(ctx context.Context, t T, s Store) {
			const writers, rounds = 8, 12
			stream := newStream()
			for round := range rounds {
				errs := make([]error, writers)
				var wg sync.WaitGroup
				for w := range writers {
					wg.Go(func() {
						_, errs[w] = s.Append(ctx, stream, es.At(es.Revision(round-1)), proposals(1))
					})
				}
				wg.Wait()
				won := 0
				for _, err := range errs {
					if err == nil {
						won++
						continue
					}
					var wrong *es.WrongRevisionError
					errorAs(t, err, &wrong)
				}
				equal(t, 1, won)
			}
			gapless(t, readStream(ctx, t, s, stream, 0), rounds)
		}},
		{"concurrent appends to many streams leave no gap in any", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			const writers, rounds = 8, 10
			category := newCategory()
			streams := make([]es.Stream, writers)
			errs := make([]error, writers)
			var wg sync.WaitGroup
			for w := range writers {
				streams[w] = streamOf(category)
				wg.Go(func() {
					for r := range rounds {
						_, err := s.Append(ctx, streams[w], es.At(es.Revision(r-1)), proposals(1))
						errs[w] = errors.Join(errs[w], err)
					}
				})
			}
			wg.Wait()
			noError(t, errors.Join(errs...))
			for _, stream := range streams {
				gapless(t, readStream(ctx, t, s, stream, 0), rounds)
			}
			hasLen(t, readAll(ctx, t, s, start, category), writers*rounds)
		}},
	}
}

func wrongRevision(t T, err error, stream es.Stream, expected es.Expected, actual es.Revision) {
	t.Helper()
	var wrong *es.WrongRevisionError
	errorAs(t, err, &wrong)
	equal(t, es.WrongRevisionError{Stream: stream, Expected: expected, Actual: actual}, *wrong)
}

func gapless(t T, events []es.Recorded, n int) {
	t.Helper()
	hasLen(t, events, n)
	for i, e := range events {
		equal(t, es.Revision(i), e.Revision)
	}
}
