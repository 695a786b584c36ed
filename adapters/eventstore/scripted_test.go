package eventstore_test

import (
	"errors"
	"io"
	"net"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"praxis/adapters/eventstore"
)

// scripted is a server that answers as a test says, for what no healthy server does.
type scripted struct {
	streams.UnimplementedStreamsServer
	read   func(*streams.ReadReq, streams.Streams_ReadServer) error
	append func(streams.Streams_AppendServer) error
}

func (s *scripted) Read(r *streams.ReadReq, out streams.Streams_ReadServer) error {
	return s.read(r, out)
}

// Append answers once everything was received.
func (s *scripted) Append(in streams.Streams_AppendServer) error {
	for {
		if _, err := in.Recv(); errors.Is(err, io.EOF) {
			return s.append(in)
		} else if err != nil {
			return err
		}
	}
}

// play serves a script and opens a store on it that waits 300 ms for an answer.
func play(t *testing.T, script *scripted) *eventstore.Store {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	streams.RegisterStreamsServer(server, script)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-served)
	})
	s, err := eventstore.Open(eventstore.Config{URL: "esdb://" + listener.Addr().String() + "?tls=false&defaultDeadline=300"})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// message is an event at a position, in a chart's stream.
func message(position uint64) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Event: &streams.ReadResp_ReadEvent_RecordedEvent{
			Id:               &shared.UUID{Value: &shared.UUID_String_{String_: uuid.NewString()}},
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("chart-1")},
			StreamRevision:   position, CommitPosition: position, PreparePosition: position,
			Metadata: map[string]string{"type": "chart.opened", "created": "17640000000000000", "content-type": "application/json"},
		},
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: position},
	}}}
}

func confirmation() *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Confirmation{Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: "s"}}}
}

func caughtUp() *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}}
}

// sends answers a read with messages and then err, nil for a clean end.
func sends(err error, messages ...*streams.ReadResp) func(*streams.ReadReq, streams.Streams_ReadServer) error {
	return func(_ *streams.ReadReq, out streams.Streams_ReadServer) error {
		for _, m := range messages {
			if err := out.Send(m); err != nil {
				return err
			}
		}
		return err
	}
}

// fallsSilent answers a read with messages and then nothing until it is given up.
func fallsSilent(messages ...*streams.ReadResp) func(*streams.ReadReq, streams.Streams_ReadServer) error {
	return func(r *streams.ReadReq, out streams.Streams_ReadServer) error {
		if err := sends(nil, messages...)(r, out); err != nil {
			return err
		}
		<-out.Context().Done()
		return out.Context().Err()
	}
}
