package eventnode

import (
	"context"
	"errors"
	"log/slog"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"

	"praxis/adapters/eventnode/engine"
)

// streamsService serves appends, reads and subscriptions.
type streamsService struct {
	streams.UnimplementedStreamsServer
	engine   *engine.Engine
	stopping <-chan struct{}
	config   Config
}

// Delete is refused: the log of the embedded node only grows.
func (*streamsService) Delete(context.Context, *streams.DeleteReq) (*streams.DeleteResp, error) {
	return nil, unsupported("deleting streams")
}

// Tombstone is refused: the log of the embedded node only grows.
func (*streamsService) Tombstone(context.Context, *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	return nil, unsupported("tombstones")
}

// fail translates an error for the client, attaches its trailers and logs the
// faults an operator has to act on. Refusals are part of normal life.
func (s *streamsService) fail(call grpc.ServerStream, err error) error {
	if _, isDamage := errors.AsType[*engine.CorruptionError](err); isDamage {
		s.config.Logger.Error("event log fault", slog.Any("error", err))
	}
	translated := translate(err)
	if refused, isRefusal := errors.AsType[*statusError](translated); isRefusal {
		call.SetTrailer(refused.trailers)
	}
	return translated
}
