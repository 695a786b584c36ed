package nodetest_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
)

var soak = flag.Duration("soak", 3*time.Second, "how long to stress the node that is killed behind a network that fails")

const (
	// report is how often a line of statistics is printed.
	report = 10 * time.Second
	// recovery is how long everything may take to end well after the last fault.
	recovery = 2 * time.Minute
)

// A workload runs on a node that is killed, behind a network that fails, both at
// random, until the time is over; then everything must turn out to be true. Some
// faults are rare: make soak goes on for as long as wanted.
func TestTheNodeTellsTheTruthThroughATimeOfTrouble(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	chosen := seed(t)
	dir, err := os.MkdirTemp("", "praxis-soak-") //nolint:usetesting // it is kept if the test fails, and short enough for a socket
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log is kept in %s", dir)
			return
		}
		require.NoError(t, os.RemoveAll(dir))
	})
	address := freeAddress(t)
	node := start(t, ProcessConfig{Dir: filepath.Join(dir, "node"), Socket: filepath.Join(dir, "s"), Listen: address, Verify: true})
	proxy, err := StartProxy(address)
	require.NoError(t, err)
	defer func() { require.NoError(t, proxy.Close()) }()
	store, err := eventstore.Open(eventstore.Config{URL: "esdb://" + proxy.Address() + "?tls=false&defaultDeadline=3000"})
	require.NoError(t, err)
	defer store.Close()

	work := StartWorkload(ctx, store, chosen, 8)
	trouble := &trouble{node: node, proxy: proxy, random: rand.New(rand.NewPCG(chosen, 1)), count: make(map[string]int)}
	failed := trouble.make(ctx, t, work)
	proxy.Flow()
	proxy.Back()
	proxy.Delay(0)
	ending, cancel := context.WithTimeout(ctx, recovery)
	defer cancel()
	if failed != nil {
		cancel() // there may be no node any more
	}
	finished := work.Finish(ending)
	require.NoError(t, failed)
	require.NoError(t, finished)
	t.Logf("all of it is true: %s", trouble.line(work))
}

// trouble is what happens to the node and its network.
type trouble struct {
	node   *Process
	proxy  *Proxy
	random *rand.Rand
	count  map[string]int
}

// kinds are the kinds of trouble, each with the weight it is drawn with.
var kinds = []string{"kill", "kill", "kill", "cut", "cut", "away", "stall", "slow"}

// make makes trouble at random until the time is over, ctx ends, or a lie is
// found, and prints a line of statistics now and then.
func (t *trouble) make(ctx context.Context, test *testing.T, work *Workload) error {
	test.Helper()
	over := time.NewTimer(*soak)
	defer over.Stop()
	lines := time.NewTicker(report)
	defer lines.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	undo := func() {}
	for {
		select {
		case <-over.C:
			undo()
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-work.Failing():
			return nil // Finish tells which
		case <-lines.C:
			test.Log(t.line(work))
			continue
		case <-next.C:
		}
		undo()
		var err error
		if undo, err = t.strike(kinds[t.random.IntN(len(kinds))]); err != nil {
			return err
		}
		next.Reset(t.between(100*time.Millisecond, 4*time.Second))
	}
}

// strike makes one kind of trouble; undo ends it.
func (t *trouble) strike(kind string) (undo func(), err error) {
	t.count[kind]++
	switch kind {
	case "kill":
		return func() {}, t.node.Restart()
	case "cut":
		t.proxy.Cut()
	case "away":
		t.proxy.Away()
		return t.proxy.Back, nil
	case "stall":
		t.proxy.Stall()
		return t.proxy.Flow, nil
	case "slow":
		t.proxy.Delay(t.between(time.Millisecond, 50*time.Millisecond))
		return func() { t.proxy.Delay(0) }, nil
	}
	return func() {}, nil
}

func (t *trouble) between(least, most time.Duration) time.Duration {
	return least + time.Duration(t.random.Int64N(int64(most-least)))
}

// line is what has happened so far.
func (t *trouble) line(work *Workload) string {
	appends, _ := work.Ledger.Appends()
	var b strings.Builder
	fmt.Fprintf(&b, "%d appends of %d events; followed", appends, work.Ledger.Events())
	resumed := 0
	for _, follower := range work.Followers {
		seen, restarts := follower.Seen()
		fmt.Fprintf(&b, " %d", seen)
		resumed += restarts
	}
	fmt.Fprintf(&b, ", resumed %d times; trouble:", resumed)
	for _, kind := range slices.Sorted(maps.Keys(t.count)) {
		fmt.Fprintf(&b, " %s %d", kind, t.count[kind])
	}
	return b.String()
}
