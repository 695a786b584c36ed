package conformance

import (
	"errors"
	"sync"

	"praxis/domain/es"
)

func revisionChecks() []Check {
	return []Check{
		{"the first append expects no stream and begins at revision 0", func(t *trial) {
			done := t.append(newStream(), es.At(es.NoStream), proposals(3))
			equal(t, es.Revision(2), done.Revision)
			t.holds(es.Position{}.Before(done.Position), "an event lies after the zero position")
		}},
		{"an append at the exact revision goes on from there", func(t *trial) {
			stream := newStream()
			first := t.appended(stream, es.NoStream, 2)
			second := t.appended(stream, 1, 1)
			equal(t, append(idsOf(first), idsOf(second)...), recordedIDs(t.read(stream, 0)))
		}},
		{"an append at any revision goes to the end", func(t *trial) {
			stream := newStream()
			for i := range 3 {
				done := t.append(stream, es.AnyRevision, proposals(1))
				equal(t, es.Revision(i), done.Revision)
			}
		}},
		{"an append at another revision is refused and keeps nothing", func(t *trial) {
			stream := newStream()
			kept := t.appended(stream, es.NoStream, 3)
			for _, expected := range []es.Revision{es.NoStream, 0, 1, 3, 100} {
				t.wrongRevision(stream, expected, proposals(1), 2)
			}
			equal(t, idsOf(kept), recordedIDs(t.read(stream, 0)))
		}},
		{"an append at a revision of a stream that does not exist is refused", func(t *trial) {
			stream := newStream()
			for _, expected := range []es.Revision{0, 7} {
				t.wrongRevision(stream, expected, proposals(1), es.NoStream)
			}
			hasLen(t, t.read(stream, 0), 0)
		}},
		{"of concurrent appends at one revision exactly one wins", func(t *trial) {
			const writers, rounds = 8, 12
			stream := newStream()
			for round := range rounds {
				errs := make([]error, writers)
				var wg sync.WaitGroup
				for w := range writers {
					wg.Go(func() {
						_, errs[w] = t.Append(t.ctx, stream, es.At(es.Revision(round-1)), proposals(1))
					})
				}
				wg.Wait()
				won := 0
				for _, err := range errs {
					if err == nil {
						won++
						continue
					}
					equal(t, stream, t.isWrongRevision(err).Stream)
				}
				equal(t, 1, won)
			}
			gapless(t, t.read(stream, 0), rounds)
		}},
		{"concurrent appends to many streams leave no gap in any", func(t *trial) {
			start := t.tail()
			const writers, rounds = 8, 10
			category := newCategory()
			streams := make([]es.Stream, writers)
			errs := make([]error, writers)
			var wg sync.WaitGroup
			for w := range writers {
				streams[w] = streamOf(category)
				wg.Go(func() {
					for r := range rounds {
						_, err := t.Append(t.ctx, streams[w], es.At(es.Revision(r-1)), proposals(1))
						errs[w] = errors.Join(errs[w], err)
					}
				})
			}
			wg.Wait()
			t.noError(errors.Join(errs...))
			for _, stream := range streams {
				gapless(t, t.read(stream, 0), rounds)
			}
			hasLen(t, t.readAll(start, category), writers*rounds)
		}},
	}
}

func gapless(t *trial, events []es.Recorded, n int) {
	hasLen(t, events, n)
	for i, e := range events {
		equal(t, es.Revision(i), e.Revision)
	}
}
