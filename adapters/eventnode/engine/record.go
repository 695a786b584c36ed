package engine

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/google/uuid"
)

// Event is a stored event. Metadata and Data share the memory of the page they
// were read with and must not be changed.
type Event struct {
	NewEvent
	// Position is the event's place in $all. Positions are consecutive and start
	// at 1, so that 0 can mean "before everything".
	Position uint64
	Stream   string
	// Revision is the event's place in its stream, from 0.
	Revision uint64
	// Created is when the engine stored the event, in 100 ns ticks since the
	// Unix epoch, UTC: the unit the protocol uses.
	Created int64
}

// A record is the value of one event in the log bucket. All numbers are big
// endian; the checksum covers the position (the key) and everything after it.
//
//	offset  size
//	0       4     CRC-32C
//	4       1     flags (bit 0: data is JSON)
//	5       8     revision
//	13      8     created, 100 ns ticks since the Unix epoch
//	21      16    event id
//	37      2     length of the stream name
//	39      4     length of the type
//	43      4     length of the metadata
//	47      ...   stream name, type, metadata, data
const recordHeader = 47

const flagJSON = 1

// checksum is CRC-32C, for which current processors have an instruction. It
// covers the key as well, so that a value under a wrong key is seen.
// The short key goes through the table by hand, because crc32 would make every
// key escape to the heap.
func checksum(key, value []byte) uint32 {
	crcTable := crc32.MakeTable(crc32.Castagnoli) // the same table every time
	sum := ^crc32.Checksum(value, crcTable)
	for i := range key {
		sum = crcTable[byte(sum)^key[i]] ^ (sum >> 8)
	}
	return ^sum
}

// recordChecksum is the checksum of a record without its first four bytes.
func recordChecksum(position uint64, record []byte) uint32 {
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], position)
	return checksum(key[:], record)
}

// encodeRecord renders the event as the value stored under its position.
func encodeRecord(e *Event) []byte {
	record := make([]byte, recordHeader, recordHeader+len(e.Stream)+len(e.Type)+len(e.Metadata)+len(e.Data))
	if e.IsJSON {
		record[4] = flagJSON
	}
	binary.BigEndian.PutUint64(record[5:], e.Revision)
	binary.BigEndian.PutUint64(record[13:], uint64(e.Created))
	copy(record[21:], e.ID[:])
	binary.BigEndian.PutUint16(record[37:], uint16(len(e.Stream)))
	binary.BigEndian.PutUint32(record[39:], uint32(len(e.Type)))
	binary.BigEndian.PutUint32(record[43:], uint32(len(e.Metadata)))
	record = append(record, e.Stream...)
	record = append(record, e.Type...)
	record = append(record, e.Metadata...)
	record = append(record, e.Data...)
	binary.BigEndian.PutUint32(record, recordChecksum(e.Position, record[4:]))
	return record
}

// layout is where the parts of a record begin that have no fixed place.
type layout struct{ kind, metadata, data uint64 }

// splitRecord verifies a record and finds its parts.
func splitRecord(position uint64, record []byte) (l layout, err error) {
	if len(record) < recordHeader {
		return l, &CorruptionError{Bucket: bucketLog, Position: position, Problem: "the record is shorter than its header"}
	}
	if binary.BigEndian.Uint32(record) != recordChecksum(position, record[4:]) {
		return l, &CorruptionError{Bucket: bucketLog, Position: position, Problem: "the checksum of the record does not match"}
	}
	l.kind = uint64(recordHeader) + uint64(binary.BigEndian.Uint16(record[37:]))
	l.metadata = l.kind + uint64(binary.BigEndian.Uint32(record[39:]))
	l.data = l.metadata + uint64(binary.BigEndian.Uint32(record[43:]))
	if l.data > uint64(len(record)) {
		return l, &CorruptionError{Bucket: bucketLog, Position: position, Problem: "the lengths in the record exceed it"}
	}
	return l, nil
}

// decodeRecord verifies and splits a record. text must hold the same bytes as
// record: the event's strings are cut out of it, so that a whole page costs one
// conversion instead of two allocations per event.
func decodeRecord(position uint64, record []byte, text string) (Event, error) {
	l, err := splitRecord(position, record)
	if err != nil {
		return Event{}, err
	}
	return Event{
		NewEvent: NewEvent{
			ID: uuid.UUID(record[21:37]), Type: text[l.kind:l.metadata], IsJSON: record[4]&flagJSON != 0,
			Metadata: record[l.metadata:l.data:l.data], Data: record[l.data:],
		},
		Position: position,
		Stream:   text[recordHeader:l.kind],
		Revision: binary.BigEndian.Uint64(record[5:]),
		Created:  int64(binary.BigEndian.Uint64(record[13:])),
	}, nil
}
