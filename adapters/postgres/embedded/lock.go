package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
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

// Is makes errors.Is(err, &InUseError{}) match by type.
func (e *InUseError) Is(target error) bool {
	_, ok := target.(*InUseError)
	return ok
}

// dirLock is the data directory taken by this process. It is shared by the
// start that took it and the server that runs on it, and given back by the last.
type dirLock struct {
	file    *os.File
	holders atomic.Int32
}

func (l *dirLock) hold() { l.holders.Add(1) }

func (l *dirLock) release() {
	if l.holders.Add(-1) == 0 {
		// Nothing was written that a failing close could lose.
		_ = l.file.Close()
	}
}

// lockDataDir takes the data directory for this process. The kernel gives the
// lock back when the process ends, however it ends, so a stale lock cannot be;
// the file itself stays.
func lockDataDir(dataDir string) (*dirLock, error) {
	f, err := os.OpenFile(filepath.Join(dataDir, "server.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the data directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer func() { _ = f.Close() }()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock the data directory: %w", err)
		}
		pid, err := io.ReadAll(io.LimitReader(f, 20))
		if err != nil {
			pid = nil
		}
		return nil, &InUseError{DataDir: dataDir, PID: strings.TrimSpace(string(pid))}
	}
	// The pid is only for the message another process shows.
	if err := f.Truncate(0); err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
		if err != nil {
			return nil, errors.Join(fmt.Errorf("write the lock of the data directory: %w", err), f.Close())
		}
	}
	l := &dirLock{file: f}
	l.hold()
	return l, nil
}
