package eventstore_test

import (
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
)

// network is a node behind a proxy that can spoil every connection to it.
type network struct {
	srv   *server
	proxy *toxiproxy.Proxy
}

func startNetwork(t *testing.T) *network {
	t.Helper()
	srv := &server{config: eventnode.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}}
	srv.start(t)
	address, _, _ := strings.Cut(strings.TrimPrefix(srv.node.ConnectionString(), "esdb://"), "?")
	srv.config.Listen = address // It comes back under the same address.
	zerolog.SetGlobalLevel(zerolog.Disabled)
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "network", "127.0.0.1:0", address)
	require.NoError(t, proxy.Start())
	t.Cleanup(proxy.Stop)
	return &network{srv: srv, proxy: proxy}
}

// open opens a store through the proxy that waits half a second for an answer.
func (n *network) open(t *testing.T) *eventstore.Store {
	t.Helper()
	return openURL(t, "esdb://"+n.proxy.Listen+"?tls=false&defaultDeadline=500&gossipTimeout=1&keepAliveTimeout=1000")
}

// openDirect opens a store past the proxy.
func (n *network) openDirect(t *testing.T) *eventstore.Store {
	t.Helper()
	return openURL(t, n.srv.node.ConnectionString())
}

// spoil adds faults to all connections, those that are open included.
func (n *network) spoil(t *testing.T, toxics ...string) {
	t.Helper()
	for _, toxic := range toxics {
		_, err := n.proxy.Toxics.AddToxicJson(strings.NewReader(toxic))
		require.NoError(t, err)
	}
}

// heal takes all faults back. Connections that swallowed data are closed by it.
func (n *network) heal(t *testing.T) {
	t.Helper()
	n.proxy.Toxics.ResetToxics(t.Context())
}

// cut breaks all connections.
func (n *network) cut(t *testing.T) {
	t.Helper()
	n.proxy.Stop()
	require.NoError(t, n.proxy.Start())
}

// The two directions of a connection that stays open and swallows everything.
const (
	swallowRequests = `{"name":"up","type":"timeout","stream":"upstream","attributes":{"timeout":0}}`
	swallowAnswers  = `{"name":"down","type":"timeout","stream":"downstream","attributes":{"timeout":0}}`
)
