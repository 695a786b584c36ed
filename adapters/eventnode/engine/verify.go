package engine

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// verify compares the whole log with the index and the streams. It runs before
// the writer starts, in one transaction.
func (e *Engine) verify() error {
	events, _ := e.Head()
	err := e.view(func(tx *bbolt.Tx) error {
		if err := e.verifyPages(tx); err != nil {
			return err
		}
		if err := verifyLog(tx, 1, events); err != nil {
			return err
		}
		return verifyCounts(tx, events)
	})
	if err != nil {
		return fmt.Errorf("verify event log: %w", err)
	}
	return nil
}

// verifyLog looks up every record from first to last, as reads do, and checks that the index and
// the stream lead to it. A scan from the first record to the last would not
// notice damage of the keys in inner pages.
func verifyLog(tx *bbolt.Tx, first, last uint64) error {
	for position := first; position <= last; position++ {
		event, err := getEvent(tx, position)
		if err != nil {
			return err
		}
		stream, err := getHead(tx, event.Stream)
		if err != nil {
			return err
		}
		if event.Revision >= stream.count {
			return &CorruptionError{Bucket: bucketStreams, Position: position, Problem: "the stream of the record is missing or too short"}
		}
		indexed, err := getIndex(tx, stream.number, event.Revision)
		if err != nil {
			return err
		}
		if indexed != position {
			return &CorruptionError{Bucket: bucketIndex, Position: position, Problem: "the index does not lead to the record"}
		}
	}
	return nil
}

// verifyCounts finds what no position leads to: streams, index entries, records.
func verifyCounts(tx *bbolt.Tx, events uint64) error {
	var inStreams, inIndex, inLog uint64
	err := errors.Join(
		tx.Bucket([]byte(bucketStreams)).ForEach(func(key, sealed []byte) error {
			stream, err := decodeHead(key, sealed)
			inStreams += stream.count
			return err
		}),
		tx.Bucket([]byte(bucketIndex)).ForEach(func(_, _ []byte) error { inIndex++; return nil }),
		tx.Bucket([]byte(bucketLog)).ForEach(func(_, _ []byte) error { inLog++; return nil }),
	)
	if err != nil {
		return err
	}
	if inStreams != events || inIndex != events || inLog != events {
		return &CorruptionError{
			Bucket: bucketIndex, Position: events,
			Problem: fmt.Sprintf("%d events, but the streams count %d, the index %d and the log %d", events, inStreams, inIndex, inLog),
		}
	}
	return nil
}
