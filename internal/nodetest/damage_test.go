package nodetest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/fault"
)

// Every page of a log is damaged in turn. Whoever opens it, reads it or appends to
// it through the adapter is told which file is damaged and what to do, or notices
// nothing because the page was free.
func TestFoundW13_DamageIsNamedToWhoeverMeetsIt(t *testing.T) {
	pristine := writeLog(t)
	const page = 4096
	damages := []func([]byte){
		func(p []byte) { clear(p) },
		func(p []byte) { p[100] ^= 0x40 },
		func(p []byte) { copy(p, bytes.Repeat([]byte{0xff}, 64)) },
		func(p []byte) { copy(p[page/2:], bytes.Repeat([]byte{0xa5}, 256)) },
	}
	named := 0
	for at := 0; at+page <= len(pristine); at += page {
		damaged := bytes.Clone(pristine)
		damages[at/page%len(damages)](damaged[at : at+page])
		// bbolt leaves a file locked when it panics over damage while opening it.
		dir := t.TempDir()
		file := filepath.Join(dir, engine.FileName)
		require.NoError(t, os.WriteFile(file, damaged, 0o600))
		for _, err := range meet(t, dir) {
			// An append that met the damage is of unknown outcome, and stops writing.
			if !errors.Is(err, es.ErrOutcomeUnknown) {
				named++
				require.ErrorContains(t, err, "event log "+file+" is damaged in ")
				require.ErrorContains(t, err, "restore the data directory from a backup")
			}
			for _, riddle := range []string{"sorry", "unforeseen", "nil pointer", "runtime error", "[ErrorCode"} {
				require.NotContains(t, err.Error(), riddle, "page %d", at/page)
			}
		}
	}
	require.Greater(t, named, 20)
}

// writeLog returns the file of a log with streams and events of many lengths.
func writeLog(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	node, err := eventnode.Open(eventnode.Config{Dir: dir, Socket: socketPath(t)})
	require.NoError(t, err)
	store, err := eventstore.Open(eventstore.Config{Socket: node.Address()})
	require.NoError(t, err)
	for n := range 40 {
		_, err := store.Append(t.Context(), es.Stream(fmt.Sprintf("chart-%d", n%7)), es.AnyRevision, Propose(1+n%5))
		require.NoError(t, err)
	}
	store.Close()
	require.NoError(t, node.Close(context.WithoutCancel(t.Context())))
	file, err := os.ReadFile(filepath.Join(dir, engine.FileName))
	require.NoError(t, err)
	return file
}

// meet opens a log, reads all of it and appends to it, and returns what is said of
// its damage.
func meet(t *testing.T, dir string) (said []error) {
	t.Helper()
	node, err := eventnode.Open(eventnode.Config{Dir: dir, Socket: socketPath(t)})
	if err != nil {
		return []error{err}
	}
	store, err := eventstore.Open(eventstore.Config{Socket: node.Address()})
	require.NoError(t, err)
	defer func() {
		store.Close()
		require.NoError(t, node.Close(context.WithoutCancel(t.Context())))
	}()
	hear := func(err error) {
		if err != nil {
			said = append(said, err)
		}
	}
	for _, err := range store.ReadAll(t.Context(), Categories, es.Position{}) {
		hear(err)
	}
	for n := range 7 {
		stream := es.Stream(fmt.Sprintf("chart-%d", n))
		for _, err := range store.ReadStream(t.Context(), stream, 0) {
			if err != nil {
				require.Equal(t, "event_log_damaged", fault.From(err).Code, "%v", err)
			}
			hear(err)
		}
		_, err := store.Append(t.Context(), stream, es.AnyRevision, Propose(1))
		hear(err)
	}
	return said
}
