package eventnode_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"praxis/adapters/eventnode"
)

// dial opens the generated client, for what the official one does not send.
func dial(t testing.TB, node *eventnode.Node) streams.StreamsClient {
	t.Helper()
	connection, err := grpc.NewClient(node.Address(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })
	return streams.NewStreamsClient(connection)
}

func identifier(stream string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(stream)}
}

func textID(id uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_String_{String_: id.String()}}
}

func fullMetadata() map[string]string {
	return map[string]string{"type": "tested", "content-type": "application/json"}
}

// receive reads the messages of a read to its end or error.
func receive(t testing.TB, client streams.StreamsClient, options *streams.ReadReq_Options) ([]*streams.ReadResp, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	call, err := client.Read(ctx, &streams.ReadReq{Options: options})
	require.NoError(t, err)
	var messages []*streams.ReadResp
	for {
		message, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return messages, nil
		}
		if err != nil {
			return messages, err
		}
		messages = append(messages, message)
	}
}

// allOptions is a complete read of $all for tests to change.
func allOptions() *streams.ReadReq_Options {
	return &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
			AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}},
		}},
		CountOption:  &streams.ReadReq_Options_Count{Count: 100},
		FilterOption: &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
		UuidOption:   &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}},
	}
}

func prefixFilter(prefix string, window, multiplier uint32) *streams.ReadReq_Options_Filter {
	return &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
		Filter: &streams.ReadReq_Options_FilterOptions_StreamIdentifier{
			StreamIdentifier: &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{prefix}},
		},
		Window:                       &streams.ReadReq_Options_FilterOptions_Max{Max: window},
		CheckpointIntervalMultiplier: multiplier,
	}}
}

func TestFilteredReadsAndIDsAsText(t *testing.T) {
	node := openNode(t)
	seed(t, connect(t, node), "noise", 5)
	seed(t, connect(t, node), "wanted", 3)
	seed(t, connect(t, node), "noise", 5)
	client := dial(t, node)
	for _, c := range []struct {
		name      string
		direction streams.ReadReq_Options_ReadDirection
		count     uint64
		wanted    []uint64
	}{
		{"forwards", streams.ReadReq_Options_Forwards, 100, []uint64{6, 7, 8}},
		{"the count counts matching events", streams.ReadReq_Options_Forwards, 2, []uint64{6, 7}},
	} {
		t.Run(c.name, func(t *testing.T) {
			options := allOptions()
			options.ReadDirection = c.direction
			options.CountOption = &streams.ReadReq_Options_Count{Count: c.count}
			options.FilterOption = prefixFilter("wanted", 32, 1)
			messages, err := receive(t, client, options)
			require.NoError(t, err)
			var found []uint64
			for _, message := range messages {
				found = append(found, message.GetEvent().GetCommitPosition())
				_, err := uuid.Parse(message.GetEvent().GetEvent().GetId().GetString_())
				require.NoError(t, err)
			}
			require.Equal(t, c.wanted, found)
		})
	}
}

func TestIncompleteReadsAreRefused(t *testing.T) {
	client := dial(t, openNode(t))
	subscription := &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}}
	stream := &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
		StreamIdentifier: identifier("s"), RevisionOption: &streams.ReadReq_Options_StreamOptions_Start{Start: &shared.Empty{}},
	}}
	for name, change := range map[string]func(*streams.ReadReq_Options){
		"no count":          func(o *streams.ReadReq_Options) { o.CountOption = nil },
		"no stream":         func(o *streams.ReadReq_Options) { o.StreamOption = nil },
		"no filter option":  func(o *streams.ReadReq_Options) { o.FilterOption = nil },
		"no uuid option":    func(o *streams.ReadReq_Options) { o.UuidOption = nil },
		"no start of $all":  func(o *streams.ReadReq_Options) { o.GetAll().AllOption = nil },
		"a filtered stream": func(o *streams.ReadReq_Options) { o.StreamOption, o.FilterOption = stream, prefixFilter("s", 1, 1) },
		"a window of 0":     func(o *streams.ReadReq_Options) { o.FilterOption = prefixFilter("s", 0, 1) },
		"an interval of 0":  func(o *streams.ReadReq_Options) { o.FilterOption = prefixFilter("s", 1, 0) },
		"a filter of nothing": func(o *streams.ReadReq_Options) {
			o.FilterOption = &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{CheckpointIntervalMultiplier: 1}}
		},
		"a backwards subscription": func(o *streams.ReadReq_Options) {
			o.CountOption, o.ReadDirection = subscription, streams.ReadReq_Options_Backwards
		},
		"a stream without a name": func(o *streams.ReadReq_Options) {
			o.StreamOption = &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{RevisionOption: stream.Stream.RevisionOption}}
		},
		"a stream without a start": func(o *streams.ReadReq_Options) {
			o.StreamOption = &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{StreamIdentifier: identifier("s")}}
		},
		"a subscription to a stream without a name": func(o *streams.ReadReq_Options) {
			o.CountOption = subscription
			o.StreamOption = &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{RevisionOption: stream.Stream.RevisionOption}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			options := allOptions()
			change(options)
			messages, err := receive(t, client, options)
			require.Empty(t, messages)
			require.Equal(t, codes.InvalidArgument, status.Code(err))
		})
	}
}

func TestAppendRefusalsCarryTheirTrailers(t *testing.T) {
	client := dial(t, openNode(t))
	send := func(t *testing.T, events ...*streams.AppendReq_ProposedMessage) (metadata.MD, error) {
		t.Helper()
		var trailers metadata.MD
		call, err := client.Append(t.Context(), grpc.Trailer(&trailers))
		require.NoError(t, err)
		require.NoError(t, call.Send(&streams.AppendReq{Content: &streams.AppendReq_Options_{Options: &streams.AppendReq_Options{
			StreamIdentifier: identifier("s"), ExpectedStreamRevision: &streams.AppendReq_Options_Any{Any: &shared.Empty{}},
		}}}))
		for _, e := range events {
			require.NoError(t, call.Send(&streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: e}}))
		}
		_, err = call.CloseAndRecv()
		return trailers, err
	}
	t.Run("missing metadata", func(t *testing.T) {
		trailers, err := send(t, &streams.AppendReq_ProposedMessage{Id: textID(uuid.New()), Metadata: map[string]string{"type": "x"}})
		require.Equal(t, codes.InvalidArgument, status.Code(err))
		require.Equal(t, []string{"missing-required-metadata-property"}, trailers.Get("exception"))
	})
	t.Run("too large", func(t *testing.T) {
		trailers, err := send(t, &streams.AppendReq_ProposedMessage{Id: textID(uuid.New()), Metadata: fullMetadata(), Data: make([]byte, 1<<20)})
		require.Equal(t, codes.InvalidArgument, status.Code(err))
		require.Equal(t, []string{"maximum-append-size-exceeded"}, trailers.Get("exception"))
		require.Equal(t, []string{"1048576"}, trailers.Get("maximum-append-size"))
	})
	t.Run("no id", func(t *testing.T) {
		_, err := send(t, &streams.AppendReq_ProposedMessage{Metadata: fullMetadata()})
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	})
	t.Run("no options", func(t *testing.T) {
		call, err := client.Append(t.Context())
		require.NoError(t, err)
		_, err = call.CloseAndRecv()
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	})
}
