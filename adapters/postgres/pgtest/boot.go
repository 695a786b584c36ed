package pgtest

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// bootID names the current start of the machine, "unknown" where the system
// does not tell; clusters then live until the temporary directory is cleared.
func bootID(ctx context.Context) string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		if id, err = exec.CommandContext(ctx, "sysctl", "-n", "kern.bootsessionuuid").Output(); err != nil {
			return "unknown"
		}
	}
	// The first group of the UUID keeps socket paths short.
	short, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(string(id))), "-")
	return short
}

func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
