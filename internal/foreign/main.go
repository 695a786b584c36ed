// Command foreign measures a start of praxis after another application wrote a
// stretch of events into the same log: on the embedded node, and on the likenesses
// of an EventStoreDB, which pass over as many events a second as a server on two
// cores does. Times are ratios to the floor of the same run: one bare filtered
// subscription over that stretch.
//
//	make bench/foreign
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/likeserver"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "foreign:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("foreign", flag.ExitOnError)
	events := flags.Int("events", 1_000_000, "how many events the other application writes")
	pace := flags.Int("pace", 50_000, "events a second that a likeness passes over")
	only := flags.String("only", "", `one store only: "node", or the version of a likeness`)
	binary := flags.String("praxis", "bin/praxis", "the program to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "praxis-foreign-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program, err := filepath.Abs(*binary)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d events of another application after the last own one; likenesses pass over %d a second\n", *events, *pace)
	for _, kind := range []likeserver.Flavour{"", likeserver.V23, likeserver.V24} {
		if *only != "" && *only != cmp.Or(string(kind), "node") {
			continue
		}
		m := &measurement{program: program, dir: filepath.Join(dir, "data"+string(kind)), events: *events, out: out}
		if err := m.run(ctx, kind, *pace); err != nil {
			return err
		}
	}
	return nil
}

// measurement is one store, measured.
type measurement struct {
	program, dir string
	events       int
	out          io.Writer

	url  string
	like *likeserver.Server
}

func (m *measurement) run(ctx context.Context, kind likeserver.Flavour, pace int) (err error) {
	name := "embedded node"
	log := filepath.Join(m.dir, "log")
	if err := os.MkdirAll(log, 0o700); err != nil {
		return err
	}
	if kind == "" {
		node, err := eventnode.Open(eventnode.Config{Dir: log, Listen: "127.0.0.1:0"})
		if err != nil {
			return err
		}
		defer func() { _ = node.Close(context.WithoutCancel(ctx)) }()
		m.url = node.ConnectionString()
	} else {
		name = "in the likeness of " + string(kind)
		if m.like, err = likeserver.Open(likeserver.Config{Dir: log, Flavour: kind, Pace: pace}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, m.like.Close()) }()
		m.url = m.like.URL()
	}
	store, err := eventstore.Open(eventstore.Config{URL: m.url})
	if err != nil {
		return err
	}
	defer store.Close()

	// The first start makes the database and a practice, the second is what a start
	// costs without anything to pass over.
	first, err := m.start(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(first.found(ctx), first.stop()); err != nil {
		return err
	}
	plain, err := m.start(ctx)
	if err != nil {
		return err
	}
	if err := plain.stop(); err != nil {
		return err
	}
	own, err := store.Tail(ctx)
	if err != nil {
		return err
	}
	if err := write(ctx, store, m.events); err != nil {
		return err
	}
	floor, err := pass(ctx, store, own)
	if err != nil {
		return err
	}
	if m.like != nil {
		m.like.ResetTraffic()
	}
	s, err := m.start(ctx)
	if err != nil {
		return err
	}
	passing := max(0, s.tookReady-plain.tookReady)
	listed, err := s.listed(ctx)
	if err == nil {
		err = s.stop()
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(m.out, "%s\n", name)
	row := func(what string, took time.Duration, note string) {
		fmt.Fprintf(m.out, "  %-46s %10s   %s\n", what, took.Round(time.Millisecond), note)
	}
	row("floor: one bare filtered pass", floor, "")
	row("start to ready, nothing to pass over", plain.tookReady, "")
	row("start to ready", s.tookReady, fmt.Sprintf("without the plain start %.2f of the floor", passing.Seconds()/floor.Seconds()))
	row("a new chart is listed after its acknowledgement", listed, met(listed))
	row("/readyz, slowest", s.slowestReady, met(s.slowestReady))
	row("projections status, slowest", s.slowestStatus, met(s.slowestStatus))
	if m.like != nil {
		t := m.like.Traffic()
		fmt.Fprintf(m.out, "  the server opened %d subscriptions, looked at %d events (%.2f of what there is) and sent %d\n",
			t.Subscriptions, t.Considered, float64(t.Considered)/float64(m.events), t.Delivered+t.Read)
	}
	return nil
}

func met(took time.Duration) string {
	if took < time.Second {
		return "below a second"
	}
	return "NOT below a second"
}

// write records n small events of another application.
func write(ctx context.Context, store *eventstore.Store, n int) error {
	stream := es.StreamOf("other", id.New[id.Group]())
	for n > 0 {
		events := make([]es.Proposed, min(n, es.MaxAppendSize))
		n -= len(events)
		for i := range events {
			events[i] = es.Proposed{ID: id.New[id.Event](), Type: "other.happened", Data: []byte(`{"n":1}`), Metadata: []byte(`{}`)}
		}
		if _, err := store.Append(ctx, stream, es.AnyRevision, events); err != nil {
			return err
		}
	}
	return nil
}

// pass is one filtered subscription after a position until it has caught up.
func pass(ctx context.Context, store *eventstore.Store, after es.Position) (time.Duration, error) {
	begin := time.Now()
	for signal, err := range store.Subscribe(ctx, catalog.Categories(), after) {
		if err != nil {
			return 0, err
		}
		if signal.CaughtUp {
			break
		}
	}
	return time.Since(begin), nil
}
