package all_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres"
	"praxis/adapters/postgres/pgtest"
	"praxis/migrations"
	"praxis/projections"
	"praxis/projections/all"
)

// list runs a query of one text column.
func list(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql, args...)
	require.NoError(t, err)
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return texts
}

// structure is everything about the tables of a schema but its name.
const structure = `
select replace(what, $1::text || '.', '') from (
  select format('%s.%s %s %s null=%s default=%s generated=%s collation=%s', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
         not a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attcollation) as what
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relnamespace = $1::text::regnamespace and c.relkind = 'r'
  union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = $1::text::regnamespace
  union all select indexdef from pg_indexes where schemaname = $1::text
  union all select format('%s.%s: %s', c.relname, coalesce(o.objsubid, 0), o.description) from pg_class c
    left join pg_description o on o.objoid = c.oid and o.classoid = 'pg_class'::regclass where c.relnamespace = $1::text::regnamespace and c.relkind = 'r') s
 order by 1`

// TestUpgrade: what earlier releases kept in schemas that migrations made becomes the
// builds of this one, rows and checkpoints included, and its tables are those that
// this release would make.
func TestUpgrade(t *testing.T) {
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.EmptyURL(t)})
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	names, err := fs.Glob(migrations.FS(), "*.sql")
	require.NoError(t, err)
	migrate := func(from, to string) {
		for _, name := range names {
			if name[:4] < from || name[:4] > to {
				continue
			}
			content, err := fs.ReadFile(migrations.FS(), name)
			require.NoError(t, err)
			_, err = pool.Exec(t.Context(), string(content))
			require.NoError(t, err, name)
		}
	}
	migrate("0001", "0035")
	for _, p := range all.Projectors() {
		_, err = pool.Exec(t.Context(), `insert into praxis.projection (name, version, status, commit_position, prepare_position) values ($1, $2, 'running', 9, 9)`, p.Name(), p.Version())
		require.NoError(t, err)
	}
	_, err = pool.Exec(t.Context(), `
		update praxis.projection set status = 'rebuilding' where name = 'licences';
		update praxis.projection set version = 3 where name = 'calendar';
		update praxis.projection set version = 4 where name = 'roster';
		update praxis.projection set version = 1 where name = 'billing';
		delete from praxis.projection where name in ('team_access', 'chart_detail', 'access_ledger', 'portal', 'duplicates', 'households');
		insert into billing.ledger values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'USD', 1, 1, 0, 0, 0, 7)`)
	require.NoError(t, err)
	migrate("0036", "9999")

	require.Equal(t, []string{"billing_v1", "calendar_v3", "effective_permissions_v1", "member_directory_v1", "roster_v4"},
		list(t, pool, "select nspname::text from pg_namespace where nspname <> 'praxis' and nspname !~ '^(pg_|information_schema|public)' order by 1"))
	require.Equal(t, []string{"billing_v1", "calendar_v3", "effective_permissions_v1", "member_directory_v1", "roster_v4"},
		list(t, pool, "select build from praxis.projection where commit_position = 9 order by 1"))
	require.Equal(t, []string{"7"}, list(t, pool, "select revision::text from billing_v1.ledger"))

	moved := map[string][]string{}
	later := map[string]bool{"roster_v4": true, "billing_v1": true} // versions whose tables were others
	for _, build := range []string{"billing_v1", "calendar_v3", "effective_permissions_v1", "member_directory_v1", "roster_v4"} {
		if later[build] {
			continue
		}
		moved[strings.TrimRight(build, "0123456789")] = list(t, pool, structure, build)
	}
	require.NoError(t, projections.Install(t.Context(), pool, all.Projectors()...))
	require.Equal(t, []string{"7"}, list(t, pool, "select revision::text from billing_v1.ledger"), "what is there stays")
	fresh := pgtest.New(t)
	require.NoError(t, projections.Install(t.Context(), fresh, all.Projectors()...))
	for _, p := range all.Projectors() {
		made := list(t, fresh, structure, projections.Build(p))
		require.NotEmpty(t, made)
		if was, known := moved[p.Name()+"_v"]; known {
			require.Equal(t, was, made, "the tables of %s", p.Name())
		}
		require.Equal(t, made, list(t, pool, structure, projections.Build(p)))
	}
}

func TestDDL(t *testing.T) {
	pool := pgtest.New(t)
	require.NoError(t, projections.Install(t.Context(), pool, all.Projectors()...))
	for _, p := range all.Projectors() {
		build := projections.Build(p)
		require.ElementsMatch(t, p.Tables(), list(t, pool, "select table_name::text from information_schema.tables where table_schema = $1", build))
		require.Empty(t, list(t, pool, `
			select format('%s.%s', c.relname, coalesce(a.attname, '')) from pg_class c
			  left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
			 where c.relnamespace = $1::text::regnamespace and c.relkind = 'r'
			   and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null)`, build),
			"every table and column of %s has a comment", build)
		require.Empty(t, list(t, pool, `
			select c.relname::text from pg_class c where c.relnamespace = $1::text::regnamespace and c.relkind = 'r'
			   and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`, build),
			"every table of %s has a primary key", build)
	}
}
