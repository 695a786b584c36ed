package postgres

import (
	"context"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
)

// MigrateFiles is Migrate with the migrations of another binary.
func MigrateFiles(ctx context.Context, pool *pgxpool.Pool, files fs.FS) error {
	return migrate(ctx, pool, files)
}
