package eventnode_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
)

const (
	waitLimit    = 10 * time.Second
	pollInterval = 20 * time.Millisecond
)

// openNode runs a node in a fresh directory until the test ends.
func openNode(t testing.TB, change ...func(*eventnode.Config)) *eventnode.Node {
	t.Helper()
	config := eventnode.Config{Dir: t.TempDir()}
	for _, c := range change {
		c(&config)
	}
	node, err := eventnode.Open(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, node.Close(context.Background())) })
	return node
}

// connect opens the official client on a node's unix socket.
func connect(t testing.TB, node *eventnode.Node) *esdb.Client {
	t.Helper()
	return connectTo(t, &esdb.Configuration{Address: node.Address(), DisableTLS: true})
}

// connectTo opens the official client with a configuration of the test's own.
func connectTo(t testing.TB, config *esdb.Configuration) *esdb.Client {
	t.Helper()
	config.MaxDiscoverAttempts = 10
	config.DiscoveryInterval = 100
	config.GossipTimeout = 5
	config.KeepAliveInterval = 10 * time.Second
	config.KeepAliveTimeout = 10 * time.Second
	config.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(config)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// openClient runs a node and a client for it.
func openClient(t testing.TB) *esdb.Client {
	t.Helper()
	return connect(t, openNode(t))
}

// event makes an event with a fresh id.
func event(eventType, data string) esdb.EventData {
	return esdb.EventData{
		EventID: uuid.New(), EventType: eventType, ContentType: esdb.ContentTypeJson,
		Data: []byte(data), Metadata: []byte(`{"actor":"test"}`),
	}
}

// seed appends n events, one by one, whatever the stream holds.
func seed(t testing.TB, client *esdb.Client, stream string, n int) []*esdb.WriteResult {
	t.Helper()
	var results []*esdb.WriteResult
	for range n {
		result, err := client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, event("seeded", `{}`))
		require.NoError(t, err)
		results = append(results, result)
	}
	return results
}

// shortSocketDir is a private directory whose path leaves room for a socket.
func shortSocketDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "node-test-") //nolint:usetesting // the directory of the test is too long for a socket
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return filepath.Clean(dir)
}
