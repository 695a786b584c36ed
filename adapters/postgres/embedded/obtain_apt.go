package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// createClusterDir holds drop-in settings of Debian's cluster creation.
const createClusterDir = "/etc/postgresql-common/createcluster.d"

// obtainWithApt installs the distribution's server. Debian's package creates
// and starts a cluster of its own by default; a drop-in setting prevents that
// while we install and is taken away afterwards, so that a person who installs
// another version later gets what the distribution's manual says.
func obtainWithApt(ctx context.Context, aptGet string, progress io.Writer) (err error) {
	if err := os.MkdirAll(createClusterDir, 0o755); err != nil {
		return fmt.Errorf("prevent a default cluster: %w", err)
	}
	dropIn := filepath.Join(createClusterDir, "praxis.conf")
	if err := os.WriteFile(dropIn, []byte("create_main_cluster = false\n"), 0o644); err != nil {
		return fmt.Errorf("prevent a default cluster: %w", err)
	}
	defer func() {
		if removeErr := os.Remove(dropIn); removeErr != nil {
			err = errors.Join(err, fmt.Errorf("restore the cluster default: %w", removeErr))
		}
	}()

	report(progress, "PostgreSQL is not installed; installing it with apt-get (no database cluster is created)")
	if err := apt(ctx, aptGet, "update"); err != nil {
		return err
	}
	return apt(ctx, aptGet, "install", "-y", "--no-install-recommends", "postgresql")
}

func apt(ctx context.Context, aptGet string, args ...string) error {
	args = append([]string{"-q", "-o", "DPkg::Lock::Timeout=120"}, args...)
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, aptGet, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	cmd.Stdout, cmd.Stderr = &out, &out
	// dpkg ends between two packages when asked to, and stays consistent.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = time.Minute
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("apt-get %s: %w: %s", args[3], err, lastLines(out.Bytes(), 4))
	}
	return nil
}
