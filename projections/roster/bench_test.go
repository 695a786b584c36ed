package roster_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/roster"
	"praxis/projections/search"
)

// BenchmarkSearch asks a practice of 100,000 charts beside 200 small ones.
func BenchmarkSearch(b *testing.B) {
	pool := pgtest.New(b)
	given := []string{"Ada", "Jörg", "Nguyễn", "Zoë", "Maria", "José", "Łukasz", "Ana", "Peter", "Yui"}
	syllables := []string{"mül", "ler", "o’", "brien", "son", "berg", "đặ", "ng", "ka", "to", "ve", "ra", "nik", "sch", "ard", "el"}
	random := rand.New(rand.NewPCG(1, 1))
	syllable := func() string { return syllables[random.IntN(len(syllables))] }
	var rows [][]any
	for n := range 120_000 {
		g := practice
		if n >= 100_000 {
			g = id.Derive[id.Group](fmt.Sprint(n % 200))
		}
		first, family := given[random.IntN(len(given))], syllable()+syllable()+syllable()
		rows = append(rows, []any{id.New[id.Chart]().UUID(), g.UUID(), first, family, family + " " + first, search.Words(family, first), main.UUID(), ana.UUID()})
	}
	ctx := b.Context()
	require.NoError(b, projections.Install(ctx, pool, roster.Projector{}))
	_, err := pool.Exec(ctx, "create table names (chart uuid, practice uuid, first text, family text, sort text, words text[], branch uuid, member uuid)")
	require.NoError(b, err)
	_, err = pool.CopyFrom(ctx, pgx.Identifier{"names"}, []string{"chart", "practice", "first", "family", "sort", "words", "branch", "member"}, pgx.CopyFromRows(rows))
	require.NoError(b, err)
	_, err = pool.Exec(ctx, `
insert into roster_v5.chart (chart_id, group_id, given_name, family_name, email, phone, sort_name, search, branch_id, primary_id, status, created_at, changed_at, revision)
select chart, practice, first, family, '', '', sort, array_to_tsvector(words), branch, member, 'active', now(), now(), 0 from names`)
	require.NoError(b, err)
	for _, statement := range []string{"vacuum analyze roster_v5.chart", "drop table names"} {
		_, err = pool.Exec(ctx, statement)
		require.NoError(b, err)
	}
	for _, typed := range []string{"", "m", "mul", "mullerson", "mueller", "müller", "zoe muller", "obrien ada", "nobody"} {
		b.Run(fmt.Sprintf("search=%q", typed), func(b *testing.B) {
			for b.Loop() {
				_, err := roster.List(ctx, projections.Live(pool), roster.Query{Reach: everything(practice), Order: roster.ByName, Filter: roster.Filter{Search: typed}, Limit: 50})
				require.NoError(b, err)
			}
		})
	}
}
