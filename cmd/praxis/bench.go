package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/adapters/eventnode/engine"
	"praxis/adapters/eventstore"
	"praxis/cmd/praxis/bench"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

const benchHelp = `Measure Praxis on this machine: the disk's floor, the event node, the store's client,
commands through Execute and through HTTP, reads of the whole log, and how long a
change takes to reach a read model. Ratios are to the floor of the same run.

It measures an embedded event node and a private PostgreSQL in a data directory of its
own that is removed again, whatever EVENTSTOREDB_URL and DATABASE_URL say. With
--configured it measures appends to the event store that EVENTSTOREDB_URL names
instead: in streams of its own, praxisBench-…, which stay there; no practice, no
read model and no database is touched.

With --rebuild it writes a log of invented practices, whose events the domain decided,
and measures for each read model how many of the events that it consumes a rebuild
takes per second, beside reading them, reading and decoding them, and copying its rows;
the processor time and memory that it takes; for how long readers are held when the new
rows take their place; and the first fill of an empty database.

With --scale it writes a log of that many events (from 1,000,000 on: one practice of 500
members and a chart for every ten events, beside 200 small ones), starts a server on it,
asks it for every list of the API as owner, clinician, manager and patient of the large
practice, and lets 16 clients work in 50 small ones. The statements of the slowest and
their plans are kept in --plans. --data keeps what was written for another run.`

func newBench(s *settings) *cobra.Command {
	var n, rebuild, events int
	var configured bool
	var plans, data, profiles string
	c := &cobra.Command{
		Use: "bench", Short: "Measure Praxis on this machine", Long: benchHelp, Args: exactArgs(0),
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, _ []string) (err error) {
			dir := data
			if dir == "" {
				if dir, err = os.MkdirTemp("", "praxis-bench-"); err != nil {
					return err
				}
				defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			}
			cfg.DataDir, cfg.Listen = dir, "127.0.0.1:0"
			if configured {
				return s.benchConfigured(c, cfg, n)
			}
			if events > 0 {
				return s.benchScale(c, cfg, events, plans)
			}
			cfg.EventStoreURL, cfg.DatabaseURL = config.Secret{}, config.Secret{}
			return opened(c, cfg, opening{isServer: true}, func(i *installation) error {
				b := &benchmark{installation: i, n: n, streams: "bench", profiles: profiles}
				const store = "an embedded event node and a private PostgreSQL of this run"
				if rebuild > 0 {
					all, err := b.rebuilds(c.Context(), rebuild)
					if err != nil {
						return err
					}
					return answer(s, c, all, func(w io.Writer, all []bench.Rebuild) {
						printMachine(w, store)
						printRebuilds(w, all)
					})
				}
				rows, err := b.run(c.Context())
				if err != nil {
					return err
				}
				return s.showBench(c, store, rows)
			})
		}),
	}
	c.Flags().IntVar(&n, "n", 2000, "operations per measurement")
	c.Flags().IntVar(&rebuild, "rebuild", 0, "measure instead how fast each read model is rebuilt from a log of this many events")
	c.Flags().StringVar(&profiles, "profile", "", "write a profile of each rebuild, for go tool pprof, into this directory")
	c.Flags().IntVar(&events, "scale", 0, "measure instead a server on a log of this many events")
	c.Flags().StringVar(&plans, "plans", "bench-scale/plans.txt", "where --scale keeps the plans of the slowest lists")
	c.Flags().StringVar(&data, "data", "", "a directory in which --scale keeps what it wrote, and finds it again")
	c.Flags().BoolVar(&configured, "configured", false, "measure the event store that EVENTSTOREDB_URL names, in streams of its own")
	return c
}

// benchConfigured measures the configured event store through the client.
func (s *settings) benchConfigured(c *cobra.Command, cfg config.Config, n int) error {
	if !cfg.EventStoreURL.IsSet() {
		return fault.New(fault.Invalid, "no_event_store_configured", "EVENTSTOREDB_URL names no event store to measure. Set it, or leave --configured out to measure an embedded node.")
	}
	store, err := eventstore.Open(eventstore.Config{URL: cfg.EventStoreURL.Reveal(), Logger: newLogger(cfg, io.Discard)})
	if err != nil {
		return err
	}
	defer store.Close()
	b := &benchmark{installation: &installation{config: cfg, store: store, progress: c.ErrOrStderr()}, n: n, streams: "praxisBench-" + id.New[id.Command]().String()}
	floor, err := b.add(bench.DiskFloor(cfg.DataDir, 512, n))
	if err == nil {
		_, err = b.client(c.Context(), floor)
	}
	if err != nil {
		return err
	}
	return s.showBench(c, "the event store that EVENTSTOREDB_URL names, streams "+b.streams+"…", b.rows)
}

// benchScale measures a large installation.
func (s *settings) benchScale(c *cobra.Command, cfg config.Config, events int, plans string) error {
	cfg.EventStoreURL, cfg.DatabaseURL, cfg.PublicURL = config.Secret{}, config.Secret{}, ""
	var lc net.ListenConfig
	free, err := lc.Listen(c.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("find a free address: %w", err)
	}
	cfg.Listen = free.Addr().String()
	if err := free.Close(); err != nil {
		return fmt.Errorf("find a free address: %w", err)
	}
	large, err := newScale(c, cfg, events, plans)
	if err != nil {
		return err
	}
	rows, err := large.run(c.Context())
	if err != nil {
		return err
	}
	return s.showBench(c, fmt.Sprintf("an embedded event node and a private PostgreSQL, %d events", large.state.Written), rows)
}

