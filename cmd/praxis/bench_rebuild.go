package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"praxis/cmd/praxis/bench"
	"praxis/cmd/praxis/bench/lives"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
)

// rebuilds measures rebuilding each read model out of a log of at least events events.
func (b *benchmark) rebuilds(ctx context.Context, events int) ([]bench.Row, error) {
	written, err := b.practices(ctx, events)
	if err != nil {
		return nil, err
	}
	for _, p := range b.runner.Projectors {
		if err := b.rebuild(ctx, p, written); err != nil {
			return nil, err
		}
	}
	return b.rows, nil
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
	_, err = b.add(bench.Row{What: "the log is written, events", PerSecond: float64(written) / time.Since(start).Seconds()}, nil)
	return written, err
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
// take of the same events and rows. Ratios are of rates.
func (b *benchmark) rebuild(ctx context.Context, p projections.Projector, written int) error {
	consumed := 0
	rate := func(what string, n int, f func() error) (bench.Row, error) {
		start := time.Now()
		err := f()
		return bench.Row{What: p.Name() + ": " + what, PerSecond: float64(n) / time.Since(start).Seconds()}, err
	}
	read := func(each func(es.Recorded) error) func() error {
		return func() error {
			consumed = 0
			for rec, err := range b.store.ReadAll(ctx, p.Categories(), es.Position{}) {
				if err := errors.Join(err, each(rec)); err != nil {
					return err
				}
				consumed++
			}
			return nil
		}
	}
	reading := read(func(es.Recorded) error { return nil })
	if err := reading(); err != nil { // The first time, the log comes from the disk.
		return err
	}
	alone, err := b.add(rate("read", consumed, reading))
	if err != nil {
		return err
	}
	decoded, err := b.add(rate("read and decode", consumed, read(func(rec es.Recorded) error {
		_, err := b.registry.Decode(rec)
		return err
	})))
	if err != nil {
		return err
	}
	rebuilt, err := rate("rebuild", consumed, func() error { return b.runner.Rebuild(ctx, []string{p.Name()}, nil) })
	if err != nil {
		return err
	}
	copied, err := b.copies(ctx, p, consumed)
	if err != nil {
		return err
	}
	for _, floor := range []bench.Row{alone, decoded, copied} {
		row := rebuilt
		row.Ratio, row.Floor = rebuilt.PerSecond/floor.PerSecond, floor.What
		if floor.What == decoded.What {
			row.Target, row.Met = "25,000/s", met(row.PerSecond >= 25_000)
		}
		if _, err := b.add(row, nil); err != nil {
			return err
		}
	}
	_, err = b.add(bench.Row{What: p.Name() + ": rebuild, events of the log", PerSecond: rebuilt.PerSecond * float64(written) / float64(consumed)}, nil)
	return err
}

func met(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// copies measures copying the rows of a read model into tables like its own, indexes
// and all.
func (b *benchmark) copies(ctx context.Context, p projections.Projector, consumed int) (bench.Row, error) {
	var took time.Duration
	err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
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
		return bench.Row{}, fmt.Errorf("copy rows: %w", err)
	}
	return b.add(bench.Row{What: p.Name() + ": COPY of its rows, per event", PerSecond: float64(consumed) / took.Seconds()}, nil)
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
