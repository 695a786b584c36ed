//go:build unix && !linux

package nodetest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// mountedDisk stands in for the file system that only Linux mounts this easily.
func mountedDisk(t testing.TB) disk { return limitedDisk(t) }

func canMount(testing.TB) bool { return false }

// liftLimit restarts the node, because elsewhere the limit of a running process
// cannot be lifted from outside.
func liftLimit(t testing.TB, node *Process, freed ProcessConfig) {
	t.Helper()
	require.NoError(t, node.Kill())
	require.NoError(t, node.StartAgain(freed))
}
