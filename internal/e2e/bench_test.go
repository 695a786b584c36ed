package e2e_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
)

// What is measured is said: without being asked to, praxis bench never touches the
// stores that are configured.
func TestFoundR12_BenchSaysWhichStoreItMeasures(t *testing.T) {
	i := newInstallation(t)
	address := freeAddress(t)
	node := i.start(t, "node", "--listen", address, "--dir", filepath.Join(i.dir, "elsewhere"))
	url := "esdb://" + address + "?tls=false"
	await(t, func() bool { return strings.Contains(node.stdout.String(), "esdb://") }, "the node does not say where it serves")
	configured := []string{"EVENTSTOREDB_URL=" + url, "DATABASE_URL=postgres://nobody@127.0.0.1:1/none"}
	tail := func() es.Position {
		s, err := eventstore.Open(eventstore.Config{URL: url})
		require.NoError(t, err)
		defer s.Close()
		at, err := s.Tail(context.WithoutCancel(t.Context()))
		require.NoError(t, err)
		return at
	}

	own := i.runWith(t, configured, "bench", "--n", "20")
	require.Equal(t, 0, own.code, own.stderr)
	require.Contains(t, own.stdout, "store: an embedded event node and a private PostgreSQL of this run\n")
	require.Zero(t, tail(), "nothing is written into the configured store")

	theirs := i.runWith(t, configured, "bench", "--n", "20", "--configured")
	require.Equal(t, 0, theirs.code, theirs.stderr)
	require.Contains(t, theirs.stdout, "store: the event store that EVENTSTOREDB_URL names, streams praxisBench-")
	require.NotContains(t, theirs.stdout, "command:")
	require.NotZero(t, tail())

	none := i.run(t, "bench", "--configured")
	require.NotZero(t, none.code)
	require.Contains(t, none.stderr, "EVENTSTOREDB_URL")
}
