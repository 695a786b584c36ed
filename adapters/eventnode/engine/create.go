package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"go.etcd.io/bbolt"
)

// fileOptions are how every log is opened.
func fileOptions() *bbolt.Options {
	return &bbolt.Options{Timeout: lockTimeout, FreelistType: bbolt.FreelistMapType, NoStatistics: true}
}

// ensureFile makes the log if there is none. The file gets its name only when it
// is laid out and durable. A file of that name that is empty, or has no buckets,
// is therefore never new but damaged, and is refused; bbolt by itself would take
// it for a new one and start again at position 1.
func ensureFile(dir, path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// Another process may have been faster.
		if err := createFile(dir, path, layOut); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("create event log: %w", err)
		}
	case err != nil:
		return fmt.Errorf("open event log: %w", err)
	case info.Size() == 0:
		return &CorruptionError{Bucket: bucketFile, Problem: "the file is empty"}
	}
	return nil
}

// createFile makes a log beside its place, with fill, and moves it there. The error wraps
// fs.ErrExist where there is one already.
func createFile(dir, path string, fill func(fresh string) error) (err error) {
	file, err := os.CreateTemp(dir, FileName+".new-")
	if err != nil {
		return err
	}
	fresh := file.Name()
	defer func() { err = errors.Join(err, os.Remove(fresh)) }()
	if err := file.Close(); err != nil {
		return err
	}
	if err := fill(fresh); err != nil {
		return err
	}
	return os.Link(fresh, path)
}

// layOut makes an empty log of an empty file.
func layOut(fresh string) error {
	db, err := bbolt.Open(fresh, 0o600, fileOptions())
	if err != nil {
		return err
	}
	return errors.Join(db.Update(initialise), db.Close())
}
