package eventstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"praxis/domain/es"
	"praxis/domain/fault"
)

func TestHazard5_WrappedErrorsAreMissed(t *testing.T) {
	denying := stage(t, &scripted{
		read:   sends(status.Error(codes.PermissionDenied, "scripted")),
		append: func(streams.Streams_AppendServer) error { return status.Error(codes.PermissionDenied, "scripted") },
	})
	t.Run("hazard 5 FromError takes an error that the client itself wrapped for an unknown one", func(t *testing.T) {
		client := bare(t, denying)
		_, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{})
		require.Error(t, err)
		judged, _ := esdb.FromError(err)
		require.Equal(t, esdb.ErrorCodeUnknown, judged.Code())
		var e *esdb.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, esdb.ErrorCodeAccessDenied, e.Code())

		late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		_, err = client.AppendToStream(late, "bare-1", esdb.AppendToStreamOptions{}, esdb.EventData{EventType: "a"})
		judged, _ = esdb.FromError(err)
		require.Equal(t, esdb.ErrorCodeUnknown, judged.Code())
		require.ErrorAs(t, err, &e)
		require.Equal(t, esdb.ErrorCodeDeadlineExceeded, e.Code())
	})
	t.Run("hazard 5 wrapped or not, every use tells the same fault", func(t *testing.T) {
		s := openURL(t, "esdb://"+denying+"?tls=false")
		_, appended := s.Append(t.Context(), "chart-1", es.At(es.NoStream), proposals(1, 1))
		for _, err := range []error{
			appended,
			lastError(s.ReadStream(t.Context(), "chart-1", 0)),
			lastError(s.ReadAll(t.Context(), []es.Category{"chart"}, es.Position{})),
			s.Ping(t.Context()),
			lastSignalError(s.Subscribe(t.Context(), []es.Category{"chart"}, es.Position{})),
		} {
			require.Equal(t, "event_store_access_denied", fault.From(err).Code)
			require.Equal(t, fault.Internal, fault.KindOf(err))
		}
	})
}

func TestHazard9_SubscriptionErrorsAreRaw(t *testing.T) {
	script := &scripted{read: sends(status.Error(codes.PermissionDenied, "scripted"), confirmation(), message(1))}
	t.Run("hazard 9 a bare subscription ends with a raw gRPC status", func(t *testing.T) {
		sub, err := bare(t, stage(t, script)).SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{})
		require.NoError(t, err)
		require.NotNil(t, sub.Recv().EventAppeared)
		dropped := sub.Recv().SubscriptionDropped
		require.NotNil(t, dropped)
		var e *esdb.Error
		require.NotErrorAs(t, dropped.Error, &e)
		require.Equal(t, codes.PermissionDenied, status.Code(dropped.Error))
	})
	t.Run("hazard 9 a subscription ends with the fault that any other use tells", func(t *testing.T) {
		s := play(t, script)
		require.Equal(t, "event_store_access_denied", fault.From(lastSignalError(s.Subscribe(t.Context(), []es.Category{"chart"}, es.Position{}))).Code)
	})
	t.Run("hazard 9 a lost connection is told as such by a subscription", func(t *testing.T) {
		srv := startServer(t)
		var end error
		for signal, err := range srv.open(t).Subscribe(t.Context(), []es.Category{"chart"}, es.Position{}) {
			if end = err; signal.CaughtUp {
				srv.stop(t)
			}
		}
		require.ErrorIs(t, end, es.ErrStoreUnavailable)
	})
}

func lastSignalError(feed es.Feed) (last error) {
	for _, err := range feed {
		last = err
	}
	return last
}
