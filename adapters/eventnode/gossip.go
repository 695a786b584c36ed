package eventnode

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// gossipService answers discovering clients: a cluster of one leader.
type gossipService struct {
	gossip.UnimplementedGossipServer
	instance uuid.UUID
	clock    func() time.Time
}

// Read advertises the node under the name the client dialled, which is the only
// one known to be reachable from where the client is.
func (g gossipService) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	host, port, err := dialledEndPoint(ctx)
	if err != nil {
		return nil, err
	}
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId:   wireUUID(g.instance),
		TimeStamp:    g.clock().UnixNano() / 100,
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: &gossip.EndPoint{Address: host, Port: port},
	}}}, nil
}

// dialledEndPoint reads the host and port the client asked for.
func dialledEndPoint(ctx context.Context) (string, uint32, error) {
	authority := strings.Join(metadata.ValueFromIncomingContext(ctx, ":authority"), "")
	host, text, err := net.SplitHostPort(authority)
	port, portErr := strconv.ParseUint(text, 10, 16)
	if err != nil || portErr != nil {
		return "", 0, status.Error(codes.FailedPrecondition, "discovery needs the node's TCP address; connect to the unix socket without it")
	}
	return host, uint32(port), nil
}
