package eventstore_test

import (
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/fault"
)

func TestHazard6_KeepAlivesAreMilliseconds(t *testing.T) {
	t.Run("hazard 6 a bare client told to ping every 10 pings a hundred times a second", func(t *testing.T) {
		config, err := esdb.ParseConnectionString("esdb://127.0.0.1:2113?tls=false&keepAliveInterval=10&keepAliveTimeout=10")
		require.NoError(t, err)
		require.Equal(t, 10*time.Millisecond, config.KeepAliveInterval)
		require.Equal(t, 10*time.Millisecond, config.KeepAliveTimeout)
	})
	t.Run("hazard 6 seconds are refused and milliseconds are taken", func(t *testing.T) {
		refusedPart(t, "esdb://127.0.0.1:2113?tls=false&keepAliveInterval=10", "option keepAliveInterval")
		refusedPart(t, "esdb://127.0.0.1:2113?tls=false&keepAliveTimeout=10", "option keepAliveTimeout")
		got, err := eventstore.Parse("esdb://127.0.0.1:2113?tls=false&keepAliveInterval=10000&keepAliveTimeout=10000")
		require.NoError(t, err)
		require.Equal(t, 10*time.Second, got.Client.KeepAliveInterval)
		require.Equal(t, 10*time.Second, got.Client.KeepAliveTimeout)
	})
}

func TestHazard7_WrongOptionsAreTaken(t *testing.T) {
	t.Run("hazard 7 a bare client takes a deadline that is no number and has none left", func(t *testing.T) {
		config, err := esdb.ParseConnectionString("esdb://127.0.0.1:2113?tls=false&defaultDeadline=abc")
		require.NoError(t, err)
		require.NotNil(t, config.DefaultDeadline)
		require.Zero(t, *config.DefaultDeadline)

		config.Address, config.Logger = stage(t, &scripted{append: func(streams.Streams_AppendServer) error { return nil }}), esdb.NoopLogging()
		client, err := esdb.NewClient(config)
		require.NoError(t, err)
		defer func() { require.NoError(t, client.Close()) }()
		_, err = client.AppendToStream(t.Context(), "bare-1", esdb.AppendToStreamOptions{}, esdb.EventData{EventType: "a"})
		var e *esdb.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, esdb.ErrorCodeDeadlineExceeded, e.Code(), "every append is over before it begins")
	})
	t.Run("hazard 7 a bare client takes options that do not exist", func(t *testing.T) {
		_, err := esdb.ParseConnectionString("esdb://127.0.0.1:2113?tls=false&connectionName=praxis&keepAliveIntervall=10000")
		require.NoError(t, err)
	})
	t.Run("hazard 7 every wrong option is refused by its name, never its value", func(t *testing.T) {
		refusedPart(t, "esdb://127.0.0.1:2113?tls=false&defaultDeadline=abc", "option defaultDeadline")
		refusedPart(t, "esdb://127.0.0.1:2113?tls=false&connectionName=praxis", "options")
		refusedPart(t, "esdb://127.0.0.1:2113?tls=false&keepAliveIntervall=10000", "options")
	})
}

func refusedPart(t *testing.T, url, part string) {
	t.Helper()
	_, err := eventstore.Open(eventstore.Config{URL: url})
	f := fault.From(err)
	require.Equal(t, "event_store_url_malformed", f.Code)
	require.Equal(t, part, f.Details["part"])
	require.NotContains(t, err.Error(), "abc")
	require.NotContains(t, err.Error(), "praxis")
}
