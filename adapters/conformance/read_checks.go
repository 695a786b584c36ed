package conformance

import (
	"praxis/domain/es"
)

// manyEvents is more than any page of any implementation.
const manyEvents = 5_000

func readChecks() []Check {
	return []Check{
		{"a stream that does not exist is empty, without an error", func(t *trial) {
			start := t.tail()
			hasLen(t, t.read(newStream(), 0), 0)
			hasLen(t, t.read(newStream(), 5), 0)
			hasLen(t, t.readAll(start, newCategory()), 0)
			hasLen(t, t.readAll(start), 0)
		}},
		{"a stream is read from a revision to its end", func(t *trial) {
			stream := newStream()
			ids := idsOf(t.appended(stream, es.NoStream, 5))
			for from := range 5 {
				equal(t, ids[from:], recordedIDs(t.read(stream, es.Revision(from))))
			}
			hasLen(t, t.read(stream, 5), 0)
			hasLen(t, t.read(stream, 50), 0)
		}},
		{"a reader may stop early and read again", func(t *trial) {
			stream := newStream()
			ids := idsOf(t.appended(stream, es.NoStream, 5))
			events := t.ReadStream(t.ctx, stream, 0)
			for e, err := range events {
				t.noError(err)
				equal(t, ids[0], e.ID)
				break
			}
			all, err := collect(events)
			t.noError(err)
			equal(t, ids, recordedIDs(all))
		}},
		{"long streams are read whole, by stream and by category", func(t *trial) {
			start := t.tail()
			category := newCategory()
			stream := streamOf(category)
			t.fill(stream, manyEvents)
			gapless(t, t.read(stream, 0), manyEvents)
			all := t.readAll(start, category)
			gapless(t, all, manyEvents)
			rest := t.readAll(all[99].Position, category)
			equal(t, recordedIDs(all[100:]), recordedIDs(rest))
		}},
		{"an event is found at its position, and none beside it", func(t *trial) {
			start := t.tail()
			category := newCategory()
			t.fill(streamOf(category), 3)
			for _, e := range t.readAll(start, category) {
				found, ok, err := t.EventAt(t.ctx, e.Position)
				t.noError(err)
				t.holds(ok, "an event at %s", e.Position)
				equal(t, e, found)
			}
			end := t.tail()
			for _, none := range []es.Position{{}, {Commit: end.Commit + 1<<20, Prepare: end.Prepare + 1<<20}} {
				_, ok, err := t.EventAt(t.ctx, none)
				t.noError(err, "at %s", none)
				t.holds(!ok, "no event at %s", none)
			}
		}},
	}
}
