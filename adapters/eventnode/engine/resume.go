package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

const (
	// resumeInterval is how often a log whose disk was full looks for space.
	resumeInterval = time.Second
	// resumeRoom is the space that it must find: a full batch and the pages that
	// its commit copies. With less, writing would stop again at once.
	resumeRoom = 2 * batchBytes
	// resumeTail is how many of the last events are checked before writing goes on.
	resumeTail = 4096
)

// isFull reports whether a commit failed because there was no space, on the disk
// or within a limit. bbolt keeps only the text of some errors.
func isFull(err error) bool {
	for _, full := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) || strings.Contains(err.Error(), full.Error()) {
			return true
		}
	}
	return false
}

// refuse makes every append that follows be refused.
func (e *Engine) refuse(refused *WritesRefusedError) {
	if e.refused.Swap(refused) == nil || !refused.Resumes {
		e.writable(refused)
	}
}

// resume takes writes again once there is space on the disk that was full. What
// is on the disk is not guessed: the file is opened anew as after a restart, its
// end is checked against what was acknowledged, and a commit of its own proves
// that the disk keeps what it is given. That commit also settles the one that
// failed: bbolt writes its pages, syncs them, and only then the page that makes
// them count, so either nothing of it counts, or all of it does and is durable now.
func (e *Engine) resume() {
	refused := e.refused.Load()
	if refused == nil || !refused.Resumes || e.hasRoom() != nil {
		return
	}
	if err := e.reopen(); err != nil {
		e.refuse(&WritesRefusedError{Cause: err, Resumes: isFull(err) || errors.Is(err, errNotReopened)})
		return
	}
	e.refused.Store(nil)
	e.writable(nil)
}

// hasRoom proves that the log can grow, by letting another file grow as far. That
// has no name, so nothing is left of it however this ends.
func (e *Engine) hasRoom() (err error) {
	log, err := e.file.Stat()
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(e.path), FileName+".room-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := os.Remove(file.Name()); err != nil {
		return err
	}
	// Behind a hole, since bbolt lets its file grow in steps; a hole takes no space.
	if _, err := file.WriteAt(make([]byte, resumeRoom), log.Size()+int64(e.db.AllocSize)); err != nil {
		return err
	}
	return file.Sync()
}

// reopen replaces the open file and what the writer believes of it.
func (e *Engine) reopen() error {
	if err := e.replaceDB(); err != nil {
		return err
	}
	next, err := e.sound()
	if err != nil {
		return err
	}
	if acknowledged, _ := e.Head(); next <= acknowledged {
		return &CorruptionError{Bucket: bucketLog, Position: acknowledged, Problem: "an acknowledged event is missing"}
	}
	err = e.view(func(tx *bbolt.Tx) error { return verifyLog(tx, max(next, resumeTail+1)-resumeTail, next-1) })
	if err != nil {
		return err
	}
	if err := e.update(func(tx *bbolt.Tx) error { return putNumber(tx, keyNext, next) }); err != nil {
		return err
	}
	e.ids.Purge()
	e.head.set(next - 1)
	return nil
}

// errNotReopened says that reading has stopped, too, so that it is tried again.
var errNotReopened = errors.New("the log was closed and cannot be opened again")

// replaceDB closes the file and opens it again. Reads wait that long.
func (e *Engine) replaceDB() error {
	e.files.Lock()
	defer e.files.Unlock()
	if err := e.db.Close(); err != nil {
		return fmt.Errorf("close event log: %w", err)
	}
	if err := e.openDB(); err != nil {
		return fmt.Errorf("%w: %w", errNotReopened, err)
	}
	return nil
}
