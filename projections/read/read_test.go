package read_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/reachsql"
	"praxis/projections/read"
)

func TestWhere(t *testing.T) {
	t.Run("without a condition it holds", func(t *testing.T) {
		require.Equal(t, "true", (&read.Where{}).String())
	})
	t.Run("each ? of a condition stands for the next of the values", func(t *testing.T) {
		w := (&read.Where{}).And("a between ? and ?", 1, 2).And("true").And("(b, c) > (?, ?)", "x", "?")
		require.Equal(t, "a between $1 and $2 and true and (b, c) > ($3, $4)", w.String())
		require.Equal(t, []any{1, 2, "x", "?"}, w.Args.Values)
	})
	t.Run("every ? of a filter stands for its value", func(t *testing.T) {
		w := (&read.Where{}).And("a = ?", 1).Filter("(b = ? or c = ?)", "x")
		require.Equal(t, "a = $1 and (b = $2 or c = $2)", w.String())
		require.Equal(t, []any{1, "x"}, w.Args.Values)
	})
	t.Run("a filter that is unset narrows nothing", func(t *testing.T) {
		w := &read.Where{}
		for _, unset := range []any{"", 0, false, id.Chart{}, []string(nil), []string{}, (*int)(nil)} {
			w.Filter("a = ?", unset)
		}
		require.Equal(t, "true", w.String())
		require.Empty(t, w.Args.Values)
		zero := 0
		require.Equal(t, "a = $1", w.Filter("a = ?", &zero).String(), "what is set to nothing does")
	})
	t.Run("it begins with what somebody may see", func(t *testing.T) {
		g := id.New[id.Group]()
		columns := reachsql.Columns{Group: "group_id"}
		none := read.Within(access.Reach{}, columns).Filter("a = ?", 1)
		require.Equal(t, "false and a = $1", none.String())
		all := read.Within(access.Reach{Group: g, Parts: []access.Part{{Within: access.Area{All: true}}}}, columns).Filter("a = ?", 1)
		require.Equal(t, "group_id = $1 and (true) and a = $2", all.String())
		require.Equal(t, []any{g, 1}, all.Args.Values)
	})
	t.Run("the database takes the values for what they stand for", func(t *testing.T) {
		conn := connection(t)
		w := (&read.Where{}).And("n between ? and ?", 3, 8).Filter("(n <> ? and ? > 0)", 5).Filter("n = any(?)", []int{2, 4, 5, 8, 9})
		rows, err := read.Rows[struct{ N int }](t.Context(), conn, "numbers", "select n from generate_series(1, 10) n where "+w.String()+" order by n", w.Args.Values...)
		require.NoError(t, err)
		require.Equal(t, []struct{ N int }{{4}, {8}}, rows)
	})
}

func TestRows(t *testing.T) {
	conn := connection(t)
	type row struct {
		Number  int
		Renamed string `db:"text"`
	}
	unknown := fault.New(fault.NotFound, "row_unknown", "There is no such row.")
	t.Run("columns are found by their names", func(t *testing.T) {
		rows, err := read.Rows[row](t.Context(), conn, "rows", "select 'b' as text, 2 as number union all select 'a', 1 order by 1")
		require.NoError(t, err)
		require.Equal(t, []row{{1, "a"}, {2, "b"}}, rows)
	})
	t.Run("an error says what was asked for", func(t *testing.T) {
		for _, sql := range []string{"select 1 as number", "select nothing", "select 1 as number, 'a' as text, 2 as more", "select 1/0 as number, '' as text"} {
			_, err := read.Rows[row](t.Context(), conn, "look for rows", sql)
			require.ErrorContains(t, err, "look for rows: ")
		}
	})
	t.Run("one row, or it is unknown", func(t *testing.T) {
		one, err := read.One[row](t.Context(), conn, unknown, "select $1::int as number, 'a' as text", 7)
		require.NoError(t, err)
		require.Equal(t, row{7, "a"}, one)
		_, err = read.One[row](t.Context(), conn, unknown, "select 1 as number, 'a' as text where false")
		require.ErrorIs(t, err, unknown)
		_, err = read.One[row](t.Context(), conn, unknown, "select nothing")
		require.ErrorContains(t, err, "row_unknown: ")
		require.NotErrorIs(t, err, unknown)
		require.NotErrorIs(t, err, pgx.ErrNoRows)
	})
}
