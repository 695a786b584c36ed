package eventnode

import (
	"encoding/binary"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"praxis/adapters/eventnode/engine"
)

// Field numbers of ReadResp and what it contains. Only these are written by
// hand; a test compares every frame with the generated messages.
const (
	respEvent = 1 // ReadResp.event

	readEventEvent  = 1 // ReadEvent.event
	readEventCommit = 3 // ReadEvent.commit_position

	recordedID       = 1
	recordedStream   = 2
	recordedRevision = 3
	recordedPrepare  = 4
	recordedCommit   = 5
	recordedMetadata = 6
	recordedCustom   = 7
	recordedData     = 8

	uuidStructured = 1
	uuidString     = 2
	uuidHigh       = 1 // UUID.Structured.most_significant_bits
	uuidLow        = 2 // UUID.Structured.least_significant_bits

	streamName = 3
)

const (
	contentTypeJSON   = "application/json"
	contentTypeBinary = "application/octet-stream"

	metadataType        = "type"
	metadataCreated     = "created"
	metadataContentType = "content-type"
)

// eventEncoder encodes events one after the other.
type eventEncoder struct {
	idAsText bool
	recorded []byte // reused: how long it is comes in front of it
}

// frame encodes ReadResp{event} for a stored event.
func (c *eventEncoder) frame(e *engine.Event) frame {
	contentType := contentTypeBinary
	if e.IsJSON {
		contentType = contentTypeJSON
	}
	var id [64]byte
	var created [20]byte

	b := appendBytes(c.recorded[:0], recordedID, appendID(id[:0], e, c.idAsText))
	b = appendHeader(b, recordedStream, sizeBytes(streamName, len(e.Stream)))
	b = appendBytes(b, streamName, e.Stream)
	b = appendNumber(b, recordedRevision, e.Revision)
	b = appendNumber(b, recordedPrepare, e.Position)
	b = appendNumber(b, recordedCommit, e.Position)
	b = appendEntry(b, metadataType, e.Type)
	b = appendEntry(b, metadataCreated, strconv.AppendInt(created[:0], e.Created, 10))
	b = appendEntry(b, metadataContentType, contentType)
	b = appendBytes(b, recordedCustom, e.Metadata)
	c.recorded = appendBytes(b, recordedData, e.Data)

	event := sizeBytes(readEventEvent, len(c.recorded)) + protowire.SizeTag(readEventCommit) + protowire.SizeVarint(e.Position)
	f := appendHeader(make([]byte, 0, sizeBytes(respEvent, event)), respEvent, event)
	f = appendBytes(f, readEventEvent, c.recorded)
	return appendNumber(f, readEventCommit, e.Position)
}

// appendID encodes an event's id in the form the caller asked for.
func appendID(b []byte, e *engine.Event, asText bool) []byte {
	if asText {
		return appendBytes(b, uuidString, e.ID.String())
	}
	high, low := binary.BigEndian.Uint64(e.ID[:8]), binary.BigEndian.Uint64(e.ID[8:])
	var numbers [24]byte
	return appendBytes(b, uuidStructured, appendNumber(appendNumber(numbers[:0], uuidHigh, high), uuidLow, low))
}

func sizeBytes(field protowire.Number, length int) int {
	return protowire.SizeTag(field) + protowire.SizeBytes(length)
}

func appendHeader(b []byte, field protowire.Number, length int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.BytesType), uint64(length))
}

func appendBytes[T []byte | string](b []byte, field protowire.Number, value T) []byte {
	return append(appendHeader(b, field, len(value)), value...)
}

func appendNumber(b []byte, field protowire.Number, number uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), number)
}

// appendEntry appends a map entry; maps are messages with key 1, value 2.
func appendEntry[T []byte | string](b []byte, key string, value T) []byte {
	b = appendHeader(b, recordedMetadata, sizeBytes(1, len(key))+sizeBytes(2, len(value)))
	return appendBytes(appendBytes(b, 1, key), 2, value)
}
