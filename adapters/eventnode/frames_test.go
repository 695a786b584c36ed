package eventnode_test

import (
	"encoding/binary"
	"strconv"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
)

// generated builds the message of an event with the generated structs.
func generated(e engine.Event, idAsText bool) *streams.ReadResp {
	id := &shared.UUID{Value: &shared.UUID_String_{String_: e.ID.String()}}
	if !idAsText {
		id = &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
			MostSignificantBits:  int64(binary.BigEndian.Uint64(e.ID[:8])),
			LeastSignificantBits: int64(binary.BigEndian.Uint64(e.ID[8:])),
		}}}
	}
	contentType := "application/octet-stream"
	if e.IsJSON {
		contentType = "application/json"
	}
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Event: &streams.ReadResp_ReadEvent_RecordedEvent{
			Id:               id,
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(e.Stream)},
			StreamRevision:   e.Revision,
			PreparePosition:  e.Position,
			CommitPosition:   e.Position,
			Metadata: map[string]string{
				"type": e.Type, "created": strconv.FormatInt(e.Created, 10), "content-type": contentType,
			},
			CustomMetadata: e.Metadata,
			Data:           e.Data,
		},
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: e.Position},
	}}}
}

func FuzzFramesEqualTheGeneratedMessages(f *testing.F) {
	f.Add(uint64(0), uint64(0), "", "", int64(0), false, false, []byte{}, []byte{}, make([]byte, 16))
	f.Add(uint64(1), uint64(127), "chart-1", "chart.opened", int64(17780512891234567), true, false, []byte("{}"), []byte(`{"a":1}`), []byte("0123456789abcdef"))
	f.Add(uint64(1)<<63, uint64(128), "s", "t", int64(-1), true, true, []byte(nil), make([]byte, 300), []byte("\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, position, revision uint64, stream, eventType string, created int64, isJSON, idAsText bool, metadata, data, id []byte) {
		if len(id) != 16 {
			return
		}
		e := engine.Event{
			NewEvent: engine.NewEvent{ID: uuid.UUID(id), Type: eventType, IsJSON: isJSON, Metadata: metadata, Data: data},
			Position: position, Stream: stream, Revision: revision, Created: created,
		}
		wanted := generated(e, idAsText)
		if _, err := proto.Marshal(wanted); err != nil {
			return // a type that is no UTF-8 cannot arrive through protobuf either
		}
		var decoded streams.ReadResp
		frame := eventnode.EventFrame(&e, idAsText)
		require.NoError(t, proto.Unmarshal(frame, &decoded))
		require.Len(t, frame, cap(frame), "the frame's size is computed exactly")
		require.Empty(t, cmp.Diff(wanted, &decoded, protocmp.Transform()))
	})
}
