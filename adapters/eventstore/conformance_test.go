package eventstore_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/adapters/storetest"
	"praxis/commands"
	"praxis/internal/stores"
	"praxis/projections"
)

var (
	_ commands.Store     = (*eventstore.Store)(nil)
	_ projections.Source = (*eventstore.Store)(nil)
)

// TestStore_Conforms runs the suite on every kind of store. All checks share one
// log, as they do on a server.
func TestStore_Conforms(t *testing.T) {
	stores.Each(t, func(t *testing.T, k stores.Kind) {
		storetest.Run(t, func(t testing.TB) storetest.Store { return k.Open(t) })
	})
}

// TestStore_ConformsOverTCP runs the suite over a connection string, a fresh log
// for every check.
func TestStore_ConformsOverTCP(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Store {
		node := startNodeAt(t, eventnode.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
		s, err := eventstore.Open(eventstore.Config{URL: node.ConnectionString()})
		require.NoError(t, err)
		t.Cleanup(s.Close)
		return s
	})
}

func startNode(t testing.TB, dir string) *eventnode.Node {
	t.Helper()
	return startNodeAt(t, eventnode.Config{Dir: dir})
}

func startNodeAt(t testing.TB, config eventnode.Config) *eventnode.Node {
	t.Helper()
	node, err := eventnode.Open(config)
	require.NoError(t, err)
	t.Cleanup(func() { stopNode(t, node) })
	return node
}

// stopNode stops a node as if it were killed: calls in flight are cut off.
func stopNode(t testing.TB, node *eventnode.Node) {
	t.Helper()
	cut, cancel := context.WithCancel(context.Background())
	cancel()
	_ = node.Close(cut)
}

func openSocket(t testing.TB, node *eventnode.Node) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(eventstore.Config{Socket: node.Address()})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}
