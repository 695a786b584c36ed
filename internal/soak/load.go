package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"praxis/adapters/eventnode/engine"
)

const (
	// eventsPerAppend and eventsPerStream shape the log: appends of a few events,
	// scattered over streams of about a hundred.
	eventsPerAppend = 10
	eventsPerStream = 100
	// inFlight is how many appends wait for the writer at once.
	inFlight = 512
)

// load fills a log in a temporary directory below parent with n events, measures
// it in a fresh process, and removes it.
func load(ctx context.Context, out io.Writer, parent string, seed uint64, n int) (err error) {
	dir, err := os.MkdirTemp(parent, "praxis-load-")
	if err != nil {
		return fmt.Errorf("make a directory for the log: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	started := time.Now()
	if err := fill(ctx, dir, seed, n); err != nil {
		return err
	}
	took := time.Since(started)
	file, err := os.Stat(filepath.Join(dir, engine.FileName))
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%d events loaded in %s (%.0f events/s), file %d MB, %d bytes per event\n",
		n, took.Round(time.Second), float64(n)/took.Seconds(), file.Size()>>20, file.Size()/int64(n))
	program, err := os.Executable()
	if err != nil {
		return err
	}
	// A process of its own shows the memory of a node, not that of the load.
	child := exec.CommandContext(ctx, program, "-measure", dir, "-seed", strconv.FormatUint(seed, 10))
	child.Stdout, child.Stderr = out, os.Stderr
	return child.Run()
}

// fill appends n events of about 400 stored bytes.
func fill(ctx context.Context, dir string, seed uint64, n int) error {
	log, err := engine.Open(engine.Config{Dir: dir})
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 0))
	streams := max(1, n/eventsPerStream)
	waiting := make([]*engine.Pending, 0, inFlight)
	settle := func() error {
		for _, p := range waiting {
			if _, err := p.Wait(ctx); err != nil {
				return err
			}
		}
		waiting = waiting[:0]
		return nil
	}
	for stored := 0; stored < n; {
		events := make([]engine.NewEvent, min(eventsPerAppend, n-stored))
		for i := range events {
			events[i] = sizedEvent(random)
		}
		pending, err := log.Start(ctx, engine.Append{Stream: loadStream(random.IntN(streams)), Expected: engine.Any, Events: events})
		if err != nil {
			return errors.Join(err, log.Close())
		}
		stored += len(events)
		if waiting = append(waiting, pending); len(waiting) == inFlight {
			if err := settle(); err != nil {
				return errors.Join(err, log.Close())
			}
		}
	}
	return errors.Join(settle(), log.Close())
}

func loadStream(n int) string { return fmt.Sprintf("invoice-%012d", n) }

// sizedEvent is an event that takes about 400 bytes with its stream, type and ids.
func sizedEvent(random *rand.Rand) engine.NewEvent {
	var event uuid.UUID
	for i := range event {
		event[i] = byte(random.Uint32())
	}
	return engine.NewEvent{
		ID: event, Type: "invoice.payment_recorded", IsJSON: true,
		Data:     []byte(`{"note":"` + strings.Repeat("x", 220) + `"}`),
		Metadata: []byte(`{"actor":"` + strings.Repeat("y", 50) + `"}`),
	}
}
