package nodetest_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/eventstore"
)

func TestMain(m *testing.M) {
	serveIfChild()
	goleak.VerifyTestMain(m)
}

// patience is when a test gives up on a node that has died for good.
const patience = 2 * time.Minute

// socketPath is the path of a unix socket in a private directory.
func socketPath(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nodetest-") //nolint:usetesting // the directory of the test is too long for a socket
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return filepath.Join(dir, "s")
}

// start runs a node in a process of its own until the test ends.
func start(t testing.TB, config ProcessConfig) *Process {
	t.Helper()
	process := &Process{config: config}
	require.NoError(t, process.start())
	t.Cleanup(func() { _ = process.Kill() })
	return process
}

// open opens the adapter on a node's unix socket.
func open(t testing.TB, socket string) *eventstore.Store {
	t.Helper()
	store, err := eventstore.Open(eventstore.Config{Socket: socket})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	return store
}

// seed is PRAXIS_TEST_SEED, or a new one; the test prints it.
func seed(t testing.TB) uint64 {
	t.Helper()
	chosen := uint64(time.Now().UnixNano())
	if given, set := os.LookupEnv("PRAXIS_TEST_SEED"); set {
		var err error
		chosen, err = strconv.ParseUint(given, 10, 64)
		require.NoError(t, err, "PRAXIS_TEST_SEED")
	}
	t.Logf("PRAXIS_TEST_SEED=%d", chosen)
	return chosen
}
