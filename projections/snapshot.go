package projections

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/es"
)

// Snapshot lets f read a projector's tables as they are at one instant, with the position
// that they reflect: every event up to there, and none after it. It holds a connection for
// as long as f takes.
func Snapshot(ctx context.Context, pool *pgxpool.Pool, p Projector, f func(Tables, es.Position) error) error {
	return pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		at, err := loadRow(ctx, tx, Build(p))
		if err != nil {
			return fmt.Errorf("read where %s is: %w", p.Name(), err)
		}
		return f(Live(tx), at.Position)
	})
}
