package postgres_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/postgres"
	"praxis/adapters/postgres/pgtest"
)

// connect opens a pool of its own, as one more process would.
func connect(t *testing.T, address string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: address, MaxConns: 2})
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// binary is the migrations of a binary, in order.
func binary(sql ...string) fstest.MapFS {
	names := []string{"0001_first.sql", "0002_second.sql", "0003_third.sql"}
	files := fstest.MapFS{}
	for i, statement := range sql {
		files[names[i]] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + statement + "\n")}
	}
	return files
}

func TestMigrate(t *testing.T) {
	t.Run("an empty database gets the whole schema, and a second run changes nothing", func(t *testing.T) {
		pool := connect(t, pgtest.EmptyURL(t))
		began := time.Now().Add(-time.Minute)
		require.NoError(t, postgres.Migrate(t.Context(), pool))
		first, err := postgres.ReadStatus(t.Context(), pool)
		require.NoError(t, err)
		require.NoError(t, first.Check())
		require.Equal(t, first.Latest, first.Current())
		require.Equal(t, "0001_projections.sql", first.Applied[0].Name)
		require.WithinRange(t, first.Applied[0].AppliedAt, began, time.Now().Add(time.Minute))
		require.Equal(t, time.UTC, first.Applied[0].AppliedAt.Location())

		require.NoError(t, postgres.Migrate(t.Context(), pool))
		second, err := postgres.ReadStatus(t.Context(), pool)
		require.NoError(t, err)
		require.Equal(t, first, second)
	})

	t.Run("of four processes that start at once each migration runs exactly once", func(t *testing.T) {
		address := pgtest.EmptyURL(t)
		// Without "if not exists": a second run of either would fail.
		files := binary(
			"create table ran (n int); insert into ran values (1);",
			"insert into ran values (2);",
		)
		var processes errgroup.Group
		for range 4 {
			pool := connect(t, address)
			processes.Go(func() error { return postgres.MigrateFiles(t.Context(), pool, files) })
		}
		require.NoError(t, processes.Wait())
		var rows []int
		require.NoError(t, connect(t, address).QueryRow(t.Context(), "select array_agg(n order by n) from ran").Scan(&rows))
		require.Equal(t, []int{1, 2}, rows)
	})

	t.Run("a database of a newer binary is refused and left alone", func(t *testing.T) {
		pool := connect(t, pgtest.EmptyURL(t))
		require.NoError(t, postgres.MigrateFiles(t.Context(), pool, binary("select 1;", "create table newer (n int);")))
		err := postgres.MigrateFiles(t.Context(), pool, binary("select 1;"))
		require.ErrorAs(t, err, new(*postgres.NewerSchemaError))
		require.EqualError(t, err, "the database schema is at migration 2 and this praxis knows only up to 1; run the praxis version that migrated it, or a newer one")
		_, err = pool.Exec(t.Context(), "select from newer")
		require.NoError(t, err)
	})

	t.Run("a failing migration leaves nothing of itself, keeps those before it, and can be run again", func(t *testing.T) {
		pool := connect(t, pgtest.EmptyURL(t))
		err := postgres.MigrateFiles(t.Context(), pool, binary("create table kept (n int);", "create table half (n int); select 1/0;"))
		var pgErr *pgconn.PgError
		require.ErrorAs(t, err, &pgErr)
		require.Equal(t, "22012", pgErr.Code)
		var kept, half bool
		require.NoError(t, pool.QueryRow(t.Context(), "select to_regclass('kept') is not null, to_regclass('half') is not null").Scan(&kept, &half))
		require.True(t, kept)
		require.False(t, half)
		require.NoError(t, postgres.MigrateFiles(t.Context(), pool, binary("create table kept (n int);", "create table half (n int);")))
	})

	t.Run("a migration may take longer than a statement of the application", func(t *testing.T) {
		pool, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.EmptyURL(t), StatementTimeout: 100 * time.Millisecond})
		require.NoError(t, err)
		defer pool.Close()
		require.NoError(t, postgres.MigrateFiles(t.Context(), pool, binary("select pg_sleep(0.3);")))
	})
}

func TestMigration0001(t *testing.T) {
	pool := pgtest.New(t)

	t.Run("every table and column of praxis has a comment", func(t *testing.T) {
		var missing []string
		require.NoError(t, pool.QueryRow(t.Context(), `
			select coalesce(array_agg(format('%s.%s', c.relname, coalesce(a.attname, '')) order by 1), '{}')
			from pg_class c
			left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
			where c.relnamespace = 'praxis'::regnamespace and c.relkind = 'r' and c.relname <> 'migration'
			  and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null)`).Scan(&missing))
		require.Empty(t, missing)
	})

	t.Run("a new projection stands before the first event", func(t *testing.T) {
		var epoch, commit, prepare, applied int64
		require.NoError(t, pool.QueryRow(t.Context(), `
			insert into praxis.projection (build, name, version, status) values ('invoices_v1', 'invoices', 1, 'running')
			returning epoch, commit_position, prepare_position, events_applied`).Scan(&epoch, &commit, &prepare, &applied))
		require.Equal(t, []int64{0, 0, 0, 0}, []int64{epoch, commit, prepare, applied}, "stores never place an event at position 0")
	})

	t.Run("a checkpoint may lie between two events, as those of a server that catches up do", func(t *testing.T) {
		_, err := pool.Exec(t.Context(), "update praxis.projection set commit_position = 5, prepare_position = 0")
		require.NoError(t, err)
	})

	t.Run("impossible checkpoints are refused", func(t *testing.T) {
		for _, change := range []string{
			"status = 'paused'", "version = 0", "commit_position = -1, prepare_position = -1",
			"commit_position = 5, prepare_position = 6", "events_applied = -1", "epoch = -1", "name = ''",
		} {
			_, err := pool.Exec(t.Context(), "update praxis.projection set "+change)
			var pgErr *pgconn.PgError
			require.ErrorAs(t, err, &pgErr, change)
			require.Equal(t, "23514", pgErr.Code, change)
		}
	})
}
