package licences

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/civil"
	"praxis/projections/page"
	"praxis/projections/reachsql"
)

// scope names what access is decided over: the subscription is the practice's as
// a whole, so that a reach of anything less finds nothing (BIL-13).
func scope(table string) reachsql.Columns { return reachsql.Columns{Group: table + ".group_id"} }

// reading runs queries that see one instant of the model.
func reading(ctx context.Context, pool *pgxpool.Pool, what string, f func(pgx.Tx) error) error {
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// collect runs a query and reads its rows by the names of their columns.
func collect[R any](ctx context.Context, tx pgx.Tx, sql string, args reachsql.Args) ([]R, error) {
	rows, err := tx.Query(ctx, sql, args.Values...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[R])
}

// numbers reads the keys of a cursor, nil for the first page. They are read here
// and not by the database, because anybody can write a cursor.
func numbers(token page.Token, order string, n int) ([]int64, error) {
	cursor, err := page.Parse(token, order, n)
	if err != nil || cursor == nil {
		return nil, err
	}
	keys := make([]int64, n)
	for i, key := range cursor.Keys {
		if keys[i], err = strconv.ParseInt(key, 10, 64); err != nil {
			return nil, page.ErrMalformed
		}
	}
	return keys, nil
}

// civilDate reads a date column that was selected as text; null is unset.
func civilDate(s *string) (civil.Date, error) {
	if s == nil {
		return civil.Date{}, nil
	}
	return civil.ParseDate(*s)
}
