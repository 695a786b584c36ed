package catalog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// careful is a sealer that seals nothing and does not say so: every event is taken apart.
type careful struct{ es.Sealer }

func registryOf(t testing.TB, sealer es.Sealer) *es.Registry {
	t.Helper()
	r, err := catalog.Registry(sealer)
	require.NoError(t, err)
	return r
}

// golden returns every golden file of the versions that are written today, without the
// line's end, as the store has it.
func golden(t testing.TB, r *es.Registry) (all []es.Recorded) {
	t.Helper()
	for _, name := range r.Names() {
		files, err := filepath.Glob(fmt.Sprintf("../*/testdata/events/%s.v%d.*json", name, r.Version(name)))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		meta, err := es.Metadata{
			Causation: "9f1c", Correlation: "9f1c", Actor: "member:" + id.Derive[id.Member]("m").String(), ActorRole: "owner",
			Command: id.Derive[id.Command]("c"), CommandName: "chart.create", Decision: "role:owner/group", Fingerprint: strings.Repeat("a", 32),
			Group: id.Derive[id.Group]("g"), OccurredAt: time.Unix(1_780_000_000, 123456789), RecordedAt: time.Unix(1_780_000_000, 124000000),
			Request: "9f1c", SchemaVersion: r.Version(name),
		}.Encode()
		require.NoError(t, err)
		for _, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			all = append(all, es.Recorded{Type: name, Data: bytes.TrimSpace(data), Metadata: meta})
		}
	}
	return all
}

// parsed is what the JSON parser alone makes of an event of a type: the judge of decoding.
func parsed(data []byte, of reflect.Type) (any, error) {
	event := reflect.New(of)
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(event.Interface()); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("bytes after the event")
	}
	return event.Elem().Interface(), nil
}

// requireParsed holds decoding to the JSON parser: it takes the same bytes, and makes the
// same of them.
func requireParsed(t *testing.T, r *es.Registry, rec es.Recorded, of reflect.Type) {
	t.Helper()
	want, refused := parsed(rec.Data, of)
	env, err := r.Decode(rec)
	if refused != nil {
		require.Error(t, err, "%s %s", rec.Type, rec.Data)
		require.Equal(t, "event_unreadable", fault.From(err).Code)
		return
	}
	require.NoError(t, err, "%s %s", rec.Type, rec.Data)
	require.True(t, reflect.DeepEqual(want, env.Event), "%s %s: %+v, and the parser reads %+v", rec.Type, rec.Data, env.Event, want)
}

// typesOf are the Go types of events by their wire names.
func typesOf(t testing.TB, r *es.Registry, stored []es.Recorded) map[string]reflect.Type {
	t.Helper()
	types := map[string]reflect.Type{}
	for _, rec := range stored {
		env, err := r.Decode(rec)
		require.NoError(t, err)
		types[rec.Type] = reflect.TypeOf(env.Event)
	}
	return types
}

// TestEveryEventIsReadAsTheJSONParserReadsIt: whole, damaged at each of its bytes, cut off
// at each, with a member twice, a null, and blanks.
func TestEveryEventIsReadAsTheJSONParserReadsIt(t *testing.T) {
	r, taken := registryOf(t, es.Plain{}), registryOf(t, careful{es.Plain{}})
	stored := golden(t, r)
	types := typesOf(t, r, stored)
	const damage = "\"\\{}[],:0-.eNtn A\x00\x7f\x80\xff"
	for n, rec := range stored {
		requireParsed(t, r, rec, types[rec.Type])
		requireParsed(t, taken, rec, types[rec.Type])
		whole := rec.Data
		try := func(data []byte) {
			rec.Data = data
			requireParsed(t, r, rec, types[rec.Type])
		}
		try(append(bytes.Clone(whole), ' '))
		try(append(bytes.Clone(whole), whole...))
		try(bytes.ReplaceAll(whole, []byte(`":`), []byte(`": `)))
		try(bytes.ToUpper(whole))
		try(append(append(bytes.Clone(whole[:len(whole)-1]), ','), whole[1:]...))
		for i := range whole {
			try(whole[:i])
			try(append(bytes.Clone(whole[:i]), whole[i+1:]...))
			changed := bytes.Clone(whole)
			changed[i] = damage[(i+n)%len(damage)]
			try(changed)
			if i > 0 && whole[i-1] == ':' {
				try(append(append(bytes.Clone(whole[:i]), "null"...), whole[i+bytes.IndexAny(whole[i:], ",}"):]...))
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	r := registryOf(f, es.Plain{})
	stored := golden(f, r)
	types := typesOf(f, r, stored)
	for i, rec := range stored {
		f.Add(i, rec.Data)
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		rec := stored[uint(i)%uint(len(stored))]
		rec.Data = data
		requireParsed(t, r, rec, types[rec.Type])
	})
}

// BenchmarkDecode decodes one event of each type, and reports how long that takes for
// each second that the JSON parser alone takes for data and metadata.
func BenchmarkDecode(b *testing.B) {
	r := registryOf(b, es.Plain{})
	stored := golden(b, r)
	types := typesOf(b, r, stored)
	parse := func() {
		for _, rec := range stored {
			var meta es.Metadata
			if err := json.Unmarshal(rec.Metadata, &meta); err != nil {
				b.Fatal(err)
			}
			if _, err := parsed(rec.Data, types[rec.Type]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, rec := range stored {
			if _, err := r.Decode(rec); err != nil {
				b.Fatal(err)
			}
		}
	}
	took := b.Elapsed() / time.Duration(b.N)
	began := time.Now()
	for range b.N {
		parse()
	}
	floor := time.Since(began) / time.Duration(b.N)
	b.ReportMetric(float64(took.Nanoseconds())/float64(len(stored)), "ns/event")
	b.ReportMetric(took.Seconds()/floor.Seconds(), "of-the-parser")
}
