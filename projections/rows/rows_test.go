package rows_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/projections/rows"
	"praxis/projections/sums"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

// seat is a place in a row of a theatre.
type seat struct {
	Line   int64  `db:"line"`
	Number int64  `db:"number"`
	Taken  string `db:"taken,null"`
	Times  int64  `db:"times"`
}

type place struct{ Line, Number int64 }

func (s *seat) place() place { return place{s.Line, s.Number} }
func (s *seat) line() int64  { return s.Line }

// sold is a ticket that was sold.
type sold struct {
	N    int64  `db:"n"`
	Whom string `db:"whom"`
}

var (
	seats  = rows.NewTable("seat", (*seat).place, "line", "number")
	inLine = rows.NewIndex(seats, (*seat).line, "line")
	sales  = rows.NewLog[sold]("sold")
)

const theatre = `
create schema theatre;
create table theatre.seat (line bigint, number bigint, taken text, times bigint not null, primary key (line, number));
create table theatre.sold (n bigint not null, whom text not null);`

func open(t testing.TB, ddl string) *pgxpool.Pool {
	t.Helper()
	pool := pgtest.New(t)
	_, err := pool.Exec(t.Context(), ddl)
	require.NoError(t, err)
	return pool
}

// apply writes a batch in a transaction of its own.
func apply(t testing.TB, pool *pgxpool.Pool, b *rows.Batch) (m *rows.Memory, err error) {
	t.Helper()
	err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		var loads pgx.Batch
		b.Load(&loads)
		return cmp.Or(tx.SendBatch(t.Context(), &loads).Close(), b.Write(t.Context(), tx))
	})
	return b.Committed(), err
}

func all[R any](t testing.TB, pool *pgxpool.Pool, sql string) []R {
	t.Helper()
	found, err := pool.Query(t.Context(), sql)
	require.NoError(t, err)
	list, err := pgx.CollectRows(found, pgx.RowToStructByPos[R])
	require.NoError(t, err)
	return list
}

// step is something that happens to the seats: what a projector says of it, and what
// it means.
type step struct {
	note func(*rows.Batch)
	do   func(map[place]seat)
}

func anyStep(t *rapid.T, taken map[place]seat) step {
	at := place{rapid.Int64Range(1, 4).Draw(t, "line"), rapid.Int64Range(1, 30).Draw(t, "number")}
	whom := rapid.SampledFrom([]string{"", "Ada", "Bo"}).Draw(t, "whom")
	take := func(s *seat) { s.Taken, s.Times = whom, s.Times+1 }
	even := func(s *seat) bool { return s.Number%2 == 0 }
	here := func(do func(*seat)) func(map[place]seat) {
		return func(m map[place]seat) {
			if s, ok := m[at]; ok {
				do(&s)
				m[at] = s
			}
		}
	}
	fresh := seat{Line: at.Line, Number: at.Number, Taken: whom}
	switch kind := rapid.IntRange(0, 8).Draw(t, "kind"); kind {
	case 0, 1:
		if _, there := taken[at]; !there {
			return step{func(b *rows.Batch) { seats.Insert(b, fresh) }, func(m map[place]seat) { m[at] = fresh }}
		}
		fallthrough
	case 2:
		return step{func(b *rows.Batch) { seats.Upsert(b, fresh, take) }, func(m map[place]seat) {
			if _, there := m[at]; there {
				here(take)(m)
				return
			}
			m[at] = fresh
		}}
	case 3:
		return step{func(b *rows.Batch) { seats.Change(b, at, take) }, here(take)}
	case 4:
		return step{func(b *rows.Batch) { seats.Delete(b, at) }, func(m map[place]seat) { delete(m, at) }}
	case 5:
		return step{func(b *rows.Batch) { inLine.ChangeThose(b, at.Line, even, take) }, func(m map[place]seat) {
			for k, s := range m {
				if k.Line == at.Line && even(&s) {
					take(&s)
					m[k] = s
				}
			}
		}}
	case 6:
		return step{func(b *rows.Batch) { inLine.Delete(b, at.Line, even) }, func(m map[place]seat) {
			maps.DeleteFunc(m, func(k place, s seat) bool { return k.Line == at.Line && even(&s) })
		}}
	case 7:
		return step{func(b *rows.Batch) { seats.Put(b, fresh) }, func(m map[place]seat) { m[at] = fresh }}
	default:
		// Who sits here also gets the folding seat at the end, unless somebody has it.
		folding := place{at.Line, 100 + at.Number}
		return step{func(b *rows.Batch) {
			var also *seat
			seats.Read(b, at, func(s *seat) { also = &seat{Line: folding.Line, Number: folding.Number, Taken: s.Taken} })
			seats.Read(b, folding, func(*seat) { also = nil })
			seats.InsertMade(b, func() (seat, bool) {
				if also == nil {
					return seat{}, false
				}
				return *also, true
			})
		}, func(m map[place]seat) {
			if _, there := m[folding]; !there {
				here(func(s *seat) { m[folding] = seat{Line: folding.Line, Number: folding.Number, Taken: s.Taken} })(m)
			}
		}}
	}
}

