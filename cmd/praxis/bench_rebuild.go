package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jedib0t/go-pretty/v6/table"
	"golang.org/x/sync/errgroup"

	"praxis/cmd/praxis/bench"
	"praxis/cmd/praxis/bench/lives"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
)

// rebuilds measures rebuilding each read model out of a log of at least events events.
func (b *benchmark) rebuilds(ctx context.Context, events int) ([]bench.Rebuild, error) {
	written, err := b.practices(ctx, events)
	if err != nil {
		return nil, err
	}
	b.runner.Projectors = append(b.runner.Projectors, inserts{})
	b.runner.Observer = &b.swaps
	collectLess()
	conn, err := b.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for a backend of Postgres: %w", err)
	}
	defer conn.Release()
	b.backend = int(conn.Conn().PgConn().PID())
	all := make([]bench.Rebuild, 0, len(b.runner.Projectors))
	for _, p := range b.runner.Projectors {
		r, err := b.rebuild(ctx, p, written)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	first, err := b.firstFill(ctx, written)
	return append(all, first), err
}

// firstFill measures what becomes of a database that holds nothing.
func (b *benchmark) firstFill(ctx context.Context, written int) (bench.Rebuild, error) {
	r := bench.Rebuild{Model: "first fill of all", Events: written, Target: "15,000/s"}
	b.runner.Projectors = b.runner.Projectors[:len(b.runner.Projectors)-1]
	for _, p := range b.runner.Projectors {
		if err := b.runner.Empty(ctx, projections.Build(p)); err != nil {
			return r, err
		}
	}
	err := b.rebuilt(&r, written, func() error { return b.runner.FirstFill(ctx) })
	r.Met = met(r.Log >= 15_000)
	return r, err
}

// practices writes the lives of as many practices as it takes.
func (b *benchmark) practices(ctx context.Context, events int) (written int, err error) {
	start := time.Now()
	for n := 0; written < events; n++ {
		streams, err := lives.Of(n)
		if err != nil {
			return written, fmt.Errorf("the life of a practice: %w", err)
		}
		var writing errgroup.Group
		writing.SetLimit(16)
		for _, s := range streams {
			written += len(s.Events)
			writing.Go(func() error { return b.write(ctx, s) })
		}
		if err := writing.Wait(); err != nil {
			return written, err
		}
	}
	fmt.Fprintf(b.progress, "the log has %d events, written in %s\n", written, time.Since(start).Round(time.Second))
	return written, nil
}

// write appends a stream, some events at a time, so that those of others come between.
func (b *benchmark) write(ctx context.Context, s lives.Stream) error {
	const at = 10
	var proposed []es.Proposed
	for n, e := range s.Events {
		meta := es.Metadata{Actor: "member:" + id.Derive[id.Member]("bench").String(), Command: id.Derive[id.Command](string(s.Name), fmt.Sprint(n))}
		name, data, metadata, err := b.registry.Encode(e, es.Subject{}, meta)
		if err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		proposed = append(proposed, es.Proposed{ID: id.New[id.Event](), Type: name, Data: data, Metadata: metadata})
		if len(proposed) < at && n < len(s.Events)-1 {
			continue
		}
		if _, err := b.store.Append(ctx, s.Name, es.At(es.Revision(n-len(proposed))), proposed); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		proposed = nil
	}
	return nil
}

// rebuild measures one read model against what reading, decoding and copying alone
// take of the same events and rows.
func (b *benchmark) rebuild(ctx context.Context, p projections.Projector, written int) (r bench.Rebuild, err error) {
	r.Model = p.Name()
	read := func(each func(es.Recorded) error) (rate float64, err error) {
		r.Events = 0
		start := time.Now()
		for rec, err := range b.store.ReadAll(ctx, p.Categories(), es.Position{}) {
			if err := errors.Join(err, each(rec)); err != nil {
				return 0, err
			}
			r.Events++
		}
		return float64(r.Events) / time.Since(start).Seconds(), nil
	}
	for range 2 { // The first time, the log comes from the disk.
		if r.Read, err = read(func(es.Recorded) error { return nil }); err != nil {
			return r, err
		}
	}
	if r.Decode, err = read(func(rec es.Recorded) error {
		_, err := b.registry.Decode(rec)
		return err
	}); err != nil {
		return r, err
	}
	if err := b.rebuilt(&r, written, func() error { return b.runner.Rebuild(ctx, []string{p.Name()}, nil) }); err != nil {
		return r, err
	}
	if r.Copy, err = b.copies(ctx, p, r.Events); err != nil {
		return r, err
	}
	r.Target, r.Met = "25,000/s", met(r.Rebuild >= 25_000)
	fmt.Fprintf(b.progress, "%s: %.0f/s\n", r.Model, r.Rebuild)
	return r, nil
}

// rebuilt measures one rebuild.
func (b *benchmark) rebuilt(r *bench.Rebuild, written int, rebuild func() error) error {
	debug.FreeOSMemory()
	peak := bench.PeakAnonymous()
	own, database, start := bench.Processor(), bench.FamilyProcessor(b.backend), time.Now()
	err := b.profiled(r.Model, rebuild)
	took := time.Since(start)
	own, database = bench.Processor()-own, bench.FamilyProcessor(b.backend)-database
	r.Memory, r.Swap = peak(), b.swaps.longest()
	r.Rebuild, r.Log = float64(r.Events)/took.Seconds(), float64(written)/took.Seconds()
	r.Praxis, r.Postgres = own/time.Duration(r.Events), database/time.Duration(r.Events)
	return err
}

