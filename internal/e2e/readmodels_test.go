package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/adapters/postgres"
	"praxis/adapters/postgres/embedded"
	"praxis/domain/catalog"
	"praxis/projections"
	"praxis/projections/all"
)

// openDatabase starts the PostgreSQL of a stopped installation and opens the
// database that its server worked in.
func (i *installation) openDatabase(t *testing.T) (live *pgxpool.Pool, url string) {
	t.Helper()
	server, err := embedded.Start(t.Context(), embedded.Config{DataDir: filepath.Join(i.dir, "postgres"), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(context.WithoutCancel(t.Context()))) })
	return openPool(t, server.ConnString()), server.ConnString()
}

func openPool(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: url, MaxConns: 4, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// fold makes every read model anew from the log, in a database of its own
// beside the live one.
func fold(t *testing.T, live *pgxpool.Pool, liveURL string, store *eventstore.Store) *pgxpool.Pool {
	t.Helper()
	const name = "fold_of_the_log"
	_, err := live.Exec(t.Context(), "create database "+name)
	require.NoError(t, err)
	u, err := url.Parse(liveURL)
	require.NoError(t, err)
	u.Path = "/" + name
	folded := openPool(t, u.String())
	require.NoError(t, postgres.Migrate(t.Context(), folded))
	runner, err := projections.NewRunner(projections.Config{
		Pool: folded, Source: store, Registry: registry(t), Projectors: all.Projectors(),
		Categories: catalog.Categories(), Clock: time.Now,
	})
	require.NoError(t, err)
	for _, p := range all.Projectors() {
		require.NoError(t, runner.Rebuild(t.Context(), p.Name(), nil))
	}
	return folded
}

// requireSameReadModels proves that every table of every read model holds the
// same rows in two databases. It returns how many rows that were.
func requireSameReadModels(t *testing.T, live, folded *pgxpool.Pool) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, p := range all.Projectors() {
		tables := tablesOf(t, live, p.Schema())
		require.ElementsMatch(t, p.Tables(), tables, "the tables of schema %s are those that a rebuild empties", p.Schema())
		for _, table := range tables {
			name := p.Schema() + "." + table
			counts[name] = requireSameRows(t, name, keyOf(t, live, name), live, folded)
		}
	}
	return counts
}

func tablesOf(t *testing.T, pool *pgxpool.Pool, schema string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), "select table_name::text from information_schema.tables where table_schema = $1 and table_type = 'BASE TABLE' order by 1", schema)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.NotEmpty(t, tables)
	return tables
}

// keyOf returns the columns of a table's primary key.
func keyOf(t *testing.T, pool *pgxpool.Pool, table string) string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `
select quote_ident(a.attname) from pg_index i
  cross join lateral unnest(i.indkey::int2[]) with ordinality k(column_number, place)
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.column_number
 where i.indrelid = $1::text::regclass and i.indisprimary order by k.place`, table)
	require.NoError(t, err)
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.NotEmpty(t, columns, "table %s has no primary key", table)
	return strings.Join(columns, ", ")
}

// requireSameRows compares a table row by row, in the order of its key, and
// names the first difference.
func requireSameRows(t *testing.T, table, key string, live, folded *pgxpool.Pool) int {
	t.Helper()
	read := func(pool *pgxpool.Pool) []string {
		rows, err := pool.Query(t.Context(), fmt.Sprintf("select to_jsonb(x)::text from %s x order by %s", table, key))
		require.NoError(t, err)
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return texts
	}
	have, want := read(live), read(folded)
	for n := range min(len(have), len(want)) {
		require.JSONEq(t, want[n], have[n], "row %d of %s, by %s, is not what the log says", n, table, key)
	}
	require.Len(t, have, len(want), "rows of %s", table)
	return len(have)
}
