package engine_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode/engine"
)

func ofStreamA(stream, _ []byte) bool { return bytes.HasPrefix(stream, []byte("a-")) }

// passing reads what passes, page by page.
func passing(t *testing.T, e *engine.Engine, passes engine.Passes, limit uint64) (all []engine.Event, pages int) {
	t.Helper()
	for from := uint64(1); ; pages++ {
		page, err := e.ReadPassing(engine.Forwards, from, limit, passes)
		require.NoError(t, err)
		all = append(all, page.Events...)
		require.LessOrEqual(t, page.Last, from+limit-1, "no more is looked at than was asked for")
		if !page.More {
			require.Equal(t, uint64(60), page.Last)
			return all, pages
		}
		require.GreaterOrEqual(t, page.Last, from, "each page gets on")
		from = page.Last + 1
	}
}

func TestReadPassing(t *testing.T) {
	dir := t.TempDir()
	original := writeLog(t, dir)
	e := open(t, dir)
	var wanted []engine.Event
	for _, event := range original {
		if strings.HasPrefix(event.Stream, "a-") {
			wanted = append(wanted, event)
		}
	}
	for _, limit := range []uint64{1, 7, 60, 4096} {
		all, _ := passing(t, e, ofStreamA, limit)
		require.Equal(t, wanted, all)
		all, _ = passing(t, e, func(_, kind []byte) bool { return string(kind) == original[0].Type }, limit)
		require.Equal(t, original, all)
		none, pages := passing(t, e, func(_, _ []byte) bool { return false }, limit)
		require.Empty(t, none)
		require.Equal(t, int((60-1)/limit), pages)
	}
	page, err := e.ReadPassing(engine.Forwards, 61, 10, ofStreamA)
	require.NoError(t, err)
	require.Equal(t, engine.Page{Events: []engine.Event{}}, page)
}

// A damaged record may be of any stream, so none of them is passed over.
func TestReadPassing_NoticesDamageInWhatDoesNotPass(t *testing.T) {
	dir := t.TempDir()
	original := writeLog(t, dir)
	require.Equal(t, "b-1", original[32].Stream)
	path := filepath.Join(dir, engine.FileName)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	payload := []byte(original[32].ID.String())
	for at := bytes.Index(file, payload); at >= 0; at = bytes.Index(file, payload) {
		file[at] ^= 0x20
	}
	require.NoError(t, os.WriteFile(path, file, 0o600))

	e := open(t, dir)
	before, err := e.ReadPassing(engine.Forwards, 1, 32, ofStreamA)
	require.NoError(t, err)
	require.Equal(t, uint64(32), before.Last)
	_, err = e.ReadPassing(engine.Forwards, 1, 33, ofStreamA)
	var damage *engine.CorruptionError
	require.ErrorAs(t, err, &damage)
	require.Equal(t, uint64(33), damage.Position)
	require.Equal(t, path, damage.File)
}
