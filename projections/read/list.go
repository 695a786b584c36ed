package read

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/projections/page"
)

// Order is an order in which a list is read page by page.
type Order[R any] struct {
	// Name stands in the cursors, which fit no other order.
	Name string
	// Keys are what rows are sorted by; together they tell any two apart.
	Keys []Key[R]
	// Descending turns the order round.
	Descending bool
}

// Key is one sort key. Those of a cursor are read by Read and not by the database,
// because anybody can write a cursor.
type Key[R any] struct {
	// Column is the key in SQL, Text that of a row in a cursor, and Read the value of
	// such a text.
	Column string
	Text   func(R) string
	Read   func(string) (any, error)
}

// Number is a key that is a whole number.
func Number[R any](column string, of func(R) int64) Key[R] {
	return Key[R]{column, func(r R) string { return strconv.FormatInt(of(r), 10) }, func(s string) (any, error) { return strconv.ParseInt(s, 10, 64) }}
}

// Text is a key that is a text.
func Text[R any](column string, of func(R) string) Key[R] {
	return Key[R]{column, of, func(s string) (any, error) { return s, nil }}
}

// Day is a key that is a civil day, YYYY-MM-DD.
func Day[R any](column string, of func(R) string) Key[R] {
	return Key[R]{column, of, func(s string) (any, error) { return civil.ParseDate(s) }}
}

// Instant is a key that is an instant.
func Instant[R any](column string, of func(R) time.Time) Key[R] {
	return Key[R]{
		column,
		func(r R) string { return of(r).UTC().Format(time.RFC3339Nano) },
		func(s string) (any, error) { return time.Parse(time.RFC3339Nano, s) },
	}
}

// ID is a key that is an id.
func ID[R any, I ~[16]byte](column string, of func(R) I) Key[R] {
	return Key[R]{column, func(r R) string { return uuid.UUID(of(r)).String() }, func(s string) (any, error) { return id.Parse[I](s) }}
}

// List reads one page of at most limit rows, all of them for 0, and the cursor of the
// next, which is empty after the last. selects is the statement up to its conditions.
// Fault: "malformed_cursor".
func List[R any](ctx context.Context, q Querier, selects string, w *Where, o Order[R], cursor page.Token, limit int) ([]R, page.Token, error) {
	if err := o.after(w, cursor); err != nil {
		return nil, "", err
	}
	sql := o.statement(selects, w)
	if limit > 0 {
		sql += " limit " + w.Args.Add(limit+1)
	}
	rows, err := Rows[R](ctx, q, o.Name, sql, w.Args.Values...)
	if err != nil || limit == 0 || len(rows) <= limit {
		return rows, "", err
	}
	rows = rows[:limit]
	end := page.Cursor{Order: o.Name}
	for _, key := range o.Keys {
		end.Keys = append(end.Keys, key.Text(rows[limit-1]))
	}
	next, err := end.Token()
	return rows, next, err
}

// Each reads all rows of a list one after the other, and keeps none. After an error there
// is no row.
func Each[R any](ctx context.Context, q Querier, selects string, w *Where, o Order[R]) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		rows, err := q.Query(ctx, o.statement(selects, w), w.Args.Values...)
		if err != nil {
			yield(*new(R), fmt.Errorf("%s: %w", o.Name, err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := pgx.RowToStructByName[R](rows)
			if err != nil {
				yield(row, fmt.Errorf("%s: %w", o.Name, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(*new(R), fmt.Errorf("%s: %w", o.Name, err))
		}
	}
}

// statement is the whole list in its order.
func (o Order[R]) statement(selects string, w *Where) string {
	return selects + "\n where " + w.String() + "\n order by " + o.columns(o.direction(" asc", " desc"))
}

// after adds the condition of the page after a cursor.
func (o Order[R]) after(w *Where, token page.Token) error {
	cursor, err := page.Parse(token, o.Name, len(o.Keys))
	if err != nil || cursor == nil {
		return err
	}
	values := make([]any, len(o.Keys))
	for i, key := range o.Keys {
		if values[i], err = key.Read(cursor.Keys[i]); err != nil {
			return page.ErrMalformed
		}
	}
	last := strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
	w.And("("+o.columns("")+") "+o.direction(">", "<")+" ("+last+")", values...)
	return nil
}

func (o Order[R]) columns(suffix string) string {
	columns := make([]string, 0, len(o.Keys))
	for _, key := range o.Keys {
		columns = append(columns, key.Column+suffix)
	}
	return strings.Join(columns, ", ")
}

func (o Order[R]) direction(up, down string) string {
	if o.Descending {
		return down
	}
	return up
}
