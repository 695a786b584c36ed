package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// launch is everything that is settled when the server program is started.
type launch struct {
	binaries           Binaries
	id                 identity
	dataDir, socketDir string
	args               []string
	lock               *dirLock
	log                *slog.Logger
}

// errRemnants says that processes of a previous server, itself gone without an
// orderly end, still hold its shared memory. They notice within moments.
var errRemnants = errors.New("processes of a previous server still run")

// launchPatiently starts the server, and again for a while where remnants of a
// previous one are in the way.
func launchPatiently(ctx context.Context, l launch) (*Server, error) {
	wait, cancel := context.WithTimeout(ctx, previousTimeout)
	defer cancel()
	retry := time.NewTicker(100 * time.Millisecond)
	defer retry.Stop()
	for announced := false; ; announced = true {
		s, err := l.start(ctx)
		if !errors.Is(err, errRemnants) {
			return s, err
		}
		if !announced {
			l.log.InfoContext(ctx, "waiting for the processes of a PostgreSQL server that was killed")
		}
		select {
		case <-wait.Done():
			return nil, err
		case <-retry.C:
		}
	}
}

// start starts the server once and returns when it answers.
func (l launch) start(ctx context.Context) (*Server, error) {
	output, err := openLog(filepath.Join(l.dataDir, "server.log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), l.binaries.Postgres(), l.args...)
	cmd.Stdout, cmd.Stderr = output.file, output.file
	// The directory stays taken until the server has ended, even if no caller
	// waits for it.
	l.lock.hold()
	proc, err := startProcess(cmd, l.id, func() {
		// The child is gone; nothing it wrote can be lost by a failing close.
		_ = output.file.Close()
		l.lock.release()
	})
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s := &Server{proc: proc, socketDir: l.socketDir, log: l.log}
	if err := s.awaitReady(ctx); err != nil {
		said := output.tail()
		// The only place where the server says so is its log, which is in
		// English because its locale is C.
		if strings.Contains(said, "pre-existing shared memory block") {
			err = errors.Join(errRemnants, err)
		}
		err = fmt.Errorf("start PostgreSQL %s on %s: %w; %s", l.binaries.Version, l.dataDir, err, said)
		if stopErr := s.Stop(context.WithoutCancel(ctx)); stopErr != nil {
			l.log.ErrorContext(ctx, "PostgreSQL did not stop after a failed start", "error", stopErr.Error())
		}
		return nil, err
	}
	l.log.InfoContext(ctx, "PostgreSQL is ready", "version", l.binaries.Version, "programs", l.binaries.Dir,
		"pid", s.PID(), "as", l.id.name)
	return s, nil
}
