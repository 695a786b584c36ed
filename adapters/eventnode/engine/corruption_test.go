package engine_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode/engine"
)

// writeLog makes a log of a few streams and returns its events.
func writeLog(t *testing.T, dir string) []engine.Event {
	t.Helper()
	e, err := engine.Open(engine.Config{Dir: dir})
	require.NoError(t, err)
	for i := range 60 {
		appendAll(t, e, []string{"a-1", "a-2", "b-1"}[i%3], uuid.UUID{14: 1, 15: byte(i)})
	}
	all, err := readAll(e, engine.Forwards, 1000)
	require.NoError(t, err)
	require.NoError(t, e.Close())
	return all
}

func TestADamagedRecordIsNamedAndNothingElseIsLost(t *testing.T) {
	dir := t.TempDir()
	original := writeLog(t, dir)
	path := filepath.Join(dir, engine.FileName)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	payload := []byte(original[30].ID.String())
	for at := bytes.Index(file, payload); at >= 0; at = bytes.Index(file, payload) {
		file[at] ^= 0x20 // in every page that has a copy, free ones included
	}
	require.NoError(t, os.WriteFile(path, file, 0o600))

	e := open(t, dir)
	before, err := e.ReadAll(engine.Forwards, 0, 30)
	require.NoError(t, err)
	require.Equal(t, eventIDs(original[:30]), eventIDs(before.Events))
	after, err := e.ReadAll(engine.Forwards, 32, 100)
	require.NoError(t, err)
	require.Equal(t, eventIDs(original[31:]), eventIDs(after.Events))

	var damage *engine.CorruptionError
	_, err = readAll(e, engine.Forwards, 1000)
	require.ErrorAs(t, err, &damage)
	require.Equal(t, "log", damage.Bucket)
	require.Equal(t, uint64(31), damage.Position)
	require.ErrorContains(t, err, "restore the data directory from a backup")
	_, err = e.ReadStream(engine.Backwards, original[30].Stream, engine.Latest, 100)
	require.ErrorAs(t, err, new(*engine.CorruptionError))

	// A retry that would have to be compared with the damaged event is not
	// answered by a guess, and the log goes on taking other writes.
	_, err = e.Append(t.Context(), engine.Append{Stream: original[30].Stream, Expected: engine.Expected(original[30].Revision) - 1, Events: events(original[30].ID)})
	require.ErrorAs(t, err, new(*engine.CorruptionError))
	require.Equal(t, uint64(61), appendAll(t, e, "c", uuid.New()).Position)
}

// Bytes all over the file, damaged one by one: the log is either refused at the
// verifying open, or reads exactly as it was written and can be written to
// without harm. Nothing in between.
func TestNoDamagedByteIsReadAsTruth(t *testing.T) {
	dir := t.TempDir()
	original := writeLog(t, dir)
	pristine, err := os.ReadFile(filepath.Join(dir, engine.FileName))
	require.NoError(t, err)
	copyDir := t.TempDir()
	detected := 0
	for at := 0; at < len(pristine); at += 127 {
		damaged := bytes.Clone(pristine)
		damaged[at] ^= 1 << (at % 8)
		require.NoError(t, os.WriteFile(filepath.Join(copyDir, engine.FileName), damaged, 0o600))
		e, err := engine.Open(engine.Config{Dir: copyDir, Verify: true})
		if err != nil {
			_, isDamage := errors.AsType[*engine.CorruptionError](err)
			_, isFormat := errors.AsType[*engine.FormatError](err)
			require.True(t, isDamage || isFormat, "byte %d: %v", at, err)
			detected++
			continue
		}
		read, err := readAll(e, engine.Forwards, 1000)
		require.NoError(t, err, "byte %d", at)
		require.True(t, reflect.DeepEqual(original, read), "byte %d: the log reads differently and nothing was noticed", at)
		appendAll(t, e, "a-1", uuid.New())
		require.NoError(t, e.Close())
		again, err := engine.Open(engine.Config{Dir: copyDir, Verify: true})
		require.NoError(t, err, "byte %d, after another append", at)
		require.NoError(t, again.Close())
	}
	require.Greater(t, detected, 25)
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, engine.WriteFormat(filepath.Join(dir, engine.FileName), 2))
	_, err := engine.Open(engine.Config{Dir: dir})
	var format *engine.FormatError
	require.ErrorAs(t, err, &format)
	require.Equal(t, engine.FormatError{Found: 2, Supported: 1}, *format)
}

func TestALostTailIsNotWrittenOver(t *testing.T) {
	dir := t.TempDir()
	writeLog(t, dir)
	require.NoError(t, engine.RemoveRecord(filepath.Join(dir, engine.FileName), 60))
	_, err := engine.Open(engine.Config{Dir: dir})
	var damage *engine.CorruptionError
	require.ErrorAs(t, err, &damage)
	require.Equal(t, uint64(60), damage.Position)
}

func TestAHoleInTheLogIsNotSkipped(t *testing.T) {
	dir := t.TempDir()
	writeLog(t, dir)
	require.NoError(t, engine.RemoveRecord(filepath.Join(dir, engine.FileName), 20))
	e := open(t, dir)
	for _, direction := range []engine.Direction{engine.Forwards, engine.Backwards} {
		_, err := readAll(e, direction, 7)
		var damage *engine.CorruptionError
		require.ErrorAs(t, err, &damage)
		require.Equal(t, engine.CorruptionError{File: filepath.Join(dir, engine.FileName), Bucket: "log", Position: 20, Problem: "the record is missing"}, *damage)
	}
}
