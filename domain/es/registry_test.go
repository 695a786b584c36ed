package es_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// renamed is an event in its third version: v1 had "n", v2 renamed it to "note",
// v3 added "weight".
type renamed struct {
	Note   string `json:"note" personal:"true"`
	Weight int    `json:"weight"`
}

type plain struct {
	A string `json:"a"`
}

func renamedRow() es.Row {
	return es.Define[renamed]("test.renamed", 3).
		Upcast(1, func(old json.RawMessage) (json.RawMessage, error) {
			var v1 struct {
				N string `json:"n"`
			}
			if err := json.Unmarshal(old, &v1); err != nil {
				return nil, err
			}
			return json.Marshal(map[string]string{"note": v1.N})
		}).
		Upcast(2, func(old json.RawMessage) (json.RawMessage, error) {
			var object map[string]any
			if err := json.Unmarshal(old, &object); err != nil {
				return nil, err
			}
			object["weight"] = 1
			return json.Marshal(object)
		})
}

func registry(t testing.TB, sealer es.Sealer) *es.Registry {
	t.Helper()
	r, err := es.NewRegistry(sealer, []es.Row{renamedRow()}, []es.Row{es.Define[plain]("test.plain", 1)})
	require.NoError(t, err)
	return r
}

func TestNewRegistry_Refuses(t *testing.T) {
	keep := func(v json.RawMessage) (json.RawMessage, error) { return v, nil }
	for name, rows := range map[string][]es.Row{
		"a name twice":                    {es.Define[plain]("test.x", 1), es.Define[renamed]("test.x", 1)},
		"a type twice":                    {es.Define[plain]("test.x", 1), es.Define[plain]("test.y", 1)},
		"version 0":                       {es.Define[plain]("test.x", 0)},
		"a chain without its beginning":   {es.Define[plain]("test.x", 3).Upcast(2, keep)},
		"a chain without its end":         {es.Define[plain]("test.x", 3).Upcast(1, keep)},
		"a chain that goes on too far":    {es.Define[plain]("test.x", 2).Upcast(1, keep).Upcast(2, keep)},
		"a chain that begins too early":   {es.Define[plain]("test.x", 1).Upcast(0, keep)},
		"a step that is there but is nil": {es.Define[plain]("test.x", 2).Upcast(1, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := es.NewRegistry(es.Plain{}, rows)
			require.Error(t, err)
		})
	}
}

func TestRegistry_Names(t *testing.T) {
	r := registry(t, es.Plain{})
	require.Equal(t, []string{"test.plain", "test.renamed"}, r.Names())
	require.Equal(t, 3, r.Version("test.renamed"))
	require.Equal(t, 0, r.Version("test.unknown"))
	require.Equal(t, "test.plain", r.NameOf(plain{}))
	require.Empty(t, r.NameOf(struct{}{}))
}

// stored is an event as the store would give it back.
func stored(t testing.TB, name, data string, version int) es.Recorded {
	t.Helper()
	meta, err := es.Metadata{SchemaVersion: version}.Encode()
	require.NoError(t, err)
	return es.Recorded{Type: name, Data: []byte(data), Metadata: meta, Stream: es.StreamOf("test", group)}
}

func TestRegistry_Decode(t *testing.T) {
	r := registry(t, es.Plain{})
	t.Run("upcasts from every older version", func(t *testing.T) {
		for version, data := range map[int]string{1: `{"n":"x"}`, 2: `{"note":"x"}`, 3: `{"note":"x","weight":1}`} {
			env, err := r.Decode(stored(t, "test.renamed", data, version))
			require.NoError(t, err)
			require.Equal(t, renamed{Note: "x", Weight: 1}, env.Event)
			require.Equal(t, version, env.Meta.SchemaVersion, "the metadata says what was stored")
		}
	})
	for name, rec := range map[string]es.Recorded{
		"an unknown name":            stored(t, "test.unknown", `{}`, 1),
		"a newer version":            stored(t, "test.renamed", `{"note":"x","weight":1}`, 4),
		"a field nobody knows":       stored(t, "test.plain", `{"a":"x","b":1}`, 1),
		"bytes after the event":      stored(t, "test.plain", `{"a":"x"} {}`, 1),
		"half an event":              stored(t, "test.plain", `{"a":`, 1),
		"another type of value":      stored(t, "test.plain", `{"a":1}`, 1),
		"an upcast that fails":       stored(t, "test.renamed", `{"n":1}`, 1),
		"metadata that is no object": {Type: "test.plain", Data: []byte(`{}`), Metadata: []byte(`[]`)},
		"metadata without a version": {Type: "test.plain", Data: []byte(`{}`), Metadata: []byte(`{}`)},
		"metadata with version 0":    {Type: "test.plain", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"0"}`)},
		"metadata with a bad group":  {Type: "test.plain", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"1","groupId":"x"}`)},
	} {
		t.Run("never skips "+name, func(t *testing.T) {
			_, err := r.Decode(rec)
			f := fault.From(err)
			require.Equal(t, "event_unreadable", f.Code)
			require.NotContains(t, f.Message, rec.Type)
		})
	}
}