// profiled writes a profile of what f does with the processor, where one is wanted.
func (b *benchmark) profiled(name string, f func() error) (err error) {
	if b.profiles == "" {
		return f()
	}
	file, err := os.Create(filepath.Join(b.profiles, name+".pprof"))
	if err != nil {
		return fmt.Errorf("write a profile: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return fmt.Errorf("write a profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return f()
}

// swaps is an observer that keeps how long swaps held readers.
type swaps struct {
	projectionMetrics
	held atomic.Int64
}

// Swapped implements projections.Observer.
func (s *swaps) Swapped(_ string, held time.Duration) {
	s.held.Store(max(s.held.Load(), int64(held)))
}

// longest returns the longest, and forgets it.
func (s *swaps) longest() time.Duration { return time.Duration(s.held.Swap(0)) }

func met(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// copies measures copying the rows of a read model into tables like its own, indexes
// and all: the events whose rows they are per second.
func (b *benchmark) copies(ctx context.Context, p projections.Projector, consumed int) (rate float64, err error) {
	var took time.Duration
	err = pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		for _, table := range p.Tables() {
			took1, err := copyTable(ctx, tx, pgx.Identifier{projections.Build(p), table}.Sanitize())
			if err != nil {
				return err
			}
			took += took1
		}
		return errMeasured
	})
	if !errors.Is(err, errMeasured) {
		return 0, fmt.Errorf("copy rows: %w", err)
	}
	return float64(consumed) / took.Seconds(), nil
}

const writtenColumns = `
select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
 where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`

// copyTable copies a table into another like it, which it makes.
func copyTable(ctx context.Context, tx pgx.Tx, table string) (time.Duration, error) {
	var columns string
	if err := tx.QueryRow(ctx, writtenColumns, table).Scan(&columns); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, "drop table if exists bench_copy; create table bench_copy (like "+table+" including all)", pgx.QueryExecModeSimpleProtocol); err != nil {
		return 0, err
	}
	var data bytes.Buffer
	if _, err := tx.Conn().PgConn().CopyTo(ctx, &data, "copy "+table+" ("+columns+") to stdout binary"); err != nil {
		return 0, err
	}
	start := time.Now()
	_, err := tx.Conn().PgConn().CopyFrom(ctx, &data, "copy bench_copy ("+columns+") from stdin binary")
	return time.Since(start), err
}

// errMeasured has what was made to be measured undone.
var errMeasured = errors.New("measured")

// inserts is a read model of one row per event, whatever it is, which no row of a real
// one is simpler than.
type inserts struct{}

type insertedRow struct {
	Event    id.Event  `db:"event_id"`
	Stream   string    `db:"stream"`
	Position int64     `db:"position"`
	Recorded time.Time `db:"recorded_at"`
}

var inserted = rows.NewLog[insertedRow]("happened")

// Name implements projections.Projector.
func (inserts) Name() string { return "insert_only" }

// Version implements projections.Projector.
func (inserts) Version() int { return 1 }

// DDL implements projections.Projector.
func (inserts) DDL() string {
	return "create table happened (event_id uuid not null, stream text not null, position bigint not null, recorded_at timestamptz not null)"
}

// Tables implements projections.Projector.
func (inserts) Tables() []string { return []string{"happened"} }

// Categories implements projections.Projector.
func (inserts) Categories() []es.Category { return catalog.Categories() }

// Project implements projections.Projector.
func (inserts) Project(b *rows.Batch, e es.Envelope) error {
	inserted.Append(b, insertedRow{e.ID, string(e.Stream), int64(e.Position.Commit), e.RecordedAt})
	return nil
}

// printRebuilds prints rates, and what they took.
func printRebuilds(w io.Writer, all []bench.Rebuild) {
	printTable(w, table.Row{"per second", "events", "read", "decode", "COPY", "rebuild", "of read", "of decode", "of the log", "target"}, all, func(r bench.Rebuild) table.Row {
		rate := func(format string, is bool, n float64) string {
			if !is {
				return ""
			}
			return fmt.Sprintf(format, n)
		}
		return table.Row{
			r.Model, r.Events, rate("%.0f", r.Read > 0, r.Read), rate("%.0f", r.Decode > 0, r.Decode), rate("%.0f", r.Copy > 0, r.Copy),
			rate("%.0f", true, r.Rebuild), rate("%.2f", r.Read > 0, r.Rebuild/r.Read), rate("%.2f", r.Decode > 0, r.Rebuild/r.Decode),
			rate("%.0f", true, r.Log), r.Target + ": " + r.Met,
		}
	})
	printTable(w, table.Row{"per event", "Praxis and node", "Postgres", "own memory, MB", "readers held"}, all, func(r bench.Rebuild) table.Row {
		return table.Row{r.Model, r.Praxis.Round(100 * time.Nanosecond), r.Postgres.Round(100 * time.Nanosecond), megabytes(r.Memory), r.Swap.Round(100 * time.Microsecond)}
	})
}
