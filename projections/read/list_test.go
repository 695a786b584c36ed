package read_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/id"
	"praxis/projections/page"
	"praxis/projections/read"
)

// thing is a row of the lists of these tests.
type thing struct {
	ID    id.Chart
	Count int64
	Label string
	Day   string
	At    time.Time
}

const (
	table  = "create temp table thing (id uuid primary key, count bigint not null, label text not null, day date not null, at timestamptz not null)"
	things = "select id, count, label, day::text as day, at from thing"
)

// keys are those of every kind; the last tells any two rows apart.
var keys = []read.Key[thing]{
	read.Number("count", func(t thing) int64 { return t.Count }),
	read.Text("label", func(t thing) string { return t.Label }),
	read.Day("day", func(t thing) string { return t.Day }),
	read.Instant("at", func(t thing) time.Time { return t.At }),
	read.ID("id", func(t thing) id.Chart { return t.ID }),
}

// texts are hard to put in order, to quote, or to keep apart.
var texts = []string{"", "a", "A", "á", "Ä", "b", "b ", " b", "o'Neill", `back\slash`, `"quoted"`, "$1", "?", "%", "Straße", "😀", "\n", "null"}

// anything makes a row that shares its sort keys with many others.
func anything(t *rapid.T) thing {
	at := time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC).Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "microseconds")) * time.Microsecond)
	return thing{
		ID: id.New[id.Chart](), Count: rapid.SampledFrom([]int64{-1 << 63, -1, 0, 1, 1<<63 - 1}).Draw(t, "count"),
		Label: rapid.SampledFrom(texts).Draw(t, "label"), Day: rapid.SampledFrom([]string{"1900-01-01", "2024-02-29", "2026-11-30"}).Draw(t, "day"), At: at,
	}
}

// connection is one connection, whose temporary tables are gone with it.
func connection(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), pgtest.New(t).Config().ConnConfig)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) })
	return conn
}

// Page by page, in whatever order and direction, a list has every row once, in the order of
// the whole list.
func TestList_PagesHaveEveryRowOnce(t *testing.T) {
	conn := connection(t)
	_, err := conn.Exec(t.Context(), table)
	require.NoError(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(anything), 0, 12).Draw(rt, "rows")
		_, err := conn.Exec(t.Context(), "truncate thing")
		require.NoError(rt, err)
		for _, r := range rows {
			_, err := conn.Exec(t.Context(), "insert into thing values ($1, $2, $3, $4::text::date, $5)", r.ID, r.Count, r.Label, r.Day, r.At)
			require.NoError(rt, err)
		}
		order := read.Order[thing]{Name: "some order", Descending: rapid.Bool().Draw(rt, "descending")}
		for _, n := range rapid.Permutation([]int{0, 1, 2, 3}).Draw(rt, "keys")[:rapid.IntRange(0, 4).Draw(rt, "of them")] {
			order.Keys = append(order.Keys, keys[n])
		}
		order.Keys = append(order.Keys, keys[4])
		where := func() *read.Where { return (&read.Where{}).Filter("label <> ?", rapid.Just("b").Draw(rt, "filter")) }
		whole, next, err := read.List(t.Context(), conn, things, where(), order, "", 0)
		require.NoError(rt, err)
		require.Empty(rt, next)
		limit := rapid.IntRange(1, 4).Draw(rt, "limit")
		paged := []thing{}
		for cursor := page.Token(""); ; {
			var some []thing
			some, cursor, err = read.List(t.Context(), conn, things, where(), order, cursor, limit)
			require.NoError(rt, err)
			paged = append(paged, some...)
			if cursor == "" {
				require.LessOrEqual(rt, len(some), limit)
				require.Equal(rt, len(whole) > 0, len(some) > 0, "no cursor leads to an empty page")
				break
			}
			require.Len(rt, some, limit)
		}
		require.Equal(rt, append([]thing{}, whole...), paged)

		want := map[id.Chart]bool{}
		for _, r := range rows {
			if r.Label != "b" {
				want[r.ID] = true
			}
		}
		got := map[id.Chart]bool{}
		for _, r := range whole {
			got[r.ID] = true
		}
		require.Equal(rt, want, got)
		require.Len(rt, whole, len(want))

		order.Descending = !order.Descending
		back, _, err := read.List(t.Context(), conn, things, where(), order, "", 0)
		require.NoError(rt, err)
		slices.Reverse(back)
		require.Equal(rt, whole, back)
	})
}

