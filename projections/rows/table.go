package rows

import (
	"fmt"
	"reflect"
)

// Table is a table whose rows change. K is its primary key and R a row, a struct
// with every column that the read model writes; what Postgres generates is none of
// them. A Table is made once and used for every projection's memory.
type Table[K comparable, R any] struct {
	name string
	key  func(*R) K
	// columns are those of R, keyed those of K among them, in its order, and others
	// the rest.
	columns, keyed, others []column
	indexes                []func(*state[K, R]) side[R]
}

// NewTable describes a table: its name, how the key is read from a row, and the
// columns of the key, in the order of the fields of K if it is a struct. It panics
// where a field has no column, a column no field, or a type cannot be kept.
func NewTable[K comparable, R any](name string, key func(*R) K, columns ...string) *Table[K, R] {
	t := &Table[K, R]{name: name, key: key, columns: columnsOf(reflect.TypeFor[R]())}
	t.keyed = keyColumns[K](t.columns, columns)
	for _, c := range t.columns {
		if !isOne(t.keyed, c.name) {
			t.others = append(t.others, c)
		}
	}
	return t
}

// keyColumns are columns of a row as the fields of a key.
func keyColumns[K any](of []column, names []string) []column {
	picked := pick(of, names)
	t := reflect.TypeFor[K]()
	if t.Kind() != reflect.Struct {
		picked[0].index = nil
		return picked[:1:1]
	}
	if t.NumField() != len(picked) {
		panic(fmt.Sprintf("rows: %s has %d fields for the columns %v", t, t.NumField(), names))
	}
	for i := range picked {
		picked[i].index = []int{i}
	}
	return picked
}

func isOne(columns []column, name string) bool {
	for _, c := range columns {
		if c.name == name {
			return true
		}
	}
	return false
}

// Insert adds a row whose key no row has; if one has it, Postgres refuses the event.
func (t *Table[K, R]) Insert(b *Batch, row R) {
	s := t.in(b)
	s.found(t.key(&row))
	b.do(func() { s.insert(row) })
}

// InsertMade adds the row that an earlier step has made by then, if it made one. It
// is for rows that come of others, such as the second half of one that is divided.
func (t *Table[K, R]) InsertMade(b *Batch, row func() (R, bool)) {
	s := t.in(b)
	b.do(func() {
		if r, ok := row(); ok {
			s.insert(r)
		}
	})
}

// Upsert changes the row of the same key, if there is one, and else adds this one.
// A nil change leaves what is there as it is.
func (t *Table[K, R]) Upsert(b *Batch, row R, change func(*R)) {
	s, k := t.in(b), t.key(&row)
	s.want(k)
	b.do(func() {
		switch e := s.known[k]; {
		case e == nil || !e.live:
			s.insert(row)
		case change != nil:
			change(&e.row)
			s.touch(e)
		}
	})
}

// Change changes the row of a key, if there is one. The change leaves the key, and
// what an Index is over, as it is.
func (t *Table[K, R]) Change(b *Batch, key K, change func(*R)) {
	s := t.in(b)
	s.want(key)
	b.do(func() {
		if e := s.known[key]; e != nil && e.live {
			change(&e.row)
			s.touch(e)
		}
	})
}

// Read looks at the row of a key, if there is one, for a later step.
func (t *Table[K, R]) Read(b *Batch, key K, look func(*R)) {
	s := t.in(b)
	s.want(key)
	b.do(func() {
		if e := s.known[key]; e != nil && e.live {
			row := e.row
			look(&row)
		}
	})
}

// Delete removes the row of a key, if there is one.
func (t *Table[K, R]) Delete(b *Batch, key K) {
	s := t.in(b)
	b.do(func() { s.remove(key) })
}

// Put adds a row in the place of the one that has its key, if there is one.
func (t *Table[K, R]) Put(b *Batch, row R) {
	t.Delete(b, t.key(&row))
	t.Insert(b, row)
}

// in is what a batch's memory has of the table.
func (t *Table[K, R]) in(b *Batch) *state[K, R] {
	if s, ok := b.memory.tables[t].(*state[K, R]); ok {
		return s
	}
	s := &state[K, R]{table: t, memory: b.memory}
	s.forget()
	for _, index := range t.indexes {
		s.sides = append(s.sides, index(s))
	}
	b.memory.add(t, s)
	return s
}

// Index finds the rows of a table that have something in common: the values S of
// some columns. They never change in a row.
type Index[S, K comparable, R any] struct {
	table *Table[K, R]
	place int
	of    func(*R) S
	keyed []column
}

// NewIndex describes an index over columns, in the order of the fields of S if it is a
// struct. The table needs an index on them that begins with them.
func NewIndex[S, K comparable, R any](t *Table[K, R], of func(*R) S, columns ...string) *Index[S, K, R] {
	x := &Index[S, K, R]{table: t, place: len(t.indexes), of: of, keyed: keyColumns[S](t.columns, columns)}
	t.indexes = append(t.indexes, func(s *state[K, R]) side[R] {
		of := &found[S, K, R]{index: x, state: s}
		of.forget()
		return of
	})
	return x
}

// Change changes every row that has the value.
func (x *Index[S, K, R]) Change(b *Batch, value S, change func(*R)) {
	x.ChangeThose(b, value, func(*R) bool { return true }, change)
}

// ChangeThose changes the rows that have the value and meet a condition.
func (x *Index[S, K, R]) ChangeThose(b *Batch, value S, those func(*R) bool, change func(*R)) {
	f := x.in(b)
	f.want(value)
	b.do(func() {
		for _, e := range f.rows[value] {
			if e.live && those(&e.row) {
				change(&e.row)
				f.state.touch(e)
			}
		}
	})
}

// Delete removes the rows that have the value and meet a condition.
func (x *Index[S, K, R]) Delete(b *Batch, value S, those func(*R) bool) {
	f := x.in(b)
	f.want(value)
	b.do(func() {
		for _, e := range f.rows[value] {
			if e.live && those(&e.row) {
				f.state.remove(x.table.key(&e.row))
			}
		}
	})
}

func (x *Index[S, K, R]) in(b *Batch) *found[S, K, R] {
	return x.table.in(b).sides[x.place].(*found[S, K, R]) //nolint:errcheck,forcetypeassert // NewIndex put it there.
}

// Log is a table to which rows are only added. R is a row, as of a Table.
type Log[R any] struct {
	name    string
	columns []column
}

// NewLog describes a table. It panics as NewTable does.
func NewLog[R any](name string) *Log[R] {
	return &Log[R]{name: name, columns: columnsOf(reflect.TypeFor[R]())}
}

// Append adds a row.
func (l *Log[R]) Append(b *Batch, row R) {
	s, ok := b.memory.tables[l].(*pending[R])
	if !ok {
		s = &pending[R]{log: l}
		b.memory.add(l, s)
	}
	b.do(func() { s.rows = append(s.rows, &row) })
}
