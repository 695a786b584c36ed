package rows

import (
	"context"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
)

// copied is the number of rows from which on they are copied: a COPY is a round trip of
// its own, which a single event does not need.
const copied = 64

// writer sends what a batch changed.
type writer struct {
	schema string
	// first are the statements, and copies follow in tables of their own.
	first  pgx.Batch
	copies []func(context.Context, pgx.Tx) error
}

func (w *writer) send(ctx context.Context, tx pgx.Tx) error {
	if w.first.Len() > 0 {
		if err := tx.SendBatch(ctx, &w.first).Close(); err != nil {
			return fmt.Errorf("write rows: %w", err)
		}
	}
	for _, c := range w.copies {
		if err := c(ctx, tx); err != nil {
			return fmt.Errorf("write rows: %w", err)
		}
	}
	return nil
}

// insert adds rows to a table.
func insert[R any](w *writer, table string, columns []column, rows []*R) {
	switch {
	case len(rows) == 0:
	case len(rows) < copied:
		w.first.Queue("insert into "+qualified(w.schema, table)+" ("+listed(columns, ", ", named)+") select "+listed(columns, ", ", given)+" from "+unnest(columns),
			arraysOf(columns, rows)...)
	default:
		names := make([]string, 0, len(columns))
		for _, c := range columns {
			names = append(names, c.name)
		}
		w.copies = append(w.copies, func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{w.schema, table}, names, &source[R]{columns: columns, rows: rows, values: make([]any, len(columns))})
			return err
		})
	}
}

// source hands rows to COPY.
type source[R any] struct {
	columns []column
	rows    []*R
	at      int
	values  []any
}

// Next implements pgx.CopyFromSource.
func (s *source[R]) Next() bool {
	s.at++
	return s.at <= len(s.rows)
}

// Values implements pgx.CopyFromSource.
func (s *source[R]) Values() ([]any, error) {
	row := reflect.ValueOf(s.rows[s.at-1]).Elem()
	for i := range s.columns {
		c := &s.columns[i]
		s.values[i] = c.get(row, c.copied)
	}
	return s.values, nil
}

// Err implements pgx.CopyFromSource.
func (s *source[R]) Err() error { return nil }

func qualified(schema, table string) string { return pgx.Identifier{schema, table}.Sanitize() }