// spoken is a Sealer whose work can be seen and that fails on demand.
type spoken struct{ fail error }

func (s spoken) Seal(subject es.Subject, v json.RawMessage) (json.RawMessage, error) {
	sealed, _ := json.Marshal(map[string]any{"sealed": string(v), "for": subject.Chart.String()})
	return sealed, s.fail
}

func (s spoken) Open(v json.RawMessage) (json.RawMessage, error) {
	var box struct {
		Sealed string `json:"sealed"`
	}
	if json.Unmarshal(v, &box) != nil {
		return v, s.fail
	}
	return json.RawMessage(box.Sealed), s.fail
}

func TestRegistry_Sealing(t *testing.T) {
	r := registry(t, spoken{})
	event := renamed{Note: "Jane", Weight: 7}
	name, data, meta, err := r.Encode(event, es.Subject{Group: group, Chart: chart}, es.Metadata{})
	require.NoError(t, err)
	t.Run("only personal fields go through the sealer, with their subject", func(t *testing.T) {
		require.JSONEq(t, `{"note":{"sealed":"\"Jane\"","for":"`+chart.String()+`"},"weight":7}`, string(data))
	})
	t.Run("and come back", func(t *testing.T) {
		env, err := r.Decode(es.Recorded{Type: name, Data: data, Metadata: meta})
		require.NoError(t, err)
		require.Equal(t, event, env.Event)
	})
	t.Run("values that were never sealed stay readable", func(t *testing.T) {
		env, err := r.Decode(stored(t, "test.renamed", `{"note":"Jane","weight":7}`, 3))
		require.NoError(t, err)
		require.Equal(t, event, env.Event)
	})
	t.Run("nothing is stored unsealed when the sealer fails", func(t *testing.T) {
		fail := errors.New("no key")
		_, data, _, err := registry(t, spoken{fail}).Encode(event, es.Subject{}, es.Metadata{})
		require.ErrorIs(t, err, fail)
		require.Empty(t, data)
	})
	t.Run("events without personal fields never meet it", func(t *testing.T) {
		_, _, _, err := registry(t, spoken{errors.New("no key")}).Encode(plain{A: "x"}, es.Subject{}, es.Metadata{})
		require.NoError(t, err)
	})
	t.Run("an event that is not registered is not stored", func(t *testing.T) {
		_, _, _, err := r.Encode(struct{}{}, es.Subject{}, es.Metadata{})
		require.ErrorContains(t, err, "not registered")
	})
}

func TestMetadata(t *testing.T) {
	full := es.Metadata{
		Actor: "member:1", ActorRole: "owner", OnBehalfOf: "member:2", Group: group, Command: id.Derive[id.Command]("c"),
		CommandName: "test.do", Fingerprint: "f", Correlation: "co", Causation: "ca", Request: "r", Purpose: "treatment",
		Reason: "because", Decision: "role:owner", OccurredAt: time.Date(2026, 1, 6, 9, 0, 0, 7, time.UTC),
		RecordedAt: time.Date(2026, 1, 6, 9, 0, 0, 8000, time.UTC), SchemaVersion: 2,
	}
	t.Run("is one flat object of strings", func(t *testing.T) {
		b, err := full.Encode()
		require.NoError(t, err)
		var flat map[string]string
		require.NoError(t, json.Unmarshal(b, &flat))
		require.Len(t, flat, 16)
		require.Equal(t, "co", flat["$correlationId"])
		require.Equal(t, "ca", flat["$causationId"])
	})
	t.Run("comes back as it was", func(t *testing.T) {
		b, err := full.Encode()
		require.NoError(t, err)
		back, err := es.DecodeMetadata(b)
		require.NoError(t, err)
		require.Equal(t, full, back)
	})
	t.Run("leaves out what is unset and ignores what others add", func(t *testing.T) {
		b, err := es.Metadata{SchemaVersion: 1}.Encode()
		require.NoError(t, err)
		require.JSONEq(t, `{"schemaVersion":"1"}`, string(b))
		_, err = es.DecodeMetadata([]byte(`{"schemaVersion":"1","theirs":"x"}`))
		require.NoError(t, err)
	})
}

