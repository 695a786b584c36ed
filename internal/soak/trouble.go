package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"praxis/internal/nodetest"
)

// trouble is what happens to the node and its network.
type trouble struct {
	node   *nodetest.Process
	proxy  *nodetest.Proxy
	random *rand.Rand
	count  map[string]int
}

// kinds are the kinds of trouble, each with the weight it is drawn with.
var kinds = []string{"kill", "kill", "kill", "cut", "cut", "away", "stall", "slow"}

// make makes trouble at random until the time is over, ctx ends, or a lie is
// found, and prints a line of statistics now and then.
func (t *trouble) make(ctx context.Context, out io.Writer, work *nodetest.Workload, duration time.Duration) error {
	over := time.NewTimer(duration)
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
			_, _ = fmt.Fprintln(out, t.line(work))
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
func (t *trouble) line(work *nodetest.Workload) string {
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
