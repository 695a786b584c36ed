package estest

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
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
