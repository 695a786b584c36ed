package catalog_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/catalog"
	"praxis/domain/es"
)

// The golden files hold the stored form of events; a field that stands in none
// could be renamed, and stored events with it could not be read any more. The
// nested ones are held by estest.Golden, beside each aggregate.
func TestFoundO1_EveryStoredFieldStandsInAGoldenFile(t *testing.T) {
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	for _, name := range registry.Names() {
		t.Run(name, func(t *testing.T) {
			files, err := filepath.Glob(fmt.Sprintf("../*/testdata/events/%s.v%d.*json", name, registry.Version(name)))
			require.NoError(t, err)
			require.NotEmpty(t, files)
			held := map[string]json.RawMessage{}
			for _, file := range files {
				raw, err := os.ReadFile(file)
				require.NoError(t, err)
				require.NoError(t, json.Unmarshal(raw, &held)) // adds to what is there
			}
			fields, _ := registry.Fields(name)
			for _, field := range fields {
				require.NotNil(t, held[field], "no golden file has %s; run make golden", field)
			}
		})
	}
}
