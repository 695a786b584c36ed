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

// eventFrame encodes ReadResp{event} for a stored event.
func eventFrame(e *engine.Event, idAsText bool) frame {
	contentType := contentTypeBinary
	if e.IsJSON {
		contentType = contentTypeJSON
	}
	var createdBuffer [20]byte
	created := string(strconv.AppendInt(createdBuffer[:0], e.Created, 10))

	high, low := binary.BigEndian.Uint64(e.ID[:8]), binary.BigEndian.Uint64(e.ID[8:])
	idSize := sizeBytes(uuidStructured, sizeNumber(uuidHigh, high)+sizeNumber(uuidLow, low))
	if idAsText {
		idSize = sizeBytes(uuidString, 36)
	}
	streamSize := sizeBytes(streamName, len(e.Stream))
	recorded := sizeBytes(recordedID, idSize) +
		sizeBytes(recordedStream, streamSize) +
		sizeNumber(recordedRevision, e.Revision) +
		sizeNumber(recordedPrepare, e.Position) +
		sizeNumber(recordedCommit, e.Position) +
		sizeBytes(recordedMetadata, sizeEntry(metadataType, e.Type)) +
		sizeBytes(recordedMetadata, sizeEntry(metadataCreated, created)) +
		sizeBytes(recordedMetadata, sizeEntry(metadataContentType, contentType)) +
		sizeBytes(recordedCustom, len(e.Metadata)) +
		sizeBytes(recordedData, len(e.Data))
	readEvent := sizeBytes(readEventEvent, recorded) + sizeNumber(readEventCommit, e.Position)

	b := make([]byte, 0, sizeBytes(respEvent, readEvent))
	b = appendHeader(b, respEvent, readEvent)
	b = appendHeader(b, readEventEvent, recorded)
	b = appendHeader(b, recordedID, idSize)
	if idAsText {
		b = protowire.AppendTag(b, uuidString, protowire.BytesType)
		b = protowire.AppendString(b, e.ID.String())
	} else {
		b = appendHeader(b, uuidStructured, sizeNumber(uuidHigh, high)+sizeNumber(uuidLow, low))
		b = appendNumber(b, uuidHigh, high)
		b = appendNumber(b, uuidLow, low)
	}
	b = appendHeader(b, recordedStream, streamSize)
	b = protowire.AppendTag(b, streamName, protowire.BytesType)
	b = protowire.AppendString(b, e.Stream)
	b = appendNumber(b, recordedRevision, e.Revision)
	b = appendNumber(b, recordedPrepare, e.Position)
	b = appendNumber(b, recordedCommit, e.Position)
	b = appendEntry(b, metadataType, e.Type)
	b = appendEntry(b, metadataCreated, created)
	b = appendEntry(b, metadataContentType, contentType)
	b = protowire.AppendTag(b, recordedCustom, protowire.BytesType)
	b = protowire.AppendBytes(b, e.Metadata)
	b = protowire.AppendTag(b, recordedData, protowire.BytesType)
	b = protowire.AppendBytes(b, e.Data)
	return appendNumber(b, readEventCommit, e.Position)
}

func sizeBytes(field protowire.Number, length int) int {
	return protowire.SizeTag(field) + protowire.SizeBytes(length)
}

func sizeNumber(field protowire.Number, number uint64) int {
	return protowire.SizeTag(field) + protowire.SizeVarint(number)
}

// sizeEntry is the size of a map entry; maps are messages with key 1, value 2.
func sizeEntry(key, value string) int {
	return sizeBytes(1, len(key)) + sizeBytes(2, len(value))
}

func appendHeader(b []byte, field protowire.Number, length int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.BytesType), uint64(length))
}

func appendNumber(b []byte, field protowire.Number, number uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), number)
}

func appendEntry(b []byte, key, value string) []byte {
	b = appendHeader(b, recordedMetadata, sizeEntry(key, value))
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendString(b, key)
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	return protowire.AppendString(b, value)
}