// requireRecordedAt holds a store to the instant that decoding finds in the metadata, the
// store's own where there is none, and a copy to both.
func requireRecordedAt(t *testing.T, want time.Time, metadata []byte) {
	t.Helper()
	stamped := time.Date(2027, 2, 3, 4, 5, 6, 0, time.FixedZone("", 3600))
	if want.IsZero() {
		want = stamped
	}
	rec := es.Recorded{Metadata: metadata}
	rec.Stamp(stamped)
	require.Equal(t, want.UTC(), rec.RecordedAt)
	require.Equal(t, stamped.UTC(), rec.StampedAt)
	elsewhere := es.Recorded{Metadata: rec.Copy().Metadata}
	elsewhere.Stamp(stamped.AddDate(1, 0, 0))
	if bytes.HasPrefix(bytes.TrimSpace(metadata), []byte("{")) {
		require.Equal(t, want.UTC(), elsewhere.RecordedAt)
	}
}

func FuzzDecodeMetadata(f *testing.F) {
	f.Add([]byte(`{"schemaVersion":"1","actor":"member:1","groupId":"018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e","occurredAt":"2026-01-06T09:00:00.000000007Z"}`))
	f.Add([]byte(`{"schemaVersion":"1","occurredAt":"2026-01-06T09:00:00+02:00"}`))
	f.Add([]byte(`{"schemaVersion":"1","recordedAt":"2026-01-06T09:00:00.5+02:00"}`))
	f.Add([]byte(`{"schemaVersion":"1","RECORDEDAT":"2026-01-06T09:00:00Z","recordedAt":""}`))
	f.Add([]byte(`{"schemaVersion":"1","recordedAt":"2026-01-06T09:00:00Z","theirs":{"recordedAt":"2027-01-06T09:00:00Z"}}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"schemaVersion":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := es.DecodeMetadata(b)
		if err != nil {
			require.Equal(t, "event_metadata_unreadable", fault.From(err).Code)
			return
		}
		requireRecordedAt(t, m.RecordedAt, b)
		encoded, err := m.Encode()
		require.NoError(t, err)
		requireRecordedAt(t, m.RecordedAt, encoded)
		again, err := es.DecodeMetadata(encoded)
		require.NoError(t, err)
		require.True(t, m.OccurredAt.Equal(again.OccurredAt))
		require.True(t, m.RecordedAt.Equal(again.RecordedAt))
		again.OccurredAt, again.RecordedAt = m.OccurredAt, m.RecordedAt
		require.Equal(t, m, again)
	})
}

func FuzzRegistryDecode(f *testing.F) {
	f.Add("test.renamed", []byte(`{"n":"x"}`), 1)
	f.Add("test.renamed", []byte(`{"note":null}`), 2)
	f.Add("test.renamed", []byte(`{"note":{"sealed":"{"},"weight":1}`), 3)
	f.Add("test.plain", []byte(`null`), 1)
	f.Add("test.plain", []byte(`{"a":"\ud800"}`), 1)
	r := registry(f, spoken{})
	f.Fuzz(func(t *testing.T, name string, data []byte, version int) {
		meta, err := es.Metadata{SchemaVersion: version}.Encode()
		require.NoError(t, err)
		env, err := r.Decode(es.Recorded{Type: name, Data: data, Metadata: meta})
		if err != nil {
			require.Equal(t, "event_unreadable", fault.From(err).Code)
			return
		}
		again, encoded, meta, err := r.Encode(env.Event, es.Subject{}, es.Metadata{})
		require.NoError(t, err)
		require.Equal(t, name, again)
		back, err := r.Decode(es.Recorded{Type: again, Data: encoded, Metadata: meta})
		require.NoError(t, err)
		require.Equal(t, env.Event, back.Event)
	})
}
