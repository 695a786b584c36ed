package eventnode_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"praxis/adapters/eventnode"
)

// subscription makes a read into a subscription.
func subscription(options *streams.ReadReq_Options) *streams.ReadReq_Options {
	options.CountOption = &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}}
	return options
}

func streamOptions(stream string) *streams.ReadReq_Options {
	options := allOptions()
	options.StreamOption = &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
		StreamIdentifier: identifier(stream),
		RevisionOption:   &streams.ReadReq_Options_StreamOptions_Start{Start: &shared.Empty{}},
	}}
	return options
}

// field is one encoded field of a message.
type field struct {
	number protowire.Number
	value  uint64
	bytes  []byte
}

// fields decodes what the generated messages have no names for.
func fields(t *testing.T, raw []byte) []field {
	t.Helper()
	var found []field
	for len(raw) > 0 {
		number, kind, n := protowire.ConsumeTag(raw)
		require.NoError(t, protowire.ParseError(n))
		f, rest := field{number: number}, raw[n:]
		switch kind {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(rest)
		default:
			f.bytes, n = protowire.ConsumeBytes(rest)
		}
		require.NoError(t, protowire.ParseError(n))
		found, raw = append(found, f), rest[n:]
	}
	return found
}

func TestFoundN2_CaughtUpSaysWhenAndWhere(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	node := openNode(t, func(c *eventnode.Config) { c.Clock = func() time.Time { return now } })
	raw, client := dial(t, node), connect(t, node)
	timestamp, err := proto.Marshal(timestamppb.New(now))
	require.NoError(t, err)
	// live receives up to caughtUp and returns its fields, and those of the
	// checkpoint before it.
	live := func(options *streams.ReadReq_Options) (caughtUp, checkpoint []field) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		call, err := raw.Read(ctx, &streams.ReadReq{Options: subscription(options)})
		require.NoError(t, err)
		for {
			message, err := call.Recv()
			require.NoError(t, err)
			if c := message.GetCheckpoint(); c != nil {
				checkpoint = fields(t, c.ProtoReflect().GetUnknown())
			}
			if c := message.GetCaughtUp(); c != nil {
				return fields(t, c.ProtoReflect().GetUnknown()), checkpoint
			}
		}
	}
	at := field{number: 1, bytes: timestamp}

	t.Run("nowhere in an empty log", func(t *testing.T) {
		caughtUp, _ := live(allOptions())
		require.Equal(t, []field{at}, caughtUp)
		caughtUp, _ = live(streamOptions("s"))
		require.Equal(t, []field{at}, caughtUp)
	})
	seed(t, client, "s", 3)
	seed(t, client, "other", 2)
	t.Run("at a position of $all, and the checkpoint has its time", func(t *testing.T) {
		filtered := allOptions()
		filtered.FilterOption = prefixFilter("s", 32, 1)
		caughtUp, checkpoint := live(filtered)
		require.Equal(t, []field{at, {number: 3, bytes: []byte{1 << 3, 5, 2 << 3, 5}}}, caughtUp)
		require.Equal(t, []field{{number: 3, bytes: timestamp}}, checkpoint)
	})
	t.Run("at a revision of a stream", func(t *testing.T) {
		caughtUp, _ := live(streamOptions("s"))
		require.Equal(t, []field{at, {number: 2, value: 2}}, caughtUp)
	})
}

