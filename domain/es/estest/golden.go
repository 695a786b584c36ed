package estest

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"praxis/domain/es"
)

// exportAll lets go-cmp look into unexported fields: states are compared whole.
var exportAll = cmp.Exporter(func(reflect.Type) bool { return true })

// Golden pins the stored JSON of events: each sample must encode to the bytes
// of testdata/events/<name>.v<version>.json and decode back to itself. Files of
// older versions stay for ever and must still decode through the upcasters.
// PRAXIS_UPDATE_GOLDEN=1 writes missing files; existing ones are never overwritten.
//
// Every field that is stored, optional ones and those of nested structs included, is
// set in a sample or in one of the files <name>.v<version>.full….json, whose values
// mean nothing: so no field is renamed without a red test. A field that is added to
// an event later gets a further file of that kind.
func Golden[E any](t *testing.T, rows []es.Row, samples ...E) {
	t.Helper()
	registry, err := es.NewRegistry(es.Plain{}, rows)
	require.NoError(t, err)
	dir := filepath.Join("testdata", "events")
	seen := map[string]bool{}
	for _, sample := range samples {
		name, data, meta, err := registry.Encode(sample, es.Subject{}, es.Metadata{OccurredAt: time.Unix(0, 0)})
		require.NoError(t, err)
		file := filepath.Join(dir, fmt.Sprintf("%s.v%d.json", name, registry.Version(name)))
		seen[name] = true
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if os.IsNotExist(err) && os.Getenv("PRAXIS_UPDATE_GOLDEN") == "1" {
				require.NoError(t, os.MkdirAll(dir, 0o755))
				require.NoError(t, os.WriteFile(file, append(data, '\n'), 0o644))
				want, err = os.ReadFile(file)
			}
			require.NoError(t, err, "run `make golden` to write the file of a new event or version")
			require.Equal(t, string(want), string(data)+"\n", "the stored form of an event never changes: add a version and an upcaster")
			env, err := registry.Decode(es.Recorded{Type: name, Data: want, Metadata: meta})
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(any(sample), env.Event, exportAll))
		})
	}
	for _, name := range registry.Names() {
		require.True(t, seen[name], "event %s has no golden sample", name)
	}
	t.Run("every field that is stored is set in a file", func(t *testing.T) {
		for _, sample := range samples {
			requireFull(t, registry, dir, sample)
		}
	})
	t.Run("every older version still decodes", func(t *testing.T) {
		for _, name := range registry.Names() {
			for v := 1; v < registry.Version(name); v++ {
				data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%s.v%d.json", name, v)))
				require.NoError(t, err)
				meta, err := es.Metadata{SchemaVersion: v}.Encode()
				require.NoError(t, err)
				_, err = registry.Decode(es.Recorded{Type: name, Data: data, Metadata: meta})
				require.NoError(t, err, "%s version %d", name, v)
			}
		}
	})
}

// requireFull holds the files of one event that are not samples, and fails if a
// field is set in no file.
func requireFull(t *testing.T, registry *es.Registry, dir string, sample any) {
	t.Helper()
	encode := func(event any) (name string, data, meta []byte) {
		name, data, meta, err := registry.Encode(event, es.Subject{}, es.Metadata{OccurredAt: time.Unix(0, 0)})
		require.NoError(t, err)
		return name, data, meta
	}
	name, _, meta := encode(sample)
	of := reflect.TypeOf(sample)
	whole := reflect.New(of).Elem()
	fill(t, whole, name)
	want, set := paths{}, paths{}
	want.ofValue(whole, "")
	set.ofValue(reflect.ValueOf(sample), "")
	hold := func(file string) {
		stored, err := os.ReadFile(file)
		require.NoError(t, err)
		env, err := registry.Decode(es.Recorded{Type: name, Data: stored, Metadata: meta})
		require.NoError(t, err, "%s: the stored form of an event never changes", file)
		_, again, _ := encode(env.Event)
		require.Equal(t, string(stored), string(again)+"\n", "%s: the stored form of an event never changes", file)
		set.ofValue(reflect.ValueOf(env.Event), "")
	}
	pattern := filepath.Join(dir, fmt.Sprintf("%s.v%d.full", name, registry.Version(name)))
	files, err := filepath.Glob(pattern + "*.json")
	require.NoError(t, err)
	for _, file := range files {
		hold(file)
	}
	missing := func() (all []string) {
		for path := range want {
			if !set[path] {
				all = append(all, path)
			}
		}
		slices.Sort(all)
		return all
	}
	if len(missing()) > 0 && os.Getenv("PRAXIS_UPDATE_GOLDEN") == "1" {
		file := pattern + ".json"
		if len(files) > 0 {
			file = fmt.Sprintf("%s.%d.json", pattern, len(files)+1)
		}
		_, data, _ := encode(whole.Interface())
		require.NoError(t, os.WriteFile(file, append(data, '\n'), 0o644))
		hold(file)
	}
	require.Empty(t, missing(), "no file of %s sets these fields: run `make golden`", name)
}
