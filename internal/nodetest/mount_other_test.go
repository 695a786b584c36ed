//go:build unix && !linux

package nodetest_test

import "testing"

// mountedDisk stands in for the file system that only Linux mounts this easily.
func mountedDisk(t testing.TB) disk { return limitedDisk(t) }
