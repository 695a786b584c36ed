package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
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
	"praxis/projections/accessledger"
	"praxis/projections/all"
)

// openDatabase starts the PostgreSQL of a stopped installation and opens the
// database that its server worked in.
func (i *installation) openDatabase(t *testing.T) (live *pgxpool.Pool, address string) {
	t.Helper()
	server, err := embedded.Start(t.Context(), embedded.Config{DataDir: filepath.Join(i.dir, "postgres"), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(context.WithoutCancel(t.Context()))) })
	return openPool(t, server.ConnString()), server.ConnString()
}

func openPool(t *testing.T, address string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: address, MaxConns: 4, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// fold makes every read model anew from the log, in a database of its own
// beside the live one.
func fold(t *testing.T, live *pgxpool.Pool, liveURL string, store *eventstore.Store) *pgxpool.Pool {
	t.Helper()
	return foldInto(t, "fold_of_the_log", live, liveURL, store)
}

// foldInto is fold with a name for the database.
func foldInto(t *testing.T, name string, live *pgxpool.Pool, liveURL string, store *eventstore.Store) *pgxpool.Pool {
	t.Helper()
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
	require.NoError(t, runner.Rebuild(t.Context(), nil, nil))
	return folded
}

// checkReadModels compares every table of every read model in two databases and
// names the first row that differs, but for the columns that are named. It returns how many
// rows each table has.
func checkReadModels(t *testing.T, live, folded *pgxpool.Pool, except ...string) (map[string]int, error) {
	t.Helper()
	counts := map[string]int{}
	for _, p := range all.Projectors() {
		build := projections.Build(p)
		tables := tablesOf(t, live, build)
		require.ElementsMatch(t, p.Tables(), tables, "the tables of schema %s are those that the projector names", build)
		for _, table := range tables {
			name := build + "." + table
			key := keyOf(t, live, name)
			have, want := rowsOf(t, live, name, key, except), rowsOf(t, folded, name, key, except)
			counts[name] = len(have)
			if p.Name() == accessledger.Name {
				// The last looks are recorded after everything that was waited for: what is missing
				// of them at a stop is projected at the next start.
				want = slices.DeleteFunc(want, func(row string) bool { return !slices.Contains(have, row) })
			}
			if err := firstDifference(have, want); err != nil {
				return counts, fmt.Errorf("table %s, by %s: %w", name, key, err)
			}
		}
	}
	return counts, nil
}

// firstDifference compares rows that stand in the same order.
func firstDifference(have, want []string) error {
	for n := range min(len(have), len(want)) {
		if have[n] != want[n] {
			return fmt.Errorf("row %d is\n%s\nbut the log says\n%s", n, have[n], want[n])
		}
	}
	if len(have) != len(want) {
		return fmt.Errorf("%d rows, but the log says %d", len(have), len(want))
	}
	return nil
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

// rowsOf reads a table in the order of its key, without some of its columns.
func rowsOf(t *testing.T, pool *pgxpool.Pool, table, key string, except []string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), fmt.Sprintf("select (to_jsonb(x) - $1::text[])::text from %s x order by %s", table, key), append([]string{}, except...))
	require.NoError(t, err)
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return texts
}