// What becomes of the rows does not depend on how steps are cut into batches, nor on
// how much is remembered between them.
func TestBatch_IsWhatItsStepsAre(t *testing.T) {
	pool := open(t, theatre)
	rapid.Check(t, func(rt *rapid.T) {
		_, err := pool.Exec(t.Context(), "truncate theatre.seat, theatre.sold")
		require.NoError(rt, err)
		want := map[place]seat{}
		memory := rows.NewMemory("theatre", 1000, true)
		batch := memory.Batch()
		steps := rapid.IntRange(1, 400).Draw(rt, "steps")
		cut := rapid.SampledFrom([]int{1, 7, 90, 1000}).Draw(rt, "cut")
		limit := rapid.SampledFrom([]int{0, 20, 1000}).Draw(rt, "limit")
		for n := range steps {
			s := anyStep(rt, want)
			s.note(batch)
			s.do(want)
			sales.Append(batch, sold{int64(n), "somebody"})
			if n%cut == cut-1 || n == steps-1 {
				memory, err = apply(t, pool, batch)
				require.NoError(rt, err)
				if n < steps/2 {
					memory = rows.NewMemory("theatre", limit, false) // as after a failure
				}
				batch = memory.Batch()
			}
		}
		order := func(a, b seat) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Number, b.Number)) }
		require.Equal(rt, slices.SortedFunc(maps.Values(want), order), slices.SortedFunc(slices.Values(
			all[seat](t, pool, "select line, number, coalesce(taken, ''), times from theatre.seat")), order))
		require.Len(rt, all[sold](t, pool, "select * from theatre.sold"), steps)
	})
}

func TestBatch_Truncate(t *testing.T) {
	pool := open(t, theatre)
	b := rows.NewMemory("theatre", 10, false).Batch()
	seats.Insert(b, seat{Line: 1, Number: 1})
	kept := b.Len()
	seats.Insert(b, seat{Line: 1, Number: 2})
	sales.Append(b, sold{1, "Ada"})
	b.Truncate(kept)
	_, err := apply(t, pool, b)
	require.NoError(t, err)
	require.Equal(t, []seat{{Line: 1, Number: 1}}, all[seat](t, pool, "select line, number, coalesce(taken, ''), times from theatre.seat"))
	require.Empty(t, all[sold](t, pool, "select * from theatre.sold"))
}

// A row whose key is taken is refused by Postgres itself, whoever has it and however
// many rows are written with it.
func TestInsert_OfATakenKey(t *testing.T) {
	for _, others := range []int{0, 200} {
		t.Run(fmt.Sprintf("with %d others", others), func(t *testing.T) {
			pool := open(t, theatre)
			refused := func(m *rows.Memory, n int) {
				t.Helper()
				b := m.Batch()
				for range n {
					seats.Insert(b, seat{Line: 1, Number: 1})
				}
				for i := range others {
					seats.Insert(b, seat{Line: 2, Number: int64(i)})
				}
				_, err := apply(t, pool, b)
				var pg *pgconn.PgError
				require.ErrorAs(t, err, &pg)
				require.Equal(t, "23505", pg.Code)
				require.Equal(t, "seat_pkey", pg.ConstraintName)
			}
			refused(rows.NewMemory("theatre", 1000, true), 2)
			first := rows.NewMemory("theatre", 1000, true).Batch()
			seats.Insert(first, seat{Line: 1, Number: 1})
			memory, err := apply(t, pool, first)
			require.NoError(t, err)
			refused(memory, 1)
			refused(rows.NewMemory("theatre", 1000, false), 1)
		})
	}
}

// value is a row with a column of each kind.
type value struct {
	ID      id.Chart          `db:"id"`
	Other   id.Member         `db:"other,null"`
	IDs     []id.Branch       `db:"ids"`
	Text    string            `db:"text"`
	Maybe   string            `db:"maybe,null"`
	Small   int               `db:"small"`
	Number  int64             `db:"number,null"`
	Count   *int              `db:"count"`
	Yes     bool              `db:"yes"`
	Day     civil.Date        `db:"day"`
	At      time.Time         `db:"at"`
	Until   *time.Time        `db:"until"`
	Sum     sums.Exact        `db:"sum"`
	Detail  string            `db:"detail,json"`
	Mapped  map[string]string `db:"mapped,json"`
	Found   []string          `db:"found,words"`
	Place   uint64            `db:"place"`
	Version int64             `db:"version"`
}

const valueTable = `
create schema values_of;
create table values_of.value (id uuid primary key, other uuid, ids uuid[] not null, text text not null, maybe text, small integer not null, number bigint,
  count integer, yes boolean not null, day date, at timestamptz not null, until timestamptz, sum numeric(38) not null, detail jsonb not null, mapped jsonb not null,
  found tsvector not null, place bigint not null, version bigint not null)`

var values = rows.NewTable("value", func(v *value) id.Chart { return v.ID }, "id")

