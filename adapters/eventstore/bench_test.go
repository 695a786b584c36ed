package eventstore_test

import (
	"context"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
)

// The floor of every benchmark is the client without the adapter, on the same
// node in the same run.

const benchEvents, benchSize = 20_000, 300

func BenchmarkAppend(b *testing.B) {
	node := startNode(b, b.TempDir())
	s, bare := openSocket(b, node), bareClient(b, node.Address())
	b.Run("adapter", func(b *testing.B) {
		stream := newStream()
		for n := 0; b.Loop(); n++ {
			_, err := s.Append(b.Context(), stream, es.At(es.Revision(n-1)), proposals(1, benchSize))
			require.NoError(b, err)
		}
	})
	b.Run("client", func(b *testing.B) {
		stream := string(newStream())
		for b.Loop() {
			_, err := bare.AppendToStream(b.Context(), stream, esdb.AppendToStreamOptions{}, esdb.EventData{
				EventID: uuid.New(), EventType: "chart.opened", Data: make([]byte, benchSize), Metadata: []byte(`{}`),
			})
			require.NoError(b, err)
		}
	})
}

func BenchmarkReadAll(b *testing.B) {
	node := startNode(b, b.TempDir())
	s, bare := openSocket(b, node), bareClient(b, node.Address())
	fill(b, s)
	b.Run("adapter", func(b *testing.B) {
		for b.Loop() {
			n := 0
			for _, err := range s.ReadAll(b.Context(), []es.Category{"chart"}, es.Position{}) {
				require.NoError(b, err)
				n++
			}
			require.Equal(b, benchEvents, n)
		}
		b.ReportMetric(float64(b.N)*benchEvents/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("client", func(b *testing.B) {
		for b.Loop() {
			read, err := bare.ReadAll(b.Context(), esdb.ReadAllOptions{}, math.MaxInt64)
			require.NoError(b, err)
			n := 0
			for {
				_, err := read.Recv()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(b, err)
				n++
			}
			require.Equal(b, benchEvents, n)
		}
		b.ReportMetric(float64(b.N)*benchEvents/b.Elapsed().Seconds(), "events/s")
	})
}

func BenchmarkSubscribe(b *testing.B) {
	node := startNode(b, b.TempDir())
	s := openSocket(b, node)
	fill(b, s)
	for b.Loop() {
		n := 0
		for signal, err := range s.Subscribe(b.Context(), []es.Category{"chart"}, es.Position{}) {
			require.NoError(b, err)
			if signal.Event != nil {
				n++
			}
			if signal.CaughtUp {
				break
			}
		}
		require.Equal(b, benchEvents, n)
	}
	b.ReportMetric(float64(b.N)*benchEvents/b.Elapsed().Seconds(), "events/s")
}

func bareClient(b *testing.B, address string) *esdb.Client {
	b.Helper()
	client, err := esdb.NewClient(&esdb.Configuration{Address: address, DisableTLS: true, MaxDiscoverAttempts: 1, GossipTimeout: 5, KeepAliveInterval: -1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, client.Close()) })
	return client
}

func fill(b *testing.B, s *eventstore.Store) {
	b.Helper()
	stream := newStream()
	for at := 0; at < benchEvents; at += 100 {
		_, err := s.Append(context.Background(), stream, es.At(es.Revision(at-1)), proposals(100, benchSize))
		require.NoError(b, err)
	}
}
