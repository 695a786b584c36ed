package e2e_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/id"
)

// A damaged event that nothing reads at a start is found by --verify, before
// anything is served.
func TestFoundW13_ServeVerifiesTheWholeLog(t *testing.T) {
	i := newInstallation(t)
	events := filepath.Join(i.dir, "events")
	node, err := eventnode.Open(eventnode.Config{Dir: events})
	require.NoError(t, err)
	store, err := eventstore.Open(eventstore.Config{Socket: node.Address()})
	require.NoError(t, err)
	for range 3 {
		_, err := store.Append(t.Context(), "note-1", es.AnyRevision, []es.Proposed{{ID: id.New[id.Event](), Type: "note.taken", Data: []byte(`{"text":"marked"}`), Metadata: []byte(`{}`)}})
		require.NoError(t, err)
	}
	store.Close()
	require.NoError(t, node.Close(context.WithoutCancel(t.Context())))

	sound := i.start(t, "serve", "--verify")
	await(t, func() bool { return strings.Contains(sound.stderr.String(), "The event log is sound.") }, "the log is not checked")
	sound.kill(t)
	i.awaitNoPostgres(t)
	require.NoError(t, os.RemoveAll(filepath.Join(events, "running")))

	file := filepath.Join(events, engine.FileName)
	log, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, bytes.ReplaceAll(log, []byte("marked"), []byte("marred")), 0o600))
	for _, command := range []string{"serve", "demo"} {
		o := i.run(t, command, "--verify")
		require.Equal(t, 1, o.code)
		require.Contains(t, o.stderr, "event log "+file+` is damaged in bucket "log" at position 1: the checksum of the record does not match; stop the node, keep the file, and restore the data directory from a backup`)
	}

	o := i.runWith(t, []string{"EVENTSTOREDB_URL=esdb://127.0.0.1:1?tls=false"}, "serve", "--verify")
	require.Equal(t, 2, o.code)
	require.Contains(t, o.stderr, "verify_needs_embedded_log")
}
