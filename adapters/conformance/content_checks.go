package conformance

import (
	"bytes"
	"time"

	"praxis/domain/es"
	"praxis/domain/id"
)

func contentChecks() []Check {
	return []Check{
		{"data and metadata come back byte for byte", func(t *trial) {
			everyByte := make([]byte, 256)
			for i := range everyByte {
				everyByte[i] = byte(i)
			}
			stream, events := newStream(), proposals(4)
			events[0].Data, events[0].Metadata = everyByte, bytes.Repeat(everyByte, 3)
			events[1].Data, events[1].Metadata = nil, nil
			events[2].Data = []byte(" {\"b\" : 1.0,\r\n\"a\":\"\u00e9\\u00e9 \u2028\"}\n")
			events[3].Metadata = []byte(`{"recordedAt":"2020-02-29T23:59:59.123456Z"}`)
			t.append(stream, es.At(es.NoStream), events)
			for i, got := range t.read(stream, 0) {
				equal(t, events[i].ID, got.ID)
				equal(t, events[i].Type, got.Type)
				t.holds(bytes.Equal(events[i].Data, got.Data), "data of event %d", i)
				t.holds(bytes.Equal(events[i].Metadata, got.Metadata), "metadata of event %d", i)
				equal(t, stream, got.Stream)
				equal(t, time.UTC, got.StampedAt.Location())
				t.holds(!got.StampedAt.IsZero())
				if i < 3 {
					equal(t, got.StampedAt, got.RecordedAt)
					continue
				}
				equal(t, time.Date(2020, 2, 29, 23, 59, 59, 123456000, time.UTC), got.RecordedAt)
			}
		}},
		{"streams named by UUIDs and entities keep their names", func(t *trial) {
			category := newCategory()
			chart, clinician := id.New[id.Chart]().String(), id.New[id.Member]().String()
			for _, stream := range []es.Stream{streamOf(category), streamOf(category, chart), streamOf(category, chart, clinician), streamOf(category, "20260101")} {
				events := t.appended(stream, es.NoStream, 1)
				got := t.read(stream, 0)
				equal(t, idsOf(events), recordedIDs(got))
				equal(t, stream, got[0].Stream)
			}
		}},
		{"streams whose names are prefixes of each other are apart", func(t *trial) {
			stream := newStream()
			longer, longest := stream+"+", stream+"+1"
			a := t.appended(stream, es.NoStream, 2)
			b := t.appended(longest, es.NoStream, 3)
			equal(t, idsOf(a), recordedIDs(t.read(stream, 0)))
			hasLen(t, t.read(longer, 0), 0)
			equal(t, idsOf(b), recordedIDs(t.read(longest, 0)))
		}},
		{"an event of 64 KiB is kept and one byte more is refused", func(t *trial) {
			stream, events := newStream(), proposals(1)
			events[0].Metadata = []byte(`{}`)
			events[0].Data = bytes.Repeat([]byte("x"), es.MaxEventBytes-len(events[0].Type)-len(events[0].Metadata)+1)
			t.refused(stream, events, "event_too_large")
			events[0].Data = events[0].Data[1:]
			t.append(stream, es.At(es.NoStream), events)
			hasLen(t, t.read(stream, 0)[0].Data, len(events[0].Data))
		}},
		{"100 events are kept at once and 101 are refused", func(t *trial) {
			stream := newStream()
			t.refused(stream, proposals(es.MaxAppendSize+1), "append_too_large")
			t.appended(stream, es.NoStream, es.MaxAppendSize)
			gapless(t, t.read(stream, 0), es.MaxAppendSize)
		}},
		{"512 KiB are kept at once and one byte more is refused", func(t *trial) {
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
			t.refused(stream, events, "append_too_large")
			fill(&events[n], 100)
			t.append(stream, es.At(es.NoStream), events)
			gapless(t, t.read(stream, 0), n+1)
		}},
		{"what no store takes is refused before it is sent", func(t *trial) {
			noID, noType, systemType := proposals(1), proposals(1), proposals(1)
			noID[0].ID, noType[0].Type, systemType[0].Type = id.Event{}, "", "$metadata"
			for _, events := range [][]es.Proposed{nil, noID, noType, systemType} {
				t.refused(newStream(), events, "append_malformed")
			}
			for _, stream := range []es.Stream{"", "$all", "$$" + newStream()} {
				t.refused(stream, proposals(1), "append_malformed")
			}
		}},
	}
}
