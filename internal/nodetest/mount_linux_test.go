package nodetest_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/internal/nodetest"
)

// mountedDisk is a small file system in memory, most of which is taken.
func mountedDisk(t testing.TB) disk {
	t.Helper()
	const size, taken = "24m", 24<<20 - room
	dir := t.TempDir()
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=0700"))
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	path := ballast(t, dir, taken)
	config := nodetest.ProcessConfig{Dir: filepath.Join(dir, "node"), Socket: socketPath(t), Verify: true}
	return disk{config: config, freed: config, free: func(t testing.TB) { require.NoError(t, os.Remove(path)) }}
}
