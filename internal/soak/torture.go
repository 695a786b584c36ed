package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"time"

	"praxis/adapters/eventstore"
	"praxis/internal/nodetest"
)

const (
	writers = 8
	// report is how often a line of statistics is printed.
	report = 10 * time.Second
	// recovery is how long everything may take to end well after the last fault.
	recovery = 2 * time.Minute
)

// torture runs a workload on a node that is killed, behind a network that fails,
// until the time is over; then everything must turn out to be true.
func torture(ctx context.Context, out io.Writer, parent string, seed uint64, duration time.Duration) (err error) {
	_, _ = fmt.Fprintf(out, "seed %d, for %s\n", seed, duration)
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w (seed %d)", err, seed)
		}
	}()
	dir, err := os.MkdirTemp(parent, "praxis-soak-")
	if err != nil {
		return fmt.Errorf("make a directory for the log: %w", err)
	}
	defer func() {
		if err == nil {
			err = os.RemoveAll(dir)
		} else {
			_, _ = fmt.Fprintf(out, "the log is kept in %s\n", dir)
		}
	}()
	address, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	node, err := nodetest.Start(nodetest.ProcessConfig{Dir: filepath.Join(dir, "node"), Socket: filepath.Join(dir, "s"), Listen: address, Verify: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, node.Kill()) }()
	proxy, err := nodetest.StartProxy(address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, proxy.Close()) }()
	store, err := eventstore.Open(eventstore.Config{URL: "esdb://" + proxy.Address() + "?tls=false&defaultDeadline=3000"})
	if err != nil {
		return err
	}
	defer store.Close()

	work := nodetest.StartWorkload(ctx, store, seed, writers)
	trouble := &trouble{node: node, proxy: proxy, random: rand.New(rand.NewPCG(seed, 1)), count: make(map[string]int)}
	failed := trouble.make(ctx, out, work, duration)
	proxy.Flow()
	proxy.Back()
	proxy.Delay(0)
	ending, cancel := context.WithTimeout(ctx, recovery)
	defer cancel()
	if failed != nil {
		cancel() // there may be no node any more
	}
	if err := errors.Join(failed, work.Finish(ending)); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "all of it is true: %s\n", trouble.line(work))
	return nil
}

// freeAddress is a TCP address that the node keeps through its restarts.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
