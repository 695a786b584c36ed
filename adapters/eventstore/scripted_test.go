package eventstore_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
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
	// members, if set, is what gossip says.
	members func() []*gossip.MemberInfo
}

// gossiping is the gossip of a script.
type gossiping struct {
	gossip.UnimplementedGossipServer
	members func() []*gossip.MemberInfo
}

func (s gossiping) Read(context.Context, *shared.Empty) (*gossip.ClusterInfo, error) {
	return &gossip.ClusterInfo{Members: s.members()}, nil
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

// serve runs a script on a free port of this machine.
func serve(script *scripted, options ...grpc.ServerOption) (address string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := grpc.NewServer(options...)
	streams.RegisterStreamsServer(server, script)
	if script.members != nil {
		gossip.RegisterGossipServer(server, gossiping{members: script.members})
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	return listener.Addr().String(), func() { server.Stop(); serving.Wait() }, nil
}

// stage serves a script for the time of a test.
func stage(t *testing.T, script *scripted, options ...grpc.ServerOption) (address string) {
	t.Helper()
	address, stop, err := serve(script, options...)
	require.NoError(t, err)
	t.Cleanup(stop)
	return address
}

// play serves a script and opens a store on it that waits 300 ms for an answer.
func play(t *testing.T, script *scripted) *eventstore.Store {
	t.Helper()
	return openURL(t, "esdb://"+stage(t, script)+"?tls=false&defaultDeadline=300")
}

func openURL(t *testing.T, url string) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(eventstore.Config{URL: url})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// bare opens a client as it is, on a script.
func bare(t *testing.T, address string) *esdb.Client {
	t.Helper()
	c, err := esdb.NewClient(bareConfig(address))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
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

// checkpoint says that nothing more comes up to a position.
func checkpoint(commit, prepare uint64) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: commit, PreparePosition: prepare}}}
}

// tail answers the question for the end of the log with a position, and any other
// read as read does.
func tail(position uint64, read func(*streams.ReadReq, streams.Streams_ReadServer) error) func(*streams.ReadReq, streams.Streams_ReadServer) error {
	return func(r *streams.ReadReq, out streams.Streams_ReadServer) error {
		if r.GetOptions().GetReadDirection() == streams.ReadReq_Options_Backwards {
			return out.Send(message(position))
		}
		return read(r, out)
	}
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
