package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// previousTimeout bounds the wait for the server of a killed process. A fast
// shutdown writes one checkpoint, which takes seconds on a slow disk.
const previousTimeout = time.Minute

// awaitPrevious waits until no other server runs on the cluster. The caller
// holds the lock of the data directory, so a server that is there has lost its
// praxis process and is shutting down, or was started by hand.
func awaitPrevious(ctx context.Context, cluster string, log *slog.Logger) error {
	ctx, cancel := context.WithTimeoutCause(ctx, previousTimeout, errPreviousRuns)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for announced := false; ; announced = true {
		previous, err := readPostmaster(cluster)
		if err != nil || previous.pid == 0 {
			return err
		}
		if !previous.runs(ctx) {
			return previous.clear()
		}
		if !announced {
			log.InfoContext(ctx, "waiting for the previous PostgreSQL server of this data directory to shut down", "pid", previous.pid)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL server (pid %d) on %s: %w", previous.pid, cluster, context.Cause(ctx))
		case <-poll.C:
		}
	}
}

var errPreviousRuns = errors.New("it still runs and no praxis process owns it; stop it (kill -INT of that pid) and start again")

// postmaster is what a server writes into postmaster.pid.
type postmaster struct {
	file, socket string
	pid          int
}

// readPostmaster reads postmaster.pid; pid is 0 where there is no server.
func readPostmaster(cluster string) (postmaster, error) {
	p := postmaster{file: filepath.Join(cluster, "postmaster.pid")}
	content, err := os.ReadFile(p.file)
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("look for a previous server: %w", err)
	}
	// Lines: pid, data directory, start time, port, socket directory, …
	lines := strings.Split(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return p, nil //nolint:nilerr // A server caught while writing the file; PostgreSQL itself judges it.
	}
	p.pid = pid
	if len(lines) > 4 && lines[4] != "" {
		p.socket = filepath.Join(lines[4], ".s.PGSQL."+lines[3])
	}
	return p, nil
}

// runs says whether the server that wrote the file still lives: the pid is a
// PostgreSQL process here, or, for one whose pid means nothing here (another
// container), its socket is answered.
func (p postmaster) runs(ctx context.Context) bool {
	if isPostgres(ctx, p.pid) {
		return true
	}
	if p.socket == "" {
		return false
	}
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "unix", p.socket)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// clear removes the lock files of a dead server where its pid now belongs to
// another program, which is usual after a container restart: PostgreSQL would
// take that program for the server and refuse. Other leftovers PostgreSQL
// removes itself.
func (p postmaster) clear() error {
	if err := syscall.Kill(p.pid, 0); errors.Is(err, syscall.ESRCH) {
		return nil
	}
	files := []string{p.file}
	if p.socket != "" {
		files = append(files, p.socket+".lock")
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the lock file of a dead server: %w", err)
		}
	}
	return nil
}
