package embedded_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/embedded"
)

// fakeInstallation makes a directory that looks like PostgreSQL version, as
// far as finding is concerned: two programs, one of which names its version.
func fakeInstallation(t *testing.T, dir, version string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
	for _, program := range []string{"postgres", "initdb"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755))
	}
	return dir
}

func TestFind(t *testing.T) {
	t.Run("finds the PostgreSQL of this machine", func(t *testing.T) {
		b, err := embedded.Find()
		require.NoError(t, err)
		require.GreaterOrEqual(t, b.Major, embedded.MinimumMajor)
		require.FileExists(t, b.Postgres())
		require.FileExists(t, b.Initdb())
	})

	t.Run("the operator's choice comes before everything", func(t *testing.T) {
		root := t.TempDir()
		chosen := fakeInstallation(t, filepath.Join(root, "chosen"), "16.2")
		b, err := embedded.Search{Explicit: chosen, Path: fakeInstallation(t, filepath.Join(root, "path"), "17.1")}.Find()
		require.NoError(t, err)
		require.Equal(t, embedded.Binaries{Dir: chosen, Version: "16.2", Major: 16}, b)
	})

	t.Run("an unusable choice of the operator is an error, not replaced", func(t *testing.T) {
		root := t.TempDir()
		_, err := embedded.Search{Explicit: filepath.Join(root, "none"), Path: fakeInstallation(t, filepath.Join(root, "path"), "17.1")}.Find()
		require.ErrorContains(t, err, embedded.BinEnv)
		_, err = embedded.Search{Explicit: fakeInstallation(t, filepath.Join(root, "old"), "13.9")}.Find()
		require.ErrorContains(t, err, "needs 14 or newer")
	})

	t.Run("PATH comes before the usual places, and a link leads to its installation", func(t *testing.T) {
		root := t.TempDir()
		installed := fakeInstallation(t, filepath.Join(root, "lib", "15", "bin"), "15.18")
		fakeInstallation(t, filepath.Join(root, "lib", "17", "bin"), "17.1")
		links := filepath.Join(root, "links")
		require.NoError(t, os.Mkdir(links, 0o755))
		require.NoError(t, os.Symlink(filepath.Join(installed, "postgres"), filepath.Join(links, "postgres")))
		b, err := embedded.Search{Path: links, Globs: []string{filepath.Join(root, "lib", "*", "bin")}}.Find()
		require.NoError(t, err)
		require.Equal(t, installed, b.Dir)
	})

	t.Run("a wrapper in PATH without initdb beside it is passed over", func(t *testing.T) {
		root := t.TempDir()
		wrapper := fakeInstallation(t, filepath.Join(root, "wrapper"), "15.18")
		require.NoError(t, os.Remove(filepath.Join(wrapper, "initdb")))
		installed := fakeInstallation(t, filepath.Join(root, "lib", "15", "bin"), "15.18")
		b, err := embedded.Search{Path: wrapper, Globs: []string{filepath.Join(root, "lib", "*", "bin")}}.Find()
		require.NoError(t, err)
		require.Equal(t, installed, b.Dir)
	})

	t.Run("of one place the highest version comes first, by number", func(t *testing.T) {
		root := t.TempDir()
		for _, v := range []string{"9", "15", "18.2", "18.10"} {
			fakeInstallation(t, filepath.Join(root, v, "bin"), strings.Replace(v, "9", "9.6.24", 1))
		}
		b, err := embedded.Search{Globs: []string{filepath.Join(root, "*", "bin")}}.Find()
		require.NoError(t, err)
		require.Equal(t, "18.10", b.Version)
	})

	t.Run("the version of the data is preferred to a newer one", func(t *testing.T) {
		root := t.TempDir()
		fakeInstallation(t, filepath.Join(root, "15", "bin"), "15.18")
		fakeInstallation(t, filepath.Join(root, "17", "bin"), "17.1")
		b, err := embedded.Search{Globs: []string{filepath.Join(root, "*", "bin")}}.FindMajor(15)
		require.NoError(t, err)
		require.Equal(t, 15, b.Major)
	})

	t.Run("nothing usable says what was seen and the command that installs it", func(t *testing.T) {
		root := t.TempDir()
		fakeInstallation(t, filepath.Join(root, "13", "bin"), "13.9")
		broken := fakeInstallation(t, filepath.Join(root, "16", "bin"), "16.1")
		require.NoError(t, os.WriteFile(filepath.Join(broken, "postgres"), []byte("#!/bin/sh\necho missing library >&2; exit 127\n"), 0o755))
		_, err := embedded.Search{Globs: []string{filepath.Join(root, "*", "bin")}}.Find()
		require.ErrorAs(t, err, new(*embedded.NotFoundError))
		require.ErrorContains(t, err, embedded.InstallCommand())
		require.ErrorContains(t, err, "PostgreSQL 13.9")
		require.ErrorContains(t, err, "missing library")
	})
}

func FuzzParseVersion(f *testing.F) {
	f.Add("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n")
	f.Add("postgres (PostgreSQL) 18.4")
	f.Add("postgres (PostgreSQL) 9.6.24")
	f.Add("postgres (PostgreSQL) 19devel")
	f.Add("postgres (PostgreSQL) 18beta2")
	f.Add("initdb (PostgreSQL) 15.18")
	f.Add("")
	f.Fuzz(func(t *testing.T, answer string) {
		version, major, err := embedded.ParseVersion(answer)
		if err != nil {
			require.Empty(t, version)
			require.Zero(t, major)
			return
		}
		require.Positive(t, major)
		require.Contains(t, answer, version)
		require.NotContains(t, version, " ")
	})
}

func TestParseVersion(t *testing.T) {
	for answer, want := range map[string]struct {
		version string
		major   int
	}{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": {"15.18", 15},
		"postgres (PostgreSQL) 18.4\n":                           {"18.4", 18},
		"postgres (PostgreSQL) 9.6.24\n":                         {"9.6.24", 9},
		"postgres (PostgreSQL) 19devel\n":                        {"19devel", 19},
		"postgres (PostgreSQL) 18beta2\n":                        {"18beta2", 18},
		"postgres (PostgreSQL) 18rc1 (vendor)\n":                 {"18rc1", 18},
	} {
		version, major, err := embedded.ParseVersion(answer)
		require.NoError(t, err, answer)
		require.Equal(t, want.version, version)
		require.Equal(t, want.major, major)
	}
	_, _, err := embedded.ParseVersion("psql (PostgreSQL) 15.18")
	require.Error(t, err)
}
