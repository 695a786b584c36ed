//go:build unix

package nodetest

import (
	"fmt"
	"os/signal"
	"syscall"
)

// limitFiles lets writes beyond a size fail in this process.
func limitFiles(size uint64) error {
	if size == 0 {
		return nil
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: size}); err != nil {
		return fmt.Errorf("limit the size of files: %w", err)
	}
	return nil
}
