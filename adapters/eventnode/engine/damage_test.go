package engine_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/eventnode/engine"
)

const (
	pageSize   = 4096
	sectorSize = 512
)

// A kind of damage, drawn for a file of some pages. Disks do more than flip one
// bit: they lose sectors, serve old ones, and put pages where others belong.
var damages = map[string]func(*rapid.T, []byte) []byte{
	"bits flip": func(t *rapid.T, file []byte) []byte {
		for range rapid.IntRange(1, 8).Draw(t, "flips") {
			file[rapid.IntRange(0, len(file)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		return file
	},
	"bytes are overwritten": func(t *rapid.T, file []byte) []byte {
		noise := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "noise")
		copy(file[rapid.IntRange(0, len(file)-1).Draw(t, "at"):], noise)
		return file
	},
	"a sector is zeroed": func(t *rapid.T, file []byte) []byte {
		at := rapid.IntRange(0, len(file)/sectorSize-1).Draw(t, "sector") * sectorSize
		clear(file[at : at+sectorSize])
		return file
	},
	"a page is in the place of another": func(t *rapid.T, file []byte) []byte {
		pages := len(file) / pageSize
		from, to := rapid.IntRange(0, pages-1).Draw(t, "from"), rapid.IntRange(0, pages-1).Draw(t, "to")
		copy(file[to*pageSize:(to+1)*pageSize], file[from*pageSize:(from+1)*pageSize])
		return file
	},
	"the end is missing": func(t *rapid.T, file []byte) []byte {
		return file[:rapid.IntRange(0, len(file)-1).Draw(t, "length")]
	},
}

// The file has events of all sizes, streams of all lengths, several levels of
// pages and free ones. Whatever happens to it, a verified log is either exactly
// what was acknowledged, both as a whole and stream by stream, or refused with
// the name of the damage.
func TestAVerifiedLogIsTheTruthOrNamesTheDamage(t *testing.T) {
	dir, damagedDir := t.TempDir(), memoryDir(t)
	original := writeVariedLog(t, dir)
	pristine, err := os.ReadFile(filepath.Join(dir, engine.FileName))
	require.NoError(t, err)
	refused, served := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		kind := rapid.SampledFrom([]string{
			"bits flip", "bytes are overwritten", "a sector is zeroed", "a page is in the place of another", "the end is missing",
		}).Draw(r, "damage")
		damaged := damages[kind](r, bytes.Clone(pristine))
		// Every log has a directory of its own: bbolt leaves a file locked when it
		// panics over damage while opening it.
		dir, err := os.MkdirTemp(damagedDir, "") //nolint:usetesting // A directory of each run of the property, in memory.
		require.NoError(r, err)
		defer func() { require.NoError(r, os.RemoveAll(dir)) }()
		require.NoError(r, os.WriteFile(filepath.Join(dir, engine.FileName), damaged, 0o600))
		e, err := engine.Open(engine.Config{Dir: dir, Verify: true})
		if err != nil {
			_, isDamage := errors.AsType[*engine.CorruptionError](err)
			_, isFormat := errors.AsType[*engine.FormatError](err)
			require.True(r, isDamage || isFormat, "the damage is not named: %v", err)
			refused++
			return
		}
		defer func() { require.NoError(r, e.Close()) }()
		requireExactly(r, e, original)
		served++
	})
	require.Positive(t, refused)
	require.Positive(t, served, "some damage is harmless, in pages that are free")
}

// memoryDir is a directory that needs no disk, where there is one: the test opens
// thousands of files, and every opening waits for the disk.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "praxis-engine-") //nolint:usetesting // The one of the test would be on the disk.
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// writeVariedLog makes a log whose file has every kind of page.
func writeVariedLog(t *testing.T, dir string) []engine.Event {
	t.Helper()
	e, err := engine.Open(engine.Config{Dir: dir})
	require.NoError(t, err)
	for i := range 300 {
		event := newEvent(uuid.UUID{0: 7, 14: byte(i >> 8), 15: byte(i)})
		if i%40 == 0 {
			event.Data = bytes.Repeat([]byte{byte(i)}, 3*pageSize)
		}
		stream := []string{"one", "two", "three"}[i%3]
		if i%5 == 0 {
			stream = "short-" + event.ID.String()
		}
		_, err := e.Append(t.Context(), engine.Append{Stream: stream, Expected: engine.Any, Events: []engine.NewEvent{event}})
		require.NoError(t, err)
	}
	all, err := readAll(e, engine.Forwards, 1000)
	require.NoError(t, err)
	require.NoError(t, e.Close())
	return all
}

// A copy of the file that broke off is refused at every opening, before anything
// beyond its end is read.
func TestAFileThatWasCutOffIsNamed(t *testing.T) {
	dir := t.TempDir()
	writeVariedLog(t, dir)
	pristine, err := os.ReadFile(filepath.Join(dir, engine.FileName))
	require.NoError(t, err)
	parent := memoryDir(t)
	refused := 0
	for length := 2 * pageSize; length < len(pristine); length += sectorSize {
		// bbolt leaves a file locked when it panics over damage while opening it.
		damagedDir := filepath.Join(parent, strconv.Itoa(length))
		require.NoError(t, os.Mkdir(damagedDir, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(damagedDir, engine.FileName), pristine[:length], 0o600))
		e, err := engine.Open(engine.Config{Dir: damagedDir, Verify: true})
		if err == nil {
			require.NoError(t, e.Close(), "only what was never written is missing")
			continue
		}
		require.ErrorAs(t, err, new(*engine.CorruptionError), "cut off after %d bytes", length)
		refused++
	}
	require.Positive(t, refused)
}

// requireExactly compares everything a log serves with what it should.
func requireExactly(t require.TestingT, e *engine.Engine, original []engine.Event) {
	all, err := readAll(e, engine.Forwards, 1000)
	require.NoError(t, err)
	require.True(t, reflect.DeepEqual(original, all), "$all reads differently and nothing was noticed")
	streams := make(map[string][]engine.Event)
	for _, event := range original {
		streams[event.Stream] = append(streams[event.Stream], event)
	}
	for stream, events := range streams {
		read, err := readStream(e, stream, 1000)
		require.NoError(t, err)
		require.True(t, reflect.DeepEqual(events, read), "%s reads differently and nothing was noticed", stream)
	}
}

func TestAFileThatHoldsNothingIsNotTakenForANewLog(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, engine.FileName)
	t.Run("an empty file", func(t *testing.T) {
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		_, err := engine.Open(engine.Config{Dir: dir})
		require.ErrorAs(t, err, new(*engine.CorruptionError))
		require.ErrorContains(t, err, "the file is empty")
	})
	t.Run("a file whose root has lost its buckets", func(t *testing.T) {
		require.NoError(t, os.Remove(path))
		require.NoError(t, engine.WriteNoBuckets(path))
		_, err := engine.Open(engine.Config{Dir: dir})
		var damage *engine.CorruptionError
		require.ErrorAs(t, err, &damage)
		require.Equal(t, engine.CorruptionError{File: path, Bucket: "meta", Problem: "the bucket is missing"}, *damage)
	})
	t.Run("a new log", func(t *testing.T) {
		require.NoError(t, os.Remove(path))
		open(t, dir)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1, "nothing is left of the creation")
	})
}
