package conformance

import (
	"context"

	"praxis/domain/es"
)

func retryChecks() []Check {
	return []Check{
		{"a repeated append is answered with its first result and keeps nothing twice", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			appended(ctx, t, s, stream, es.NoStream, 1)
			events := proposals(3)
			first, err := s.Append(ctx, stream, es.At(0), events)
			noError(t, err)
			again, err := s.Append(ctx, stream, es.At(0), events)
			noError(t, err)
			equal(t, first, again)
			appended(ctx, t, s, stream, 3, 2)
			later, err := s.Append(ctx, stream, es.At(0), events)
			noError(t, err, "even when the stream went on")
			equal(t, first, later)
			gapless(t, readStream(ctx, t, s, stream, 0), 6)
		}},
		{"a repeated first append is answered with its first result", func(ctx context.Context, t T, s Store) {
			stream, events := newStream(), proposals(2)
			first, err := s.Append(ctx, stream, es.At(es.NoStream), events)
			noError(t, err)
			again, err := s.Append(ctx, stream, es.At(es.NoStream), events)
			noError(t, err)
			equal(t, first, again)
			gapless(t, readStream(ctx, t, s, stream, 0), 2)
		}},
		{"repeating only the beginning of an append is answered with its end", func(ctx context.Context, t T, s Store) {
			stream, events := newStream(), proposals(3)
			_, err := s.Append(ctx, stream, es.At(es.NoStream), events)
			noError(t, err)
			part, err := s.Append(ctx, stream, es.At(es.NoStream), events[:2])
			noError(t, err)
			equal(t, es.Revision(1), part.Revision)
			equal(t, readStream(ctx, t, s, stream, 1)[0].Position, part.Position)
		}},
		{"a repetition with more or other events is refused", func(ctx context.Context, t T, s Store) {
			stream, events := newStream(), proposals(2)
			_, err := s.Append(ctx, stream, es.At(es.NoStream), events)
			noError(t, err)
			for name, other := range map[string][]es.Proposed{
				"one more":         append(events[:2:2], proposals(1)...),
				"other second":     append(events[:1:1], proposals(1)...),
				"other altogether": proposals(2),
				"swapped":          {events[1], events[0]},
			} {
				_, err := s.Append(ctx, stream, es.At(es.NoStream), other)
				isError(t, err, name)
				wrongRevision(t, err, stream, es.At(es.NoStream), 1)
			}
			equal(t, idsOf(events), recordedIDs(readStream(ctx, t, s, stream, 0)))
		}},
		{"the same event ids in another stream are other events", func(ctx context.Context, t T, s Store) {
			a, b, events := newStream(), newStream(), proposals(2)
			for _, stream := range []es.Stream{a, b} {
				_, err := s.Append(ctx, stream, es.At(es.NoStream), events)
				noError(t, err)
				equal(t, idsOf(events), recordedIDs(readStream(ctx, t, s, stream, 0)))
			}
		}},
	}
}