// Rows that come and go between two pages neither repeat nor hide others.
func TestList_WhatChangesBetweenPagesHidesNothing(t *testing.T) {
	conn := connection(t)
	_, err := conn.Exec(t.Context(), table+"; insert into thing select gen_random_uuid(), n * 10, '', '2026-01-01', now() from generate_series(1, 6) n")
	require.NoError(t, err)
	order := read.Order[thing]{Name: "count", Keys: []read.Key[thing]{keys[0], keys[4]}}
	first, cursor, err := read.List(t.Context(), conn, things, &read.Where{}, order, "", 3)
	require.NoError(t, err)
	require.Len(t, first, 3)
	_, err = conn.Exec(t.Context(), "delete from thing where count in (10, 30); insert into thing values (gen_random_uuid(), 15, '', '2026-01-01', now()), (gen_random_uuid(), 45, '', '2026-01-01', now())")
	require.NoError(t, err)
	rest, end, err := read.List(t.Context(), conn, things, &read.Where{}, order, cursor, 9)
	require.NoError(t, err)
	require.Empty(t, end)
	var counts []int64
	for _, r := range rest {
		counts = append(counts, r.Count)
	}
	require.Equal(t, []int64{40, 45, 50, 60}, counts)
}

// unasked is a database that must not be asked.
type unasked struct{ testing.TB }

func (u unasked) Query(context.Context, string, ...any) (pgx.Rows, error) {
	require.Fail(u, "the database was asked")
	return nil, pgx.ErrNoRows
}

// Anybody can write a cursor: one that was not handed out for an order is refused before the
// database is asked.
func TestList_RefusesMalformedCursors(t *testing.T) {
	order := read.Order[thing]{Name: "all", Keys: keys}
	good := []string{"7", "a label", "2026-11-30", "2026-11-30T20:15:00.123456Z", id.New[id.Chart]().String()}
	refused := func(t *testing.T, token page.Token) {
		t.Helper()
		_, _, err := read.List(t.Context(), unasked{t}, things, &read.Where{}, order, token, 5)
		require.ErrorIs(t, err, page.ErrMalformed)
	}
	token := func(order string, keys []string) page.Token {
		raw, err := json.Marshal(page.Cursor{Order: order, Keys: keys})
		require.NoError(t, err)
		return page.Token(raw)
	}
	conn := connection(t)
	_, err := conn.Exec(t.Context(), table)
	require.NoError(t, err)
	_, _, err = read.List(t.Context(), conn, things, &read.Where{}, order, token("all", good), 5)
	require.NoError(t, err, "the good one is good")

	for n, wrong := range map[int][]string{
		0: {"", "seven", "7.5", "0x7", "1e3", " 7", "9223372036854775808", "-9223372036854775809", "NaN"},
		2: {"", "2026-02-30", "2026-13-01", "30.11.2026", "20261130", "today", "infinity", "2026-11-30T00:00:00Z"},
		3: {"", "2026-11-30", "2026-11-30 20:15:00", "2026-11-30T25:00:00Z", "2026-11-30T20:15:00", "now", "infinity"},
		4: {"", "7", "not-an-id", good[4] + "0", good[4][:35], "'; drop table thing; --"},
	} {
		for _, key := range wrong {
			t.Run(fmt.Sprintf("key %d is %q", n, key), func(t *testing.T) {
				some := slices.Clone(good)
				some[n] = key
				refused(t, token("all", some))
			})
		}
	}
	for n := range good {
		t.Run(fmt.Sprintf("key %d holds a NUL", n), func(t *testing.T) {
			some := slices.Clone(good)
			some[n] += "\x00"
			refused(t, token("all", some))
		})
	}
	for name, wrong := range map[string]page.Token{
		"of another order": token("other", good), "with a key too few": token("all", good[:4]), "with a key too many": token("all", append(slices.Clone(good), "1")),
		"without keys": token("all", nil), "no JSON": "7", "half a cursor": token("all", good)[:20], "two of them": token("all", good) + token("all", good),
		"a list": "[]", "null": "null", "empty": "{}", "keys that are no texts": `{"o":"all","k":[1,2,3,4,5]}`,
		"too long": page.Token(strings.Repeat("x", 1<<16)),
	} {
		t.Run(name, func(t *testing.T) { refused(t, wrong) })
	}
}
