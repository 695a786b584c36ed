// Package read asks read models: it makes SQL of what a reader may see, of filters and
// of pages, and structs of rows. Every read model is read by it. Structs of rows have
// the names that the API answers with in JSON. It may import what the domain keeps ids,
// days and access in, page, reachsql and pgx.
package read

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/projections/reachsql"
)

// Querier is a pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Where are the conditions that the rows of an answer meet, with the arguments of the
// statement.
type Where struct {
	Args       reachsql.Args
	conditions []string
}

// Within begins with what somebody may see.
func Within(r access.Reach, c reachsql.Columns) *Where {
	w := &Where{}
	w.And(reachsql.Condition(r, c, &w.Args))
	return w
}

// And adds a condition, in which each ? stands for the next of the values.
func (w *Where) And(condition string, values ...any) *Where {
	for _, v := range values {
		condition = strings.Replace(condition, "?", w.Args.Add(v), 1)
	}
	w.conditions = append(w.conditions, condition)
	return w
}

// Filter adds a condition about a value, which every ? in it stands for. A value that
// is unset, or an empty list, narrows nothing.
func (w *Where) Filter(condition string, value any) *Where {
	if v := reflect.ValueOf(value); v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return w
	}
	return w.And(strings.ReplaceAll(condition, "?", w.Args.Add(value)))
}

// String is all conditions as one, which holds where there is none.
func (w *Where) String() string {
	if len(w.conditions) == 0 {
		return "true"
	}
	return strings.Join(w.conditions, " and ")
}

// Rows reads rows into structs by the names of their columns. what is what an error
// calls them.
func Rows[R any](ctx context.Context, q Querier, what, sql string, args ...any) ([]R, error) {
	rows, _ := q.Query(ctx, sql, args...) // Collecting returns its error, too.
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[R])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return list, nil
}

// One reads the one row that a statement finds, or answers with unknown.
func One[R any](ctx context.Context, q Querier, unknown *fault.Error, sql string, args ...any) (found R, err error) {
	list, err := Rows[R](ctx, q, unknown.Code, sql, args...)
	switch {
	case err != nil:
		return found, err
	case len(list) == 0:
		return found, unknown
	}
	return list[0], nil
}
