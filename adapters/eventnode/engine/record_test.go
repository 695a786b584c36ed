package engine_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/eventnode/engine"
)

func TestRecordsKeepEveryField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		event := engine.Event{
			NewEvent: engine.NewEvent{
				ID:       uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
				Type:     rapid.String().Draw(t, "type"),
				IsJSON:   rapid.Bool().Draw(t, "json"),
				Metadata: rapid.SliceOf(rapid.Byte()).Draw(t, "metadata"),
				Data:     rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
			},
			Position: rapid.Uint64().Draw(t, "position"),
			Stream:   rapid.String().Draw(t, "stream"),
			Revision: rapid.Uint64().Draw(t, "revision"),
			Created:  rapid.Int64().Draw(t, "created"),
		}
		decoded, err := engine.DecodeRecord(event.Position, engine.EncodeRecord(&event))
		require.NoError(t, err)
		require.Equal(t, event, decoded)

		_, err = engine.DecodeRecord(event.Position+1, engine.EncodeRecord(&event))
		require.ErrorAs(t, err, new(*engine.CorruptionError), "a record under another position is damage")
	})
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add(uint64(1), []byte{})
	f.Add(uint64(1), engine.EncodeRecord(&engine.Event{Position: 1, Stream: "s", NewEvent: engine.NewEvent{Type: "t", Data: []byte("d")}}))
	f.Add(uint64(2), engine.EncodeRecord(&engine.Event{Position: 1, Stream: "s"}))
	f.Fuzz(func(t *testing.T, position uint64, record []byte) {
		event, err := engine.DecodeRecord(position, record)
		if err != nil {
			require.ErrorAs(t, err, new(*engine.CorruptionError))
			return
		}
		require.Equal(t, record[5:], engine.EncodeRecord(&event)[5:], "what decodes encodes to the same bytes, flags aside")
	})
}
