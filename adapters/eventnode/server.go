package eventnode

import (
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"praxis/adapters/eventnode/engine"
)

const (
	// maxReceiveBytes is the largest message accepted, as on a real server. It
	// is far above the append limit so that an append that is too large is
	// refused with the reason instead of being cut off.
	maxReceiveBytes = 16<<20 - 10_000
	// maxSendBytes is what the official client is ready to receive.
	maxSendBytes = 17 << 20
)

// newServer builds the gRPC server of one listener.
func newServer(log *engine.Engine, stopping <-chan struct{}, config Config, auth *authenticator) *grpc.Server {
	server := grpc.NewServer(
		grpc.ForceServerCodecV2(newFrameCodec()),
		grpc.MaxRecvMsgSize(maxReceiveBytes),
		grpc.MaxSendMsgSize(maxSendBytes),
		// The official client pings every 10 s even without calls; the default
		// policy would drop its connection as abusive.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 10 * time.Second, Timeout: 10 * time.Second}),
		// A connection that says nothing must not hold up the end of the node.
		grpc.ConnectionTimeout(closeGrace),
		grpc.UnaryInterceptor(auth.unary),
		grpc.StreamInterceptor(auth.stream),
		grpc.UnknownServiceHandler(refuseUnknown),
	)
	streams.RegisterStreamsServer(server, &streamsService{engine: log, stopping: stopping, config: config})
	serverfeatures.RegisterServerFeaturesServer(server, featuresService{})
	gossip.RegisterGossipServer(server, gossipService{instance: uuid.New(), clock: config.Clock})
	return server
}

// refuseUnknown answers calls of services the node does not have.
func refuseUnknown(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	service, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	return status.Errorf(codes.Unimplemented, "the embedded event node does not serve %s; use an EventStoreDB server for it", service)
}
