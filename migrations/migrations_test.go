package migrations_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/migrations"
)

func TestFiles(t *testing.T) {
	entries, err := fs.ReadDir(migrations.FS(), ".")
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	pattern := regexp.MustCompile(`^([0-9]{4})_[a-z0-9_]+\.sql$`)
	numbers := map[string]string{}
	for _, entry := range entries {
		t.Run(entry.Name(), func(t *testing.T) {
			match := pattern.FindStringSubmatch(entry.Name())
			require.NotNil(t, match, "the name has the form NNNN_name.sql")
			require.NotContains(t, numbers, match[1], "the number is taken by %s", numbers[match[1]])
			numbers[match[1]] = entry.Name()

			content, err := fs.ReadFile(migrations.FS(), entry.Name())
			require.NoError(t, err)
			sql := string(content)
			require.Contains(t, sql, "-- +goose Up")
			require.NotContains(t, strings.ToLower(sql), "+goose down", "migrations only go forward")
			require.NotContains(t, strings.ToUpper(sql), "+GOOSE NO TRANSACTION", "each file is all or nothing")
		})
	}
}