func TestFoundN3_HTTP1IsAnsweredInPlainWords(t *testing.T) {
	certPath, keyPath, pool := certificate(t)
	plain := openNode(t, func(c *eventnode.Config) { c.Listen = "127.0.0.1:0" })
	secure := openNode(t, func(c *eventnode.Config) {
		c.Listen, c.TLSCert, c.TLSKey = "127.0.0.1:0", certPath, keyPath
	})
	address := func(n *eventnode.Node) string {
		host, _, _ := strings.Cut(strings.TrimPrefix(n.ConnectionString(), "esdb://"), "?")
		return host
	}
	socket := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", strings.TrimPrefix(plain.Address(), "unix:"))
	}
	for name, c := range map[string]struct {
		url       string
		transport *http.Transport
	}{
		"TCP":         {"http://" + address(plain), &http.Transport{}},
		"TLS":         {"https://" + address(secure), &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}},
		"unix socket": {"http://node", &http.Transport{DialContext: socket}},
	} {
		t.Run(name, func(t *testing.T) {
			defer c.transport.CloseIdleConnections()
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
				request, err := http.NewRequestWithContext(t.Context(), method, c.url+"/streams/chart-1", strings.NewReader(`{"a":1}`))
				require.NoError(t, err)
				response, err := (&http.Client{Transport: c.transport}).Do(request)
				require.NoError(t, err)
				said, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				require.Equal(t, http.StatusNotImplemented, response.StatusCode)
				require.Equal(t, "text/plain; charset=utf-8", response.Header.Get("Content-Type"))
				require.Equal(t, "This is a Praxis event node. It speaks gRPC over HTTP/2 and has no HTTP API: use an EventStoreDB client.\n", string(said))
			}
		})
	}
	seed(t, parsed(t, plain.ConnectionString()), "s", 1)
	seed(t, parsed(t, secure.ConnectionString(), func(c *esdb.Configuration) { c.RootCAs = pool }), "s", 1)
}

func TestFoundN4_StreamsOfSystemProjectionsAreRefused(t *testing.T) {
	client := dial(t, openNode(t))
	for _, stream := range []string{"$ce-chart", "$et-chart.opened", "$et", "$bc-1", "$by_category", "$category-chart", "$streams", "$projections-$all"} {
		for name, options := range map[string]*streams.ReadReq_Options{"read": streamOptions(stream), "subscription": subscription(streamOptions(stream))} {
			messages, err := receive(t, client, options)
			require.Empty(t, messages)
			require.Equal(t, codes.Unimplemented, status.Code(err), "%s of %s", name, stream)
			require.ErrorContains(t, err, "runs no system projections")
			require.ErrorContains(t, err, "subscribe to $all with a filter by stream prefix or event type")
		}
		_, err := batchRefusal(t, client, stream)
		require.Equal(t, codes.Unimplemented, status.Code(err), "an append to %s", stream)
	}
	_, err := receive(t, client, streamOptions("$settings"))
	require.NoError(t, err, "a stream of a client's own that does not exist")
}

// batchRefusal sends one append alone and returns the end of its call.
func batchRefusal(t *testing.T, client streams.StreamsClient, stream string) (*streams.BatchAppendResp, error) {
	t.Helper()
	call, err := client.BatchAppend(t.Context())
	require.NoError(t, err)
	require.NoError(t, call.Send(&streams.BatchAppendReq{
		CorrelationId: textID(uuid.New()), Options: batchOptions(stream), ProposedMessages: proposed(1), IsFinal: true,
	}))
	return call.Recv()
}

func TestFoundN5_AMetadataWriteInABatchIsRefusedWithItsCode(t *testing.T) {
	client := dial(t, openNode(t))
	_, err := batchRefusal(t, client, "$$s")
	require.Equal(t, codes.Unimplemented, status.Code(err))
	require.ErrorContains(t, err, "the embedded event node does not support stream metadata")

	t.Run("what came before is answered", func(t *testing.T) {
		call, err := client.BatchAppend(t.Context())
		require.NoError(t, err)
		for _, stream := range []string{"first", "$$s"} {
			require.NoError(t, call.Send(&streams.BatchAppendReq{
				CorrelationId: textID(uuid.New()), Options: batchOptions(stream), ProposedMessages: proposed(1), IsFinal: true,
			}))
		}
		answer, err := call.Recv()
		require.NoError(t, err)
		require.NotNil(t, answer.GetSuccess())
		_, err = call.Recv()
		require.Equal(t, codes.Unimplemented, status.Code(err))
	})
}
