package engine

import (
	"errors"

	"go.etcd.io/bbolt"
)

// EncodeRecord and DecodeRecord give tests the record codec.
func EncodeRecord(e *Event) []byte { return encodeRecord(e) }

// DecodeRecord decodes a record as a read does.
func DecodeRecord(position uint64, record []byte) (Event, error) {
	return decodeRecord(position, record, string(record))
}

// WriteFormat lays out a log that claims another format version.
func WriteFormat(path string, version uint64) error {
	return edit(path, func(tx *bbolt.Tx) error {
		return errors.Join(initialise(tx), putNumber(tx, keyFormat, version))
	})
}

// WriteNoBuckets makes a sound bbolt file without anything in it.
func WriteNoBuckets(path string) error {
	return edit(path, func(*bbolt.Tx) error { return nil })
}

// RemoveRecord removes an event behind the engine's back.
func RemoveRecord(path string, position uint64) error {
	return edit(path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucketLog)).Delete(positionKey(position))
	})
}

func edit(path string, change func(*bbolt.Tx) error) error {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	return errors.Join(db.Update(change), db.Close())
}

// FetchedAhead is the part of the file that was fetched last.
func FetchedAhead(e *Engine) (from, to int64) {
	return e.fetched.Load(), e.fetched.Load() + aheadBytes
}

// OffsetOf is where the record of a position lies in the file.
func OffsetOf(e *Engine, position uint64) (offset int64, err error) {
	return offset, e.view(func(tx *bbolt.Tx) error {
		record, err := getRecord(tx, position)
		offset = offsetOf(tx, record)
		return err
	})
}
