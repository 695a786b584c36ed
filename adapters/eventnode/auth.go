package eventnode

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// authenticator asks for the one user and password of the node. A nil
// authenticator lets everyone in: the unix socket is guarded by its directory.
type authenticator struct {
	wanted [sha256.Size]byte
}

// newAuthenticator returns nil when no credentials are configured.
func newAuthenticator(config Config) *authenticator {
	if config.Username == "" {
		return nil
	}
	return &authenticator{wanted: credentialsSum(config.Username, config.Password)}
}

// credentialsSum is of one length for all, so comparing takes the same time for all.
func credentialsSum(username, password string) [sha256.Size]byte {
	return sha256.Sum256([]byte(username + ":" + password))
}

// check compares the basic credentials of a call in constant time. What clients
// ask before they have a connection needs none, as on a real server.
func (a *authenticator) check(ctx context.Context, method string) error {
	if a == nil || method == serverfeatures.ServerFeatures_GetSupportedMethods_FullMethodName || method == gossip.Gossip_Read_FullMethodName {
		return nil
	}
	// What is no basic authorization gives a name that does not match.
	request := http.Request{Header: http.Header{"Authorization": metadata.ValueFromIncomingContext(ctx, "authorization")}}
	username, password, _ := request.BasicAuth()
	if sum := credentialsSum(username, password); subtle.ConstantTimeCompare(sum[:], a.wanted[:]) != 1 {
		return status.Error(codes.Unauthenticated, "the event node needs its user name and password")
	}
	return nil
}

func (a *authenticator) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := a.check(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	return handler(ctx, request)
}

func (a *authenticator) stream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := a.check(stream.Context(), info.FullMethod); err != nil {
		return err
	}
	return handler(service, stream)
}
