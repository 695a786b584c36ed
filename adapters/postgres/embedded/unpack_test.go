package embedded_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/embedded"
)

// archive packs files, keyed by name, as `npm pack` would.
func archive(tb testing.TB, files map[string]string) []byte {
	tb.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	w := tar.NewWriter(zipped)
	for name, content := range files {
		require.NoError(tb, w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}))
		_, err := w.Write([]byte(content))
		require.NoError(tb, err)
	}
	require.NoError(tb, w.Close())
	require.NoError(tb, zipped.Close())
	return packed.Bytes()
}

func TestUnpackPackage(t *testing.T) {
	t.Run("files are unpacked and the listed links are made, relative", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "package")
		packed := archive(t, map[string]string{
			"package/native/bin/postgres":      "program",
			"package/native/lib/libpq.so.5.18": "library",
			"package/native/pg-symlinks.json":  `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`,
			"elsewhere/file":                   "not part of the package",
		})
		require.NoError(t, embedded.UnpackPackage(bytes.NewReader(packed), dir))
		link, err := os.Readlink(filepath.Join(dir, "native", "lib", "libpq.so.5"))
		require.NoError(t, err)
		require.Equal(t, "libpq.so.5.18", link)
		content, err := os.ReadFile(filepath.Join(dir, "native", "lib", "libpq.so.5"))
		require.NoError(t, err)
		require.Equal(t, "library", string(content))
		require.NoFileExists(t, filepath.Join(dir, "elsewhere", "file"))
	})

	for name, files := range map[string]map[string]string{
		"a file that leaves the directory": {"package/../../escaped": "x"},
		"a link to outside":                {"package/native/pg-symlinks.json": `[{"source":"../../etc/passwd","target":"native/link"}]`},
		"a link placed outside":            {"package/native/pg-symlinks.json": `[{"source":"native/x","target":"../../escaped"}]`},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			parent := t.TempDir()
			require.Error(t, embedded.UnpackPackage(bytes.NewReader(archive(t, files)), filepath.Join(parent, "package")))
			require.NoFileExists(t, filepath.Join(parent, "escaped"))
		})
	}
}

func FuzzUnpackPackage(f *testing.F) {
	f.Add(archive(f, map[string]string{"package/a": "b"}))
	f.Add(archive(f, map[string]string{"package/native/pg-symlinks.json": `[{"source":"a","target":"b"}]`}))
	f.Add(archive(f, map[string]string{"package/../escape": "b"}))
	f.Add([]byte("no archive"))
	f.Fuzz(func(t *testing.T, packed []byte) {
		parent := t.TempDir()
		// Whatever the archive says, nothing appears beside the directory.
		_ = embedded.UnpackPackage(bytes.NewReader(packed), filepath.Join(parent, "package"))
		entries, err := os.ReadDir(parent)
		require.NoError(t, err)
		require.LessOrEqual(t, len(entries), 1)
		require.NoError(t, filepath.WalkDir(parent, func(_ string, _ fs.DirEntry, err error) error { return err }))
	})
}
