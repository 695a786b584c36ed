package conformance

import (
	"praxis/domain/es"
)

func retryChecks() []Check {
	return []Check{
		{"a repeated append is answered with its first result and keeps nothing twice", func(t *trial) {
			stream := newStream()
			t.appended(stream, es.NoStream, 1)
			events := proposals(3)
			first := t.append(stream, es.At(0), events)
			again := t.append(stream, es.At(0), events)
			equal(t, first, again)
			t.appended(stream, 3, 2)
			later := t.append(stream, es.At(0), events, "even when the stream went on")
			equal(t, first, later)
			gapless(t, t.read(stream, 0), 6)
		}},
		{"a repeated first append is answered with its first result", func(t *trial) {
			stream, events := newStream(), proposals(2)
			first := t.append(stream, es.At(es.NoStream), events)
			again := t.append(stream, es.At(es.NoStream), events)
			equal(t, first, again)
			gapless(t, t.read(stream, 0), 2)
		}},
		{"repeating only the beginning of an append is answered with its end", func(t *trial) {
			stream, events := newStream(), proposals(3)
			t.append(stream, es.At(es.NoStream), events)
			part := t.append(stream, es.At(es.NoStream), events[:2])
			equal(t, es.Revision(1), part.Revision)
			equal(t, t.read(stream, 1)[0].Position, part.Position)
		}},
		{"a repetition with more or other events is refused", func(t *trial) {
			stream, events := newStream(), proposals(2)
			t.append(stream, es.At(es.NoStream), events)
			for name, other := range map[string][]es.Proposed{
				"one more":         append(events[:2:2], proposals(1)...),
				"other second":     append(events[:1:1], proposals(1)...),
				"other altogether": proposals(2),
				"swapped":          {events[1], events[0]},
			} {
				t.wrongRevision(stream, es.NoStream, other, 1, name)
			}
			equal(t, idsOf(events), recordedIDs(t.read(stream, 0)))
		}},
		{"the same event ids in another stream are other events", func(t *trial) {
			a, b, events := newStream(), newStream(), proposals(2)
			for _, stream := range []es.Stream{a, b} {
				t.append(stream, es.At(es.NoStream), events)
				equal(t, idsOf(events), recordedIDs(t.read(stream, 0)))
			}
		}},
	}
}
