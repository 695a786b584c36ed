package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/eventnode/engine"
	"praxis/cmd/praxis/bench"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
)

const benchHelp = `Measure Praxis on this machine, in a data directory of its own that is removed
again: the disk's floor, the event node, the store's client, commands through
Execute and through HTTP, reads of the whole log, and how long a change takes to
reach a read model. Ratios are to the floor of the same run.`

func newBench(s *settings) *cobra.Command {
	var n int
	c := &cobra.Command{
		Use: "bench", Short: "Measure Praxis on this machine", Long: benchHelp, Args: exactArgs(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			cfg, err := s.load()
			if err != nil {
				return err
			}
			dir, err := os.MkdirTemp("", "praxis-bench-")
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			cfg.DataDir, cfg.Listen = dir, "127.0.0.1:0"
			i, err := open(c.Context(), cfg, newLogger(cfg, io.Discard), true, c.ErrOrStderr())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, within(cfg.ShutdownTimeout, i.close)) }()
			rows, err := (&benchmark{installation: i, n: n, progress: c.ErrOrStderr()}).run(c.Context())
			if err != nil {
				return err
			}
			if s.json {
				return printJSON(c.OutOrStdout(), rows)
			}
			printBench(c.OutOrStdout(), rows)
			return nil
		},
	}
	c.Flags().IntVar(&n, "n", 2000, "operations per measurement")
	return c
}

func printBench(w io.Writer, rows []bench.Row) {
	fmt.Fprintf(w, "praxis %s, %s, %d cores, %s\n", version, runtime.Version(), runtime.NumCPU(), cpuName())
	t := newTable(w, "what", "p50", "p99", "per second", "ratio", "to", "target", "met")
	for _, r := range rows {
		row := table.Row{r.What, "", "", fmt.Sprintf("%.0f", r.PerSecond), "", r.Floor, r.Target, r.Met}
		if r.P50 > 0 {
			row[1], row[2] = r.P50.Round(time.Microsecond), r.P99.Round(time.Microsecond)
		}
		if r.Ratio > 0 {
			row[4] = fmt.Sprintf("%.2f", r.Ratio)
		}
		t.AppendRow(row)
	}
	t.Render()
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
	n        int
	progress io.Writer
	rows     []bench.Row
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
	if err != nil {
		return nil, err
	}
	if err := b.node(ctx, floor); err != nil {
		return nil, err
	}
	client, err := b.client(ctx, floor)
	if err != nil {
		return nil, err
	}
	if err := b.commands(ctx, client); err != nil {
		return nil, err
	}
	return b.rows, nil
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
			stream := es.Stream(fmt.Sprintf("bench-%d+%d", writers, w))
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
		_, err := b.store.Append(ctx, "bench-batch", es.At(es.Revision(i*batch-1)), events)
		return err
	})
	row.PerSecond *= batch
	if _, err := b.add(row, err); err != nil {
		return single, err
	}
	return single, b.readAll(ctx)
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
