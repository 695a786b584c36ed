package engine

import (
	"encoding/binary"
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
		events, err := verifyLog(tx, e.next-1)
		if err != nil {
			return err
		}
		return verifyCounts(tx, events)
	})
	if err != nil {
		return fmt.Errorf("verify event log: %w", err)
	}
	return nil
}

// verifyLog checks every record and that the index and the stream lead to it.
func verifyLog(tx *bbolt.Tx, last uint64) (uint64, error) {
	index := tx.Bucket([]byte(bucketIndex))
	cursor := tx.Bucket([]byte(bucketLog)).Cursor()
	position := uint64(0)
	for key, record := cursor.First(); key != nil; key, record = cursor.Next() {
		position++
		if len(key) != 8 || binary.BigEndian.Uint64(key) != position {
			return 0, &CorruptionError{Bucket: bucketLog, Position: position, Problem: "the record is missing"}
		}
		event, err := decodeRecord(position, record, string(record))
		if err != nil {
			return 0, err
		}
		h, exists, err := getHead(tx, event.Stream)
		if err != nil {
			return 0, err
		}
		if !exists || event.Revision > h.revision {
			return 0, &CorruptionError{Bucket: bucketStreams, Position: position, Problem: "the stream of the record is missing or too short"}
		}
		at := indexKey(h.number, event.Revision)
		indexed, err := decodeIndex(at, index.Get(at))
		if err != nil {
			return 0, err
		}
		if indexed != position {
			return 0, &CorruptionError{Bucket: bucketIndex, Position: position, Problem: "the index does not lead to the record"}
		}
	}
	if position != last {
		return 0, &CorruptionError{Bucket: bucketLog, Position: last, Problem: "the record is missing"}
	}
	return position, nil
}

// verifyCounts finds what no record leads to: streams and index entries.
func verifyCounts(tx *bbolt.Tx, events uint64) error {
	var inStreams, inIndex uint64
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
	if inStreams != events || inIndex != events {
		return &CorruptionError{Bucket: bucketIndex, Position: events,
			Problem: fmt.Sprintf("%d records, but the streams count %d and the index %d", events, inStreams, inIndex)}
	}
	return nil
}
