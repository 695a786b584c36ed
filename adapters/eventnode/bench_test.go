package eventnode_test

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
)

// fsyncFloor is the median time this disk needs, right now, to make 512 bytes
// durable in a growing file. No append can be faster than one of these; bbolt
// needs two per commit.
func fsyncFloor(b *testing.B, dir string) time.Duration {
	b.Helper()
	file, err := os.Create(filepath.Join(dir, "floor"))
	require.NoError(b, err)
	defer func() { require.NoError(b, file.Close()) }()
	block := make([]byte, 512)
	times := make([]time.Duration, 300)
	for i := range times {
		start := time.Now()
		_, err := file.Write(block)
		require.NoError(b, err)
		require.NoError(b, file.Sync())
		times[i] = time.Since(start)
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// benchNode runs a node and a client and measures the floor on the same disk.
func benchNode(b *testing.B) (*esdb.Client, time.Duration) {
	b.Helper()
	dir := b.TempDir()
	client := connect(b, openNode(b, func(c *eventnode.Config) { c.Dir = filepath.Join(dir, "node") }))
	return client, fsyncFloor(b, dir)
}

// typical is an event of about 400 stored bytes.
func typical() esdb.EventData {
	return esdb.EventData{
		EventID: uuid.New(), EventType: "invoice.payment_recorded", ContentType: esdb.ContentTypeJson,
		Data:     []byte(`{"note":"` + strings.Repeat("x", 280) + `"}`),
		Metadata: []byte(`{"actor":"` + strings.Repeat("y", 80) + `"}`),
	}
}

// report adds throughput and the ratio to the floor measured in this run.
func report(b *testing.B, floor time.Duration, events int) {
	b.Helper()
	perOperation := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(floor.Microseconds()), "floor-µs")
	b.ReportMetric(perOperation/float64(floor.Nanoseconds()), "x-fsync")
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			client, floor := benchNode(b)
			var taken atomic.Int64
			var group errgroup.Group
			latencies := make([][]time.Duration, writers)
			b.ResetTimer()
			for w := range writers {
				group.Go(func() error {
					stream := fmt.Sprintf("bench-%d", w)
					expected := esdb.ExpectedRevision(esdb.NoStream{})
					for taken.Add(1) <= int64(b.N) {
						started := time.Now()
						result, err := client.AppendToStream(b.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, typical())
						if err != nil {
							return err
						}
						latencies[w] = append(latencies[w], time.Since(started))
						expected = esdb.Revision(result.NextExpectedVersion)
					}
					return nil
				})
			}
			require.NoError(b, group.Wait())
			report(b, floor, 1)
			sorted := slices.Sorted(slices.Values(slices.Concat(latencies...)))
			b.ReportMetric(float64(sorted[len(sorted)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(sorted[len(sorted)*99/100].Microseconds()), "p99-µs")
		})
	}
	b.Run("batch=100", func(b *testing.B) {
		client, floor := benchNode(b)
		events := make([]esdb.EventData, 100)
		for b.Loop() {
			for i := range events {
				events[i] = typical()
			}
			_, err := client.AppendToStream(b.Context(), "bench", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, events...)
			require.NoError(b, err)
		}
		report(b, floor, len(events))
	})
}

const readEvents = 20_000

// fill writes the events of a read benchmark.
func fill(b *testing.B, client *esdb.Client) {
	b.Helper()
	for i := range readEvents / 500 {
		events := make([]esdb.EventData, 500)
		for j := range events {
			events[j] = typical()
		}
		_, err := client.AppendToStream(b.Context(), fmt.Sprintf("bench-%d", i%10), esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, events...)
		require.NoError(b, err)
	}
}

func BenchmarkReadAll(b *testing.B) {
	b.Run("client", func(b *testing.B) {
		client, floor := benchNode(b)
		fill(b, client)
		for b.Loop() {
			stream, err := client.ReadAll(b.Context(), esdb.ReadAllOptions{From: esdb.Start{}}, math.MaxUint64)
			require.NoError(b, err)
			received := 0
			for ; err == nil; received++ {
				_, err = stream.Recv()
			}
			require.ErrorIs(b, err, io.EOF)
			require.Equal(b, readEvents+1, received)
		}
		report(b, floor, readEvents)
	})
	b.Run("subscription", func(b *testing.B) {
		client, floor := benchNode(b)
		fill(b, client)
		for b.Loop() {
			subscription, err := client.SubscribeToAll(b.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}})
			require.NoError(b, err)
			received := 0
			for subscription.Recv().EventAppeared != nil {
				received++
			}
			require.NoError(b, subscription.Close())
			require.Equal(b, readEvents, received)
		}
		report(b, floor, readEvents)
	})
	// The Go client cannot filter a read, only a subscription: one event in ten
	// passes, and the rate is that of the events considered.
	b.Run("filtered", func(b *testing.B) {
		client, floor := benchNode(b)
		fill(b, client)
		options := esdb.SubscribeToAllOptions{
			From: esdb.Start{}, MaxSearchWindow: 512, CheckpointInterval: 4,
			Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"bench-3"}},
		}
		for b.Loop() {
			subscription, err := client.SubscribeToAll(b.Context(), options)
			require.NoError(b, err)
			received := 0
			for m := subscription.Recv(); m.CaughtUp == nil; m = subscription.Recv() {
				if m.EventAppeared != nil {
					received++
				}
			}
			require.NoError(b, subscription.Close())
			require.Equal(b, readEvents/10, received)
		}
		report(b, floor, readEvents)
	})
	b.Run("engine", func(b *testing.B) {
		dir := b.TempDir()
		floor := fsyncFloor(b, dir)
		node, err := eventnode.Open(eventnode.Config{Dir: filepath.Join(dir, "node")})
		require.NoError(b, err)
		fill(b, connect(b, node))
		require.NoError(b, node.Close(b.Context()))
		log, err := engine.Open(engine.Config{Dir: filepath.Join(dir, "node")})
		require.NoError(b, err)
		for b.Loop() {
			next := uint64(1)
			for more := true; more; {
				page, err := log.ReadAll(engine.Forwards, next, 4096)
				require.NoError(b, err)
				next += uint64(len(page.Events))
				more = page.More
			}
			require.Equal(b, uint64(readEvents)+1, next)
		}
		report(b, floor, readEvents)
		require.NoError(b, log.Close())
	})
}
