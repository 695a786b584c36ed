package nodetest_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// mountedDisk is a small file system in memory, most of which is taken.
func mountedDisk(t testing.TB) disk {
	t.Helper()
	const size, taken = "24m", 24<<20 - room
	dir := t.TempDir()
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=0700"))
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	path := ballast(t, dir, taken)
	config := ProcessConfig{Dir: filepath.Join(dir, "node"), Socket: socketPath(t), Verify: true}
	return disk{config: config, freed: config, free: func(t testing.TB, _ *Process) { require.NoError(t, os.Remove(path)) }}
}

// canMount reports whether this process may mount a file system, which root may
// not in a container with the usual restrictions.
func canMount(t testing.TB) bool {
	t.Helper()
	dir := t.TempDir()
	if syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4k") != nil {
		return false
	}
	require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH))
	return true
}

// liftLimit lets the files of a running node grow again.
func liftLimit(t testing.TB, node *Process, _ ProcessConfig) {
	t.Helper()
	var limit unix.Rlimit
	require.NoError(t, unix.Prlimit(node.PID(), unix.RLIMIT_FSIZE, nil, &limit))
	limit.Cur = limit.Max
	require.NoError(t, unix.Prlimit(node.PID(), unix.RLIMIT_FSIZE, &limit, nil))
}
