package conformance

import (
	"bytes"
	"context"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

func contentChecks() []Check {
	return []Check{
		{"data and metadata come back byte for byte", func(ctx context.Context, t T, s Store) {
			everyByte := make([]byte, 256)
			for i := range everyByte {
				everyByte[i] = byte(i)
			}
			stream, events := newStream(), proposals(4)
			events[0].Data, events[0].Metadata = everyByte, bytes.Repeat(everyByte, 3)
			events[1].Data, events[1].Metadata = nil, nil
			events[2].Data = []byte(" {\"b\" : 1.0,\r\n\"a\":\"\u00e9\\u00e9 \u2028\"}\n")
			_, err := s.Append(ctx, stream, es.At(es.NoStream), events)
			noError(t, err)
			for i, got := range readStream(ctx, t, s, stream, 0) {
				equal(t, events[i].ID, got.ID)
				equal(t, events[i].Type, got.Type)
				isTrue(t, bytes.Equal(events[i].Data, got.Data), "data of event %d", i)
				isTrue(t, bytes.Equal(events[i].Metadata, got.Metadata), "metadata of event %d", i)
				equal(t, stream, got.Stream)
				equal(t, time.UTC, got.RecordedAt.Location())
				isFalse(t, got.RecordedAt.IsZero())
			}
		}},
		{"streams named by UUIDs and entities keep their names", func(ctx context.Context, t T, s Store) {
			category := newCategory()
			chart, clinician := id.New[id.Chart]().String(), id.New[id.Member]().String()
			for _, stream := range []es.Stream{streamOf(category), streamOf(category, chart), streamOf(category, chart, clinician), streamOf(category, "20260101")} {
				events := appended(ctx, t, s, stream, es.NoStream, 1)
				got := readStream(ctx, t, s, stream, 0)
				equal(t, idsOf(events), recordedIDs(got))
				equal(t, stream, got[0].Stream)
			}
		}},
		{"streams whose names are prefixes of each other are apart", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			longer, longest := stream+"+", stream+"+1"
			a := appended(ctx, t, s, stream, es.NoStream, 2)
			b := appended(ctx, t, s, longest, es.NoStream, 3)
			equal(t, idsOf(a), recordedIDs(readStream(ctx, t, s, stream, 0)))
			isEmpty(t, readStream(ctx, t, s, longer, 0))
			equal(t, idsOf(b), recordedIDs(readStream(ctx, t, s, longest, 0)))
		}},
		{"an event of 64 KiB is kept and one byte more is refused", func(ctx context.Context, t T, s Store) {
			stream, events := newStream(), proposals(1)
			events[0].Metadata = []byte(`{}`)
			events[0].Data = bytes.Repeat([]byte("x"), es.MaxEventBytes-len(events[0].Type)-len(events[0].Metadata)+1)
			_, err := s.Append(ctx, stream, es.At(es.NoStream), events)
			refused(t, err, "event_too_large")
			events[0].Data = events[0].Data[1:]
			_, err = s.Append(ctx, stream, es.At(es.NoStream), events)
			noError(t, err)
			hasLen(t, readStream(ctx, t, s, stream, 0)[0].Data, len(events[0].Data))
		}},
		{"100 events are kept at once and 101 are refused", func(ctx context.Context, t T, s Store) {
			stream := newStream()
			_, err := s.Append(ctx, stream, es.At(es.NoStream), proposals(es.MaxAppendSize+1))
			refused(t, err, "append_too_large")
			appended(ctx, t, s, stream, es.NoStream, es.MaxAppendSize)
			gapless(t, readStream(ctx, t, s, stream, 0), es.MaxAppendSize)
		}},
		{"512 KiB are kept at once and one byte more is refused", func(ctx context.Context, t T, s Store) {
			const n = es.MaxAppendBytes / es.MaxEventBytes
			stream, events := newStream(), proposals(n+1)
			fill := func(e *es.Proposed, size int) {
				e.Data = bytes.Repeat([]byte("x"), size-len(e.Type)-len(e.Metadata))
			}
			// Eight full events less 100 bytes, and a ninth that fills up.
			for i := range n {
				fill(&events[i], es.MaxEventBytes)
			}
			fill(&events[0], es.MaxEventBytes-100)
			fill(&events[n], 101)
			_, err := s.Append(ctx, stream, es.At(es.NoStream), events)
			refused(t, err, "append_too_large")
			fill(&events[n], 100)
			_, err = s.Append(ctx, stream, es.At(es.NoStream), events)
			noError(t, err)
			gapless(t, readStream(ctx, t, s, stream, 0), n+1)
		}},
		{"what no store takes is refused before it is sent", func(ctx context.Context, t T, s Store) {
			noID, noType, systemType := proposals(1), proposals(1), proposals(1)
			noID[0].ID, noType[0].Type, systemType[0].Type = id.Event{}, "", "$metadata"
			for _, events := range [][]es.Proposed{nil, noID, noType, systemType} {
				_, err := s.Append(ctx, newStream(), es.At(es.NoStream), events)
				refused(t, err, "append_malformed")
			}
			for _, stream := range []es.Stream{"", "$all", "$$" + newStream()} {
				_, err := s.Append(ctx, stream, es.AnyRevision, proposals(1))
				refused(t, err, "append_malformed")
			}
		}},
	}
}

func refused(t T, err error, code string) {
	t.Helper()
	isError(t, err)
	equal(t, code, fault.From(err).Code)
}