func anyValue(t *rapid.T, n int) value {
	text := rapid.StringOf(rapid.SampledFrom([]rune(`aZ "\{},'é山$%`)))
	v := value{
		ID: id.Derive[id.Chart](strconv.Itoa(n)), Text: text.Draw(t, "text"), Maybe: text.Draw(t, "maybe"), Small: rapid.IntRange(-9, 9).Draw(t, "small"),
		Number: rapid.Int64Range(-1, 1).Draw(t, "number"), Yes: rapid.Bool().Draw(t, "yes"),
		At:     time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC).Add(time.Duration(rapid.IntRange(-1e6, 1e6).Draw(t, "at")) * time.Microsecond),
		Detail: `{"a": [1, "x"]}`, Mapped: map[string]string{"k": text.Draw(t, "mapped")}, Found: []string{}, Place: rapid.Uint64Range(0, 1<<63-1).Draw(t, "place"),
		Sum: sums.Exact{}.Plus(rapid.Int64().Draw(t, "sum")).Plus(rapid.Int64().Draw(t, "more")), IDs: []id.Branch{},
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "ids") {
		v.IDs = append(v.IDs, id.Derive[id.Branch](strconv.Itoa(i)))
	}
	some := text.Filter(func(s string) bool { return s != "" })
	v.Found = append(v.Found, rapid.SliceOfDistinct(some, rapid.ID).Draw(t, "words")...)
	if rapid.Bool().Draw(t, "unset") {
		return v
	}
	v.Other, v.Day, v.Count, v.Until = id.Derive[id.Member]("m"), civil.MustDate("2026-02-28"), &v.Small, &v.At
	return v
}

const valuesAsJSON = "select to_jsonb(v)::text from values_of.value v order by id"

// Copied, inserted or updated, and read back and written once more, a row is the same.
func TestKindsOfColumns(t *testing.T) {
	pool := open(t, valueTable)
	type line struct{ Text string }
	rapid.Check(t, func(rt *rapid.T) {
		var list []value
		for n := range 70 {
			list = append(list, anyValue(rt, n))
		}
		var want []line
		for way, write := range []func(b *rows.Batch, v value){
			func(b *rows.Batch, v value) { values.Insert(b, v) },
			func(b *rows.Batch, v value) {
				values.Insert(b, value{ID: v.ID, IDs: []id.Branch{}, Detail: "{}", Found: []string{}})
				values.Change(b, v.ID, func(r *value) { *r = v })
			},
			func(b *rows.Batch, v value) { values.Upsert(b, v, func(r *value) { r.Version++ }) },
		} {
			for _, size := range []int{1, len(list)} {
				if way < 2 {
					_, err := pool.Exec(t.Context(), "truncate values_of.value")
					require.NoError(rt, err)
				}
				for part := range slices.Chunk(list, size) {
					b := rows.NewMemory("values_of", 0, false).Batch()
					for _, v := range part {
						v.Version = int64(way)
						write(b, v)
					}
					_, err := apply(t, pool, b)
					require.NoError(rt, err)
				}
				_, err := pool.Exec(t.Context(), "update values_of.value set version = 0")
				require.NoError(rt, err)
				got := all[line](t, pool, valuesAsJSON)
				if want == nil {
					want = got
				}
				require.Equal(rt, want, got, "way %d, %d at once", way, size)
			}
		}
		var found int
		err := pool.QueryRow(t.Context(), "select count(*) from values_of.value where found = array_to_tsvector(tsvector_to_array(found)) and sum is not null").Scan(&found)
		require.NoError(rt, err)
		require.Equal(rt, len(list), found)
		for n, v := range list[:3] {
			var text string
			var words []string
			err := pool.QueryRow(t.Context(), "select text, tsvector_to_array(found) from values_of.value where id = $1", v.ID).Scan(&text, &words)
			require.NoError(rt, err)
			require.Equal(rt, v.Text, text, n)
			require.ElementsMatch(rt, v.Found, words)
		}
	})
}

func TestDescriptions(t *testing.T) {
	key := func(*seat) int64 { return 0 }
	require.PanicsWithValue(t, "rows: there is no column elsewhere", func() { rows.NewTable("seat", key, "elsewhere") })
	require.Panics(t, func() { rows.NewTable("seat", (*seat).place, "line") }, "a key of two fields has two columns")
	type untagged struct{ Name string }
	require.Panics(t, func() { rows.NewLog[untagged]("log") })
	type strange struct {
		Name chan int `db:"name"`
	}
	require.PanicsWithValue(t, "rows: no column holds a chan int", func() { rows.NewLog[strange]("log") })
}

func TestWrite_FailsWithItsCause(t *testing.T) {
	pool := open(t, theatre)
	_, err := pool.Exec(t.Context(), "drop table theatre.sold")
	require.NoError(t, err)
	for _, n := range []int{1, 200} {
		b := rows.NewMemory("theatre", 0, false).Batch()
		for i := range n {
			sales.Append(b, sold{N: int64(i)})
		}
		_, err := apply(t, pool, b)
		var pg *pgconn.PgError
		require.ErrorAs(t, err, &pg)
		require.Equal(t, "42P01", pg.Code)
	}
}
