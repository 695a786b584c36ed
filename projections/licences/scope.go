package licences

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

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
