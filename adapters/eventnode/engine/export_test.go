package engine

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/uuid"
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

// ShrinkCaches replaces the writer's caches of an engine nobody has used yet.
func ShrinkCaches(e *Engine, limit int) {
	e.heads = newLRU[string, head](limit)
	e.ids = newLRU[uuid.UUID, knownID](limit)
}

// LeavesBehind lists the keys of the leaf pages that would be fetched ahead of a
// read that has reached a position.
func LeavesBehind(e *Engine, position uint64, limit int) (keys [][]uint64, err error) {
	return keys, e.view(func(tx *bbolt.Tx) error {
		size := tx.DB().Info().PageSize
		for _, leaf := range leavesBehind(e.file, tx, position, limit) {
			page := make([]byte, size)
			if _, err := e.file.ReadAt(page, int64(leaf)*int64(size)); err != nil {
				return err
			}
			if binary.NativeEndian.Uint16(page[8:]) != flagLeaf {
				return fmt.Errorf("page %d is no leaf", leaf)
			}
			var of []uint64
			for i := range int(binary.NativeEndian.Uint16(page[10:])) {
				entry := pageHeaderBytes + i*branchEntryBytes // flags 4, position 4, key size 4, value size 4
				key := entry + int(binary.NativeEndian.Uint32(page[entry+4:]))
				of = append(of, binary.BigEndian.Uint64(page[key:]))
			}
			keys = append(keys, of)
		}
		return nil
	})
}
