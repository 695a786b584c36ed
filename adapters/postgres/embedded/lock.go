package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// InUseError says that another praxis process owns the data directory.
type InUseError struct {
	// DataDir is the directory that was asked for.
	DataDir string
	// PID is the owner's process id as it wrote it down, "" where unknown.
	PID string
}

// Error implements error.
func (e *InUseError) Error() string {
	owner := "another praxis process"
	if e.PID != "" {
		owner += " (pid " + e.PID + ")"
	}
	return fmt.Sprintf("the PostgreSQL data directory %s is in use by %s; stop that process, choose another data directory, or set DATABASE_URL for both", e.DataDir, owner)
}

// lockFile opens a file and takes its lock; taken says that others have it. The
// kernel gives the lock back when the last process that has the open file ends,
// however it ends, so a stale lock cannot be; the file itself stays.
func lockFile(path string) (f *os.File, taken bool, err error) {
	f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, fmt.Errorf("open the lock of the data directory: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, errors.Join(fmt.Errorf("lock the data directory: %w", err), f.Close())
	}
	return f, err != nil, nil
}

// lockDataDir takes the data directory for this process.
func lockDataDir(dataDir string) (*os.File, error) {
	f, taken, err := lockFile(filepath.Join(dataDir, "server.lock"))
	if err != nil {
		return nil, err
	}
	if taken {
		defer func() { _ = f.Close() }()
		// The pid is only for the message; without it the message is shorter.
		pid, _ := io.ReadAll(io.LimitReader(f, 20))
		return nil, &InUseError{DataDir: dataDir, PID: strings.TrimSpace(string(pid))}
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock of the data directory: %w", err), f.Close())
	}
	return f, nil
}

// previousTimeout bounds the wait for the server of a killed process. A fast
// shutdown writes one checkpoint, which takes seconds on a slow disk.
const previousTimeout = time.Minute

var errPreviousRuns = errors.New("it still runs and no praxis process owns it; stop it (kill -INT of that pid) and start again")

// lockCluster takes the cluster of dataDir for the server that is to be started,
// when no process of a previous one is left. The caller holds the lock of the data
// directory, so a server that is there has lost its praxis process and is shutting
// down, or was started by hand. What the previous server started keeps this lock
// while it runs, also after the server itself was killed.
func lockCluster(ctx context.Context, dataDir, cluster string, log *slog.Logger) (*os.File, error) {
	postmaster := filepath.Join(cluster, "postmaster.pid")
	ctx, cancel := context.WithTimeoutCause(ctx, previousTimeout, errPreviousRuns)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for announced := false; ; announced = true {
		lock, taken, err := lockFile(filepath.Join(dataDir, "cluster.lock"))
		if err != nil {
			return nil, err
		}
		pid := readPostmaster(postmaster)
		runs := isPostgres(ctx, pid)
		if !taken && !runs {
			if err := clearPostmaster(postmaster, pid); err != nil {
				return nil, errors.Join(err, lock.Close())
			}
			return lock, nil
		}
		_ = lock.Close()
		switch {
		case announced:
		case runs:
			log.InfoContext(ctx, "waiting for the previous PostgreSQL server of this data directory to shut down", "pid", pid)
		default:
			log.InfoContext(ctx, "waiting for the processes of a PostgreSQL server that was killed")
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("PostgreSQL server (pid %d) on %s: %w", pid, cluster, context.Cause(ctx))
		case <-poll.C:
		}
	}
}

// readPostmaster is the pid that a server wrote down in postmaster.pid, 0 where none
// did, or none that can be read: PostgreSQL itself judges that.
func readPostmaster(file string) int {
	content, _ := os.ReadFile(file)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(first))
	return max(0, pid)
}

// clearPostmaster removes the lock file of a dead server where its pid now belongs
// to another program, which is usual after a container restart: PostgreSQL would
// take that program for the server and refuse. Other leftovers PostgreSQL removes
// itself.
func clearPostmaster(file string, pid int) error {
	if pid == 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the lock file of a dead server: %w", err)
	}
	return nil
}
