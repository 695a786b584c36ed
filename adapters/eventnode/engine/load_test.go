package engine_test

import (
	"bytes"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode/engine"
)

// recordsOf returns all records of a log.
func recordsOf(t testing.TB, e *engine.Engine) (all [][]byte) {
	t.Helper()
	for {
		page, err := e.Records(uint64(len(all)) + 1)
		require.NoError(t, err)
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
}

// next returns records one by one.
func next(records [][]byte) func() ([]byte, error) {
	return func() ([]byte, error) {
		if len(records) == 0 {
			return nil, io.EOF
		}
		first := records[0]
		records = records[1:]
		return first, nil
	}
}

// filled returns a log of several pages and batches, in a few streams, some of it no JSON.
func filled(t testing.TB) *engine.Engine {
	t.Helper()
	clock := time.Date(2020, 1, 1, 0, 0, 0, 100, time.UTC)
	e, err := engine.Open(engine.Config{Dir: t.TempDir(), Clock: func() time.Time { clock = clock.Add(time.Minute); return clock }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	for i := range 400 {
		a := engine.Append{Stream: string(rune('a' + i*i%7)), Expected: engine.Any, Events: events(newIDs(1 + i%3)...)}
		a.Events[0].Data, a.Events[0].IsJSON = make([]byte, 1+i*97%20_000), false
		_, err := e.Append(t.Context(), a)
		require.NoError(t, err)
	}
	return e
}

func TestLoad(t *testing.T) {
	original := filled(t)
	dir := t.TempDir()
	require.NoError(t, engine.Load(dir, next(recordsOf(t, original))))
	loaded, err := engine.Open(engine.Config{Dir: dir, Verify: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, loaded.Close()) })
	want, err := readAll(original, engine.Forwards, 1000)
	require.NoError(t, err)
	got, err := readAll(loaded, engine.Forwards, 1000)
	require.NoError(t, err)
	require.Equal(t, want, got, "positions, stamps and formats included")

	// It goes on where the original stands.
	ids := newIDs(1)
	require.Equal(t, appendAll(t, original, "b", ids...), appendAll(t, loaded, "b", ids...))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestLoad_OfNothingIsAnEmptyLog(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, engine.Load(dir, next(nil)))
	require.EqualValues(t, 1, appendAll(t, open(t, dir), "first", newIDs(1)...).Position)
}

// Records that are no log make none, and leave nothing behind.
func TestLoad_RefusesWhatIsNoLog(t *testing.T) {
	whole := recordsOf(t, filled(t))
	for name, change := range map[string]func([][]byte) [][]byte{
		"without one in the middle": func(r [][]byte) [][]byte { return slices.Delete(r, 100, 101) },
		"without the first":         func(r [][]byte) [][]byte { return r[1:] },
		"with one twice":            func(r [][]byte) [][]byte { return slices.Insert(r, 100, r[100]) },
		"with two exchanged":        func(r [][]byte) [][]byte { r[100], r[101] = r[101], r[100]; return r },
		"with an empty one":         func(r [][]byte) [][]byte { r[100] = nil; return r },
		"with a bit that is another": func(r [][]byte) [][]byte {
			r[100] = slices.Clone(r[100])
			r[100][rand.IntN(len(r[100]))] ^= 1 << rand.IntN(8)
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var damage *engine.CorruptionError
			require.ErrorAs(t, engine.Load(dir, next(change(slices.Clone(whole)))), &damage)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
	t.Run("broken off", func(t *testing.T) {
		dir := t.TempDir()
		records := next(whole[:200])
		require.ErrorIs(t, engine.Load(dir, func() ([]byte, error) {
			record, err := records()
			if err != nil {
				err = io.ErrUnexpectedEOF
			}
			return record, err
		}), io.ErrUnexpectedEOF)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

func TestLoad_LeavesALogAlone(t *testing.T) {
	dir := t.TempDir()
	kept := appendAll(t, open(t, dir), "kept", newIDs(1)...)
	require.ErrorIs(t, engine.Load(dir, next(recordsOf(t, filled(t)))), fs.ErrExist)
	require.EqualValues(t, 1, kept.Position)
}

func TestRecords_NamesDamage(t *testing.T) {
	dir := t.TempDir()
	original := writeLog(t, dir)
	path := filepath.Join(dir, engine.FileName)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	file = bytes.ReplaceAll(file, []byte(original[30].ID.String()), []byte(original[31].ID.String()))
	require.NoError(t, os.WriteFile(path, file, 0o600))
	_, err = open(t, dir).Records(1)
	var damage *engine.CorruptionError
	require.ErrorAs(t, err, &damage)
	require.Equal(t, original[30].Position, damage.Position)
}
