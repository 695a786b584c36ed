package engine

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Records reads records as the log keeps them, each with its checksum, beginning with the
// one at a position, as many as one read copies. There are none at the end of the log.
//
// Errors: those of ReadAll.
func (e *Engine) Records(from uint64) ([][]byte, error) {
	collected, _, err := e.collectAll(Forwards, from, math.MaxUint64, nil)
	if err != nil {
		return nil, err
	}
	// This checks them.
	if _, err := collected.decode(); err != nil {
		return nil, e.inFile(err)
	}
	records, start := make([][]byte, len(collected.ends)), 0
	for i, end := range collected.ends {
		records[i], start = collected.bytes[start:end:end], end
	}
	return records, nil
}

// Load makes a log of the records that next returns, those of a whole log from its first
// position on, until io.EOF. The log is checked whole before it gets its name: however this
// ends, there is the log of all these records or none. The directory is created with mode
// 0700 if missing.
//
// Errors: those of next, *CorruptionError for records that are no log, and wrapped errors of
// the file system; fs.ErrExist where the directory holds a log.
func Load(dir string, next func() ([]byte, error)) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create data directory: %w", err)
	}
	err := createFile(dir, filepath.Join(dir, FileName), func(fresh string) error {
		if err := layOut(fresh); err != nil {
			return err
		}
		return errors.Join(fill(fresh, next), check(fresh))
	})
	if err != nil {
		return fmt.Errorf("load event log: %w", (&Engine{path: filepath.Join(dir, FileName)}).inFile(err))
	}
	return syncDir(dir)
}

// fill writes records into an empty log. The file is made durable once, at the end.
func fill(path string, next func() ([]byte, error)) (err error) {
	options := fileOptions()
	options.NoSync = true
	db, err := bbolt.Open(path, 0o600, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Sync(), db.Close()) }()
	for position, more := uint64(1), true; more; {
		err := db.Update(func(tx *bbolt.Tx) (err error) {
			position, more, err = fillBatch(tx, position, next)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fillBatch writes what one transaction may hold, and returns the position that follows.
func fillBatch(tx *bbolt.Tx, position uint64, next func() ([]byte, error)) (following uint64, more bool, err error) {
	tx.Bucket([]byte(bucketLog)).FillPercent = 1
	more = true
	for size := 0; size < batchBytes; position++ {
		record, err := next()
		if errors.Is(err, io.EOF) {
			more = false
			break
		}
		if err == nil {
			err = putRecord(tx, position, record)
		}
		if err != nil {
			return 0, false, err
		}
		size += len(record)
	}
	return position, more, putNumber(tx, keyNext, position)
}

// putRecord writes a record at its position, and what leads to it. Whether that makes a log
// is checked at the end.
func putRecord(tx *bbolt.Tx, position uint64, record []byte) error {
	event, err := decodeRecord(position, record, string(record))
	if err != nil {
		return err
	}
	stream, err := getHead(tx, event.Stream)
	if err != nil {
		return err
	}
	if stream.count == 0 {
		if stream.number, err = tx.Bucket([]byte(bucketStreams)).NextSequence(); err != nil {
			return fmt.Errorf("number stream: %w", err)
		}
	}
	stream.count++
	key := indexKey(stream.number, event.Revision)
	return errors.Join(
		tx.Bucket([]byte(bucketLog)).Put(positionKey(position), record),
		tx.Bucket([]byte(bucketIndex)).Put(key, seal(key, positionKey(position))),
		putHead(tx, event.Stream, stream),
	)
}

// check reads a whole log, as a start that verifies does.
func check(path string) error {
	e := &Engine{path: path, head: commitSignal{moved: make(chan struct{})}}
	err := e.openFile(Config{Dir: filepath.Dir(path), Verify: true})
	return errors.Join(err, e.closeFiles())
}
