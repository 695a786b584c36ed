package pgtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres"
	"praxis/adapters/postgres/pgtest"
)

func TestNew(t *testing.T) {
	t.Run("the database is migrated", func(t *testing.T) {
		status, err := postgres.ReadStatus(t.Context(), pgtest.New(t))
		require.NoError(t, err)
		require.NoError(t, status.Check())
		require.NotEmpty(t, status.Applied)
	})

	t.Run("tests that run at once do not see each other's rows", func(t *testing.T) {
		for range 6 {
			t.Run("one of them", func(t *testing.T) {
				t.Parallel()
				pool := pgtest.New(t)
				_, err := pool.Exec(t.Context(), "insert into praxis.projection (build, name, version, status) values ('invoices_v1', 'invoices', 1, 'running')")
				require.NoError(t, err)
				var rows int
				require.NoError(t, pool.QueryRow(t.Context(), "select count(*) from praxis.projection").Scan(&rows))
				require.Equal(t, 1, rows)
			})
		}
	})

	t.Run("the database is dropped when its test ends", func(t *testing.T) {
		var name string
		t.Run("a test", func(t *testing.T) {
			require.NoError(t, pgtest.New(t).QueryRow(t.Context(), "select current_database()").Scan(&name))
		})
		var left int
		require.NoError(t, pgtest.New(t).QueryRow(t.Context(), "select count(*) from pg_database where datname = $1", name).Scan(&left))
		require.Zero(t, left)
	})
}

func TestEmptyURL(t *testing.T) {
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.EmptyURL(t)})
	require.NoError(t, err)
	defer pool.Close()
	status, err := postgres.ReadStatus(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, status.Applied)
	require.ErrorAs(t, status.Check(), new(*postgres.PendingError))
}

func BenchmarkNew(b *testing.B) {
	pgtest.URL(b)
	for b.Loop() {
		pgtest.URL(b)
	}
}
