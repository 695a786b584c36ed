package pgtest_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
)

func TestTemplateName(t *testing.T) {
	name := func(files map[string]string) string {
		fsys := fstest.MapFS{}
		for path, content := range files {
			fsys[path] = &fstest.MapFile{Data: []byte(content)}
		}
		name, err := pgtest.TemplateName(fsys)
		require.NoError(t, err)
		return name
	}
	base := name(map[string]string{"0001_a.sql": "select 1"})
	require.Equal(t, base, name(map[string]string{"0001_a.sql": "select 1"}))
	require.LessOrEqual(t, len(base+"_building"), 63, "PostgreSQL cuts longer names")
	for change, files := range map[string]map[string]string{
		"a changed migration": {"0001_a.sql": "select 2"},
		"a renamed migration": {"0001_b.sql": "select 1"},
		"another migration":   {"0001_a.sql": "select 1", "0002_b.sql": "select 1"},
		"no migration":        {},
	} {
		require.NotEqual(t, base, name(files), "%s is another template", change)
	}
}
