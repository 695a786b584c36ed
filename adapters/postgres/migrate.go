package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"praxis/domain/fault"
	"praxis/migrations"
)

const (
	// versionTable records which migrations ran. It lives in a schema of our
	// own, because an ordinary account may not create tables in public.
	versionTable = "praxis.migration"
	// migrateLockID is the advisory lock that one migrating process holds:
	// "praxis" in ASCII, so that it is recognisable in pg_locks.
	migrateLockID = 0x707261786973
	// migrateLockWait is how often, once a second, a process asks for the lock
	// before it gives up on one that is migrating.
	migrateLockWait = 600
)

// errHalfEmptied says that the migrations find what they are about to make.
var errHalfEmptied = fault.New(fault.Unavailable, "database_half_emptied", "The database has tables of Praxis, but the record of how they were made (praxis.migration) is gone. Restore it from a backup, or give Praxis an empty database: it fills it from the log.")

// NewerSchemaError says that a newer praxis has migrated the database. This
// binary does not know the schema and must not touch it.
type NewerSchemaError struct {
	// Database and Binary are the highest migrations applied and known.
	Database, Binary int64
}

// Error implements error.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("the database schema is at migration %d and this praxis knows only up to %d; run the praxis version that migrated it, or a newer one", e.Database, e.Binary)
}

// Migrate brings the database of pool to the schema of this binary. It is safe
// when several processes start at once: one migrates, the others wait for it.
// A database that is already there costs one query and takes no lock.
//
// It returns a *NewerSchemaError, having changed nothing, where the database is
// ahead of the binary.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	return migrate(ctx, pool, migrations.FS())
}

func migrate(ctx context.Context, pool *pgxpool.Pool, files fs.FS) (err error) {
	status, err := readStatus(ctx, pool, files)
	if err != nil {
		return err
	}
	err = status.Check()
	if _, pending := errors.AsType[*PendingError](err); !pending {
		return err
	}
	if err := createSchema(ctx, pool); err != nil {
		return err
	}

	// Connections of its own: a migration may take longer than a statement of
	// the application, and none is taken from it.
	conn := pool.Config().ConnConfig.Copy()
	conn.RuntimeParams["statement_timeout"] = "0"
	conn.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	// A migration that waits for a table lock makes every reader behind it wait.
	conn.RuntimeParams["lock_timeout"] = "30s"
	db := stdlib.OpenDB(*conn)
	defer func() {
		if closeErr := db.Close(); closeErr != nil {
			err = errors.Join(err, fmt.Errorf("close the migration connections: %w", closeErr))
		}
	}()
	provider, err := newProvider(db, files)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && (pg.Code == "42P06" || pg.Code == "42P07") {
		return errHalfEmptied.Because(err)
	}
	if err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	// A newer process may have been the one that held the lock before us.
	status, err = readStatus(ctx, pool, files)
	if err != nil {
		return err
	}
	return status.Check()
}

func newProvider(db *sql.DB, files fs.FS) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(
		lock.WithLockID(migrateLockID),
		// A second is the shortest interval there is; the default is five.
		lock.WithLockTimeout(1, migrateLockWait),
	)
	if err != nil {
		return nil, fmt.Errorf("prepare the migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithTableName(versionTable),
		goose.WithSessionLocker(locker),
		goose.WithDisableGlobalRegistry(true),
	)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, nil
}

// createSchema makes the schema of the version table. "if not exists" alone
// can fail when two processes create at once, hence the lock.
func createSchema(ctx context.Context, pool *pgxpool.Pool) error {
	const createLockID = migrateLockID + 1
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", int64(createLockID))
		if err == nil {
			_, err = tx.Exec(ctx, "create schema if not exists praxis")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("create the schema praxis: %w", err)
	}
	return nil
}
