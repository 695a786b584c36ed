package engine

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// The file has four buckets:
//
//	meta     "format" → format version, "next" → next position, each with a checksum
//	log      position → record (see record.go)
//	streams  stream name → stream number, last revision, checksum
//	index    stream number, revision → position, checksum
//
// Streams are numbered so that the index has short keys of one length.
const (
	bucketMeta    = "meta"
	bucketLog     = "log"
	bucketStreams = "streams"
	bucketIndex   = "index"
	// bucketFile names damage outside the buckets, in bbolt's own pages.
	bucketFile = "file"
)

func buckets() []string { return []string{bucketMeta, bucketLog, bucketStreams, bucketIndex} }

// formatVersion changes whenever an older program could misread the file.
const formatVersion = 1

const (
	keyFormat = "format"
	keyNext   = "next"
)

// positionKey is the key of an event in the log bucket.
func positionKey(position uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, 8), position)
}

// indexKey is the key of a stream's revision in the index bucket.
func indexKey(stream, revision uint64) []byte {
	key := binary.BigEndian.AppendUint64(make([]byte, 0, 16), stream)
	return binary.BigEndian.AppendUint64(key, revision)
}

// seal appends a checksum over key and value to the value.
func seal(key, value []byte) []byte {
	return binary.BigEndian.AppendUint32(value, checksum(key, value))
}

// unseal returns the value without its checksum. Otherwise problem, with the key, says
// what is damaged.
func unseal(bucket, problem string, key, sealed []byte, size int) ([]byte, error) {
	if len(sealed) != size+4 || binary.BigEndian.Uint32(sealed[size:]) != checksum(key, sealed[:size]) {
		return nil, &CorruptionError{Bucket: bucket, Problem: fmt.Sprintf(problem, key)}
	}
	return sealed[:size], nil
}

// putNumber stores a number under a name in the meta bucket.
func putNumber(tx *bbolt.Tx, name string, number uint64) error {
	key := []byte(name)
	return tx.Bucket([]byte(bucketMeta)).Put(key, seal(key, positionKey(number)))
}

// getNumber reads a number of the meta bucket.
func getNumber(tx *bbolt.Tx, name string) (uint64, error) {
	key := []byte(name)
	value, err := unseal(bucketMeta, "the entry %q is missing or its checksum does not match", key, tx.Bucket([]byte(bucketMeta)).Get(key), 8)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(value), nil
}

// head is the state of a stream: its number in the index and how many events it
// has. A stream that does not exist has none.
type head struct {
	number uint64
	count  uint64
}

// last is the revision of the stream's last event, -1 when there is none.
func (h head) last() int64 { return int64(h.count) - 1 }

// putHead stores the state of a stream that has events.
func putHead(tx *bbolt.Tx, name string, h head) error {
	key := []byte(name)
	return tx.Bucket([]byte(bucketStreams)).Put(key, seal(key, indexKey(h.number, h.count-1)))
}

// getHead reads a stream's state.
func getHead(tx *bbolt.Tx, name string) (head, error) {
	key := []byte(name)
	sealed := tx.Bucket([]byte(bucketStreams)).Get(key)
	if sealed == nil {
		return head{}, nil
	}
	return decodeHead(key, sealed)
}

// decodeHead splits an entry of the streams bucket.
func decodeHead(key, sealed []byte) (head, error) {
	value, err := unseal(bucketStreams, "the checksum of stream %q does not match", key, sealed, 16)
	if err != nil {
		return head{}, err
	}
	return head{number: binary.BigEndian.Uint64(value), count: binary.BigEndian.Uint64(value[8:]) + 1}, nil
}

// getIndex reads the position of an event of a stream.
func getIndex(tx *bbolt.Tx, stream, revision uint64) (uint64, error) {
	key := indexKey(stream, revision)
	return decodeIndex(key, tx.Bucket([]byte(bucketIndex)).Get(key))
}

// decodeIndex splits an entry of the index bucket.
func decodeIndex(key, sealed []byte) (uint64, error) {
	value, err := unseal(bucketIndex, "the entry %x is missing or its checksum does not match", key, sealed, 8)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(value), nil
}

// getRecord reads the record of an event, which is the transaction's.
func getRecord(tx *bbolt.Tx, position uint64) ([]byte, error) {
	record := tx.Bucket([]byte(bucketLog)).Get(positionKey(position))
	if record == nil {
		return nil, missingRecord(position)
	}
	return record, nil
}

// getEvent reads one event. Its metadata and data are the transaction's.
func getEvent(tx *bbolt.Tx, position uint64) (Event, error) {
	record, err := getRecord(tx, position)
	if err != nil {
		return Event{}, err
	}
	return decodeRecord(position, record, string(record))
}

func missingRecord(position uint64) error {
	return &CorruptionError{Bucket: bucketLog, Position: position, Problem: "the record is missing"}
}

// nextPosition checks the buckets of an existing file and returns the position
// of the next event.
func nextPosition(tx *bbolt.Tx) (uint64, error) {
	for _, name := range buckets() {
		if tx.Bucket([]byte(name)) == nil {
			return 0, &CorruptionError{Bucket: name, Problem: "the bucket is missing"}
		}
	}
	format, err := getNumber(tx, keyFormat)
	if err != nil {
		return 0, err
	}
	if format != formatVersion {
		return 0, &FormatError{Found: format, Supported: formatVersion}
	}
	next, err := getNumber(tx, keyNext)
	if err != nil {
		return 0, err
	}
	last := uint64(0)
	if key, _ := tx.Bucket([]byte(bucketLog)).Cursor().Last(); len(key) == 8 {
		last = binary.BigEndian.Uint64(key)
	}
	// The next position is stored in the same transaction as the event before
	// it. A difference means that records were lost, and handing their positions
	// out again would make readers skip the new events.
	if last+1 != next {
		return 0, &CorruptionError{
			Bucket: bucketLog, Position: next - 1,
			Problem: fmt.Sprintf("the last record is %d but %d was the last one stored", last, next-1),
		}
	}
	return next, nil
}

// initialise lays out a new file.
func initialise(tx *bbolt.Tx) error {
	for _, name := range buckets() {
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return fmt.Errorf("create bucket %s: %w", name, err)
		}
	}
	return errors.Join(putNumber(tx, keyFormat, formatVersion), putNumber(tx, keyNext, 1))
}
