package engine

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// verify compares the whole log with the index and the streams. It runs before
// the writer starts, in one transaction.
func (e *Engine) verify() error {
	err := e.view(func(tx *bbolt.Tx) error {
		if err := verifyPages(tx); err != nil {
			return err
		}
		if err := verifyLog(tx, 1, e.next-1); err != nil {
			return err
		}
		return verifyCounts(tx, e.next-1)
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
	log, index := tx.Bucket([]byte(bucketLog)), tx.Bucket([]byte(bucketIndex))
	for position := first; position <= last; position++ {
		record := log.Get(positionKey(position))
		if record == nil {
			return &CorruptionError{Bucket: bucketLog, Position: position, Problem: "the record is missing"}
		}
		event, err := decodeRecord(position, record, string(record))
		if err != nil {
			return err
		}
		h, exists, err := getHead(tx, event.Stream)
		if err != nil {
			return err
		}
		if !exists || event.Revision > h.revision {
			return &CorruptionError{Bucket: bucketStreams, Position: position, Problem: "the stream of the record is missing or too short"}
		}
		at := indexKey(h.number, event.Revision)
		indexed, err := decodeIndex(at, index.Get(at))
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
	err := tx.Bucket([]byte(bucketStreams)).ForEach(func(key, sealed []byte) error {
		h, err := decodeHead(key, sealed)
		inStreams += h.revision + 1
		return err
	})
	if err != nil {
		return err
	}
	err = tx.Bucket([]byte(bucketIndex)).ForEach(func(key, sealed []byte) error {
		_, err := decodeIndex(key, sealed)
		inIndex++
		return err
	})
	if err != nil {
		return err
	}
	err = tx.Bucket([]byte(bucketLog)).ForEach(func(_, _ []byte) error {
		inLog++
		return nil
	})
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