// showBench prints what was measured, and on which store.
func (s *settings) showBench(c *cobra.Command, store string, rows []bench.Row) error {
	return answer(s, c, rows, func(w io.Writer, rows []bench.Row) {
		printMachine(w, store)
		printTable(w, table.Row{"what", "p50", "p95", "p99", "per second", "ratio", "to", "target", "met"}, rows, benchRow)
	})
}

func printMachine(w io.Writer, store string) {
	fmt.Fprintf(w, "store: %s\npraxis %s, %s, %d cores, %s\n", store, version, runtime.Version(), runtime.NumCPU(), cpuName())
}

func benchRow(r bench.Row) table.Row {
	row := table.Row{r.What, "", "", "", fmt.Sprintf("%.0f", r.PerSecond), "", r.Floor, r.Target, r.Met}
	if r.P50 > 0 {
		row[1], row[2], row[3] = r.P50.Round(time.Microsecond), r.P95.Round(time.Microsecond), r.P99.Round(time.Microsecond)
	}
	if r.Ratio > 0 {
		row[5] = fmt.Sprintf("%.2f", r.Ratio)
	}
	return row
}

// cpuName says what the processor calls itself, where that is easy to learn.
func cpuName() string {
	raw, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(raw)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return runtime.GOARCH
}

// benchmark is one run of all measurements.
type benchmark struct {
	*installation
	n int
	// streams begin the names of the streams that are appended to.
	streams string
	rows    []bench.Row
	// swaps and backend, a process of Postgres, are for rebuilds.
	swaps   swaps
	backend int
	// profiles is where profiles are written; empty for none.
	profiles string
}

// add keeps a row and tells that it is there.
func (b *benchmark) add(r bench.Row, err error) (bench.Row, error) {
	if err != nil {
		return r, err
	}
	b.rows = append(b.rows, r)
	fmt.Fprintf(b.progress, "%s: p50 %s, %.0f/s\n", r.What, r.P50.Round(time.Microsecond), r.PerSecond)
	return r, nil
}

func (b *benchmark) run(ctx context.Context) ([]bench.Row, error) {
	floor, err := b.add(bench.DiskFloor(b.config.DataDir, 512, b.n))
	if err == nil {
		err = b.node(ctx, floor)
	}
	var client bench.Row
	if err == nil {
		client, err = b.client(ctx, floor)
	}
	if err == nil {
		err = b.readAll(ctx)
	}
	if err == nil {
		err = b.commands(ctx, client)
	}
	return b.rows, err
}

// payload is an event of a usual size: 300 bytes of data, 100 of metadata.
func payload(i int) es.Proposed {
	return es.Proposed{
		ID: id.New[id.Event](), Type: "bench.happened",
		Data:     fmt.Appendf(nil, `{"n":%d,"text":%q}`, i, strings.Repeat("x", 270)),
		Metadata: fmt.Appendf(nil, `{"schemaVersion":"1","actor":%q}`, strings.Repeat("y", 60)),
	}
}

// node measures the embedded node's storage without the protocol.
func (b *benchmark) node(ctx context.Context, floor bench.Row) error {
	e, err := engine.Open(engine.Config{Dir: filepath.Join(b.config.DataDir, "engine")})
	if err != nil {
		return err
	}
	row, err := bench.Times("node: append, 1 writer", 1, b.n, func(_, i int) error {
		p := payload(i)
		_, err := e.Append(ctx, engine.Append{
			Stream: "bench-1", Expected: engine.Expected(i - 1),
			Events: []engine.NewEvent{{ID: p.ID.UUID(), Type: p.Type, IsJSON: true, Data: p.Data, Metadata: p.Metadata}},
		})
		return err
	})
	_, err = b.add(row.Over(floor), err)
	return errors.Join(err, e.Close())
}

// client measures the store as the application uses it. It returns the append of
// a single writer, which commands are held against.
func (b *benchmark) client(ctx context.Context, floor bench.Row) (single bench.Row, err error) {
	for _, writers := range []int{1, 8, 64} {
		row, err := bench.Times(fmt.Sprintf("client: append, %d writers", writers), writers, b.n*min(writers, 8), func(w, i int) error {
			stream := es.Stream(fmt.Sprintf("%s-%d+%d", b.streams, writers, w))
			_, err := b.store.Append(ctx, stream, es.At(es.Revision(i/writers-1)), []es.Proposed{payload(i)})
			return err
		})
		if row, err = b.add(row.Over(floor), err); err != nil {
			return single, err
		}
		if writers == 1 {
			single = row
		}
	}
	const batch = 100
	row, err := bench.Times("client: append 100 at once, events", 1, b.n/20, func(_, i int) error {
		events := make([]es.Proposed, batch)
		for k := range events {
			events[k] = payload(k)
		}
		_, err := b.store.Append(ctx, es.Stream(b.streams+"-batch"), es.At(es.Revision(i*batch-1)), events)
		return err
	})
	row.PerSecond *= batch
	if _, err := b.add(row, err); err != nil {
		return single, err
	}
	return single, nil
}

// readAll measures reading the whole log through the client.
func (b *benchmark) readAll(ctx context.Context) error {
	start, events := time.Now(), 0
	for _, err := range b.store.ReadAll(ctx, append(catalog.Categories(), "bench"), es.Position{}) {
		if err != nil {
			return err
		}
		events++
	}
	_, err := b.add(bench.Row{What: "client: read $all, events", PerSecond: float64(events) / time.Since(start).Seconds()}, nil)
	return err
}
