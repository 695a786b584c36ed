package e2e_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAServerOnANodeOfItsOwn runs the event node as one process and the server
// as another, as with a real EventStoreDB.
func TestAServerOnANodeOfItsOwn(t *testing.T) {
	i := newInstallation(t)
	address := freeAddress(t)
	startNode := func() *process {
		node := i.start(t, "node", "--listen", address, "--dir", filepath.Join(i.dir, "elsewhere"))
		await(t, func() bool { return strings.Contains(node.stdout.String(), "esdb://") }, "the node does not say where it serves")
		return node
	}
	node := startNode()
	require.Contains(t, node.stdout.String(), "esdb://"+address+"?tls=false\n")
	server := i.serve(t, "EVENTSTOREDB_URL=esdb://"+address+"?tls=false")
	p := i.found(t)
	first := p.people["olivia"].command(t, http.MethodPost, p.path("/charts"), "first", p.newChart("Abbott", "carla"))
	require.NoDirExists(t, filepath.Join(i.dir, "events"), "the server runs no node beside a configured store")

	t.Run("2: a wider address needs TLS and credentials", func(t *testing.T) {
		o := i.run(t, "node", "--listen", "0.0.0.0:0", "--dir", filepath.Join(i.dir, "wide"))
		require.NotZero(t, o.code)
		require.Contains(t, o.stderr, "TLS")
	})
	t.Run("the server outlives its store and goes on with it", func(t *testing.T) {
		node.kill(t)
		var refused *refusalError
		key := map[string]string{"Idempotency-Key": "second"}
		err := p.people["olivia"].send(t.Context(), http.MethodPost, p.path("/charts"), key, p.newChart("Baptiste", "carla"), &receipt{})
		require.ErrorAs(t, err, &refused)
		require.Equal(t, http.StatusServiceUnavailable, refused.Status)
		require.False(t, isReady(t.Context(), i.url()))

		node = startNode()
		await(t, func() bool { return isReady(t.Context(), i.url()) }, "the server does not find its store again")
		second := p.people["olivia"].command(t, http.MethodPost, p.path("/charts"), "second", p.newChart("Baptiste", "carla"))
		again := p.people["olivia"].command(t, http.MethodPost, p.path("/charts"), "first", p.newChart("Abbott", "carla"))
		require.Equal(t, first.Position, again.Position)
		require.Equal(t, "replayed", again.Outcome)
		var roster struct {
			Charts []struct{ ID string }
		}
		p.people["olivia"].get(t, p.path("/charts"), second.Position, &roster)
		require.Len(t, roster.Charts, 2)
	})
	i.stop(t, server)
	node.signal(syscall.SIGTERM)
	require.Equal(t, 0, node.awaitExit(t))
}
