package eventnode

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	"praxis/adapters/eventnode/engine"
)

// wireUUID renders an id.
func wireUUID(id uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

// parseUUID accepts both forms clients send.
func parseUUID(wire *shared.UUID) (uuid.UUID, error) {
	switch value := wire.GetValue().(type) {
	case *shared.UUID_Structured_:
		var id uuid.UUID
		binary.BigEndian.PutUint64(id[:8], uint64(value.Structured.GetMostSignificantBits()))
		binary.BigEndian.PutUint64(id[8:], uint64(value.Structured.GetLeastSignificantBits()))
		return id, nil
	case *shared.UUID_String_:
		return uuid.Parse(value.String_)
	default:
		return uuid.Nil, errors.New("the id is missing")
	}
}

// newEvent converts a proposed message of either append call.
func newEvent(m proposedMessage) (engine.NewEvent, error) {
	metadata := m.GetMetadata()
	eventID, err := parseUUID(m.GetId())
	if err != nil {
		return engine.NewEvent{}, invalidArgument("an event has no valid id")
	}
	for _, required := range []string{metadataType, metadataContentType} {
		if _, given := metadata[required]; !given {
			return engine.NewEvent{}, missingMetadata(required)
		}
	}
	if metadata[metadataType] == linkType {
		return engine.NewEvent{}, unsupported("links")
	}
	return engine.NewEvent{
		ID:       eventID,
		Type:     metadata[metadataType],
		IsJSON:   metadata[metadataContentType] == contentTypeJSON,
		Metadata: m.GetCustomMetadata(),
		Data:     m.GetData(),
	}, nil
}

// projectionPrefixes begin the names of the streams that a real server's system
// projections fill: by category, by event type, by correlation, and their lists.
var projectionPrefixes = []string{"$ce-", "$et-", "$bc-", "$by", "$category-", "$streams", "$projections-"}

// checkProjectionStream refuses streams that would stay empty here for ever.
func checkProjectionStream(stream string) error {
	for _, prefix := range projectionPrefixes {
		if strings.HasPrefix(stream, prefix) || stream == "$et" {
			return refusal(codes.Unimplemented, "the embedded event node runs no system projections, so the streams "+prefix+"… have no events; read or subscribe to $all with a filter by stream prefix or event type, or use an EventStoreDB server")
		}
	}
	return nil
}

// checkStreamName refuses streams that clients cannot write to here.
func checkStreamName(stream string) error {
	if strings.HasPrefix(stream, "$$") {
		return unsupported("stream metadata")
	}
	return checkProjectionStream(stream)
}

// linkType is the type of events that point to another event.
const linkType = "$>"
