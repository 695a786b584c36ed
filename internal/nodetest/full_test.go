//go:build unix

package nodetest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
)

// room is how much the node may write before its disk is full.
const room = 2 << 20

// disk is a place for a node's data that can be full, and freed under a node.
type disk struct {
	config ProcessConfig // of a node on the full disk
	freed  ProcessConfig
	free   func(testing.TB, *Process)
}

func limitedDisk(t testing.TB) disk {
	t.Helper()
	freed := ProcessConfig{Dir: t.TempDir(), Socket: socketPath(t), Verify: true}
	limited := freed
	limited.FileLimit = room
	return disk{config: limited, freed: freed, free: func(t testing.TB, node *Process) { liftLimit(t, node, freed) }}
}

// The disk fills while eight writers write. From then on the node refuses every
// append and goes on answering reads; with space again it has what it
// acknowledged, and takes up the appends it had to leave open. It needs no restart
// for that, and survives one.
func TestFoundW7_AFullDiskStopsWritesUntilThereIsSpace(t *testing.T) {
	type given struct {
		newDisk  func(testing.TB) disk
		restarts bool
	}
	// Every process can limit its files; a file system can be mounted where the
	// kernel lets this process.
	cases := map[string]given{
		"a limit on the size of files":                {limitedDisk, false},
		"a limit on the size of files, and a restart": {limitedDisk, true},
	}
	if canMount(t) {
		cases["a file system without space"] = given{mountedDisk, false}
	}
	for name, given := range cases {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			disk := given.newDisk(t)
			node := start(t, disk.config)
			store := open(t, disk.config.Socket)
			work := StartWorkload(ctx, store, seed(t), 8)
			awaitFull(ctx, t, work, store)

			for range 20 {
				_, err := store.Append(ctx, "chart-other", es.At(es.NoStream), Propose(1))
				require.ErrorIs(t, err, es.ErrStoreRefusesWrites, "an append is refused, not left open")
				require.ErrorContains(t, errors.Unwrap(err), "refuses writes because its disk has no space")
				for _, stream := range work.Ledger.Streams() {
					require.NoError(t, ReadStream(ctx, store, work.Ledger, stream, 0))
				}
			}
			acknowledged := work.Ledger.Events()
			readAll(ctx, t, store, work.Ledger)
			require.Equal(t, acknowledged, work.Ledger.Events(), "nothing is shown that was not acknowledged")

			disk.free(t, node)
			if given.restarts {
				require.NoError(t, node.Kill())
				require.NoError(t, node.StartAgain(disk.freed))
			}
			require.NoError(t, work.AwaitAppends(ctx, 500))
			require.NoError(t, work.Finish(ctx))
			for _, err := range store.ReadStream(ctx, "chart-other", 0) {
				require.NoError(t, err)
				t.Error("an append that was refused is stored")
			}
		})
	}
}

// awaitFull waits until the node refuses an append of a stream of its own.
func awaitFull(ctx context.Context, t *testing.T, work *Workload, store *eventstore.Store) {
	t.Helper()
	last := es.NoStream
	for {
		events := Propose(1)
		done, err := store.Append(ctx, "chart-probe", es.At(last), events)
		if err != nil {
			require.NoError(t, ctx.Err())
			return
		}
		require.NoError(t, work.Ledger.Acknowledge("chart-probe", events, done))
		last = done.Revision
	}
}

func readAll(ctx context.Context, t *testing.T, store *eventstore.Store, ledger *Ledger) {
	t.Helper()
	for e, err := range store.ReadAll(ctx, Categories, es.Position{}) {
		require.NoError(t, err)
		require.NoError(t, ledger.Witness(e))
	}
}

// ballast fills a file system up to the room that is left to the node.
func ballast(t testing.TB, dir string, size int) string {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	require.NoError(t, os.WriteFile(path, make([]byte, size), 0o600))
	return path
}
