package rows

import (
	"context"
	"reflect"

	"github.com/jackc/pgx/v5"
)

// Memory is what is known of the rows of one projection. It is no longer right once
// a transaction failed that wrote a batch of it, or somebody else wrote.
type Memory struct {
	schema string
	limit  int
	// complete says that whatever is not known here is not stored either.
	complete bool
	tables   map[any]rowset
	order    []rowset
}

// NewMemory remembers about limit rows of the tables of a schema; beyond that it
// forgets all of them and starts again. empty says that the tables have no rows yet,
// so that nothing need be loaded.
func NewMemory(schema string, limit int, empty bool) *Memory {
	return &Memory{schema: schema, limit: limit, complete: empty, tables: map[any]rowset{}}
}

// Batch begins a batch.
func (m *Memory) Batch() *Batch { return &Batch{memory: m} }

func (m *Memory) add(table any, s rowset) {
	m.tables[table] = s
	m.order = append(m.order, s)
}

// rowset is what is known of one table.
type rowset interface {
	// load queues the statements that load what was asked for.
	load(q *pgx.Batch, schema string)
	// write queues what is small and copies what is not.
	write(w *writer)
	// written notes that everything was committed, and returns how many rows are known.
	written() int
	forget()
	// tell tells what became of rows in the steps of a batch that is not written.
	tell(tell func(Became))
}

// Batch is what some events do to the rows of a projection.
type Batch struct {
	memory *Memory
	steps  []func()
}

func (b *Batch) do(step func()) { b.steps = append(b.steps, step) }

// Len is the number of steps that were noted.
func (b *Batch) Len() int { return len(b.steps) }

// Truncate forgets all but the first n steps; nothing may be noted after that.
func (b *Batch) Truncate(n int) { b.steps = b.steps[:n] }

// Load queues the statements that load what the batch needs to know. They must be
// sent, and their results read, before Write.
func (b *Batch) Load(q *pgx.Batch) {
	for _, s := range b.memory.order {
		s.load(q, b.memory.schema)
	}
}

// Write does what was noted and writes the rows. A panic of a step is the caller's.
func (b *Batch) Write(ctx context.Context, tx pgx.Tx) error {
	for _, step := range b.steps {
		step()
	}
	w := &writer{schema: b.memory.schema}
	for _, s := range b.memory.order {
		s.write(w)
	}
	return w.send(ctx, tx)
}

// Committed notes that the transaction was committed and returns the memory for the
// next batch. Without it, the memory must not be used any more.
func (b *Batch) Committed() *Memory {
	known := 0
	for _, s := range b.memory.order {
		known += s.written()
	}
	if known > b.memory.limit {
		b.memory.complete = false
		for _, s := range b.memory.order {
			s.forget()
		}
	}
	return b.memory
}

// entry is one row.
type entry[R any] struct {
	row R
	// live says that the row is there, as the steps so far have it; stored that it is in
	// the database; queued that it is among those that changed.
	live, stored, queued bool
}

// state is what is known of a table.
type state[K comparable, R any] struct {
	table  *Table[K, R]
	memory *Memory
	known  map[K]*entry[R]
	sides  []side[R]
	// asked are the keys about which nothing more need be loaded for this batch, and
	// wanted those of them to load.
	asked  map[K]struct{}
	wanted []K
	// changed are the entries to be written, doubled the rows whose key is taken, and
	// removed the keys of rows of which only the key is known.
	changed []*entry[R]
	doubled []*R
	removed []K
}

// side is what is known by an index.
type side[R any] interface {
	add(*entry[R])
	load(q *pgx.Batch, schema string)
	written()
	forget()
}

// want asks for a row to be loaded before the steps.
func (s *state[K, R]) want(k K) {
	if s.memory.complete || s.known[k] != nil {
		return
	}
	if _, ok := s.asked[k]; !ok {
		s.asked[k] = struct{}{}
		s.wanted = append(s.wanted, k)
	}
}

// found notes that nothing need be loaded about a key.
func (s *state[K, R]) found(k K) {
	if !s.memory.complete {
		s.asked[k] = struct{}{}
	}
}

func (s *state[K, R]) touch(e *entry[R]) {
	if !e.queued {
		e.queued = true
		s.changed = append(s.changed, e)
	}
}

// know takes an entry that is there.
func (s *state[K, R]) know(k K, e *entry[R]) {
	s.known[k] = e
	for _, side := range s.sides {
		side.add(e)
	}
}

func (s *state[K, R]) insert(row R) {
	k := s.table.key(&row)
	if e := s.known[k]; e != nil && e.live {
		// Postgres finds that out, and says so as it always does.
		s.doubled = append(s.doubled, &row)
		return
	}
	e := &entry[R]{row: row, live: true}
	s.know(k, e)
	s.touch(e)
}

func (s *state[K, R]) remove(k K) {
	e := s.known[k]
	if e == nil {
		// Now it is known not to be there.
		s.known[k] = &entry[R]{}
		if !s.memory.complete {
			s.removed = append(s.removed, k)
		}
		return
	}
	if e.live {
		e.live = false
		s.touch(e)
	}
}

func (s *state[K, R]) load(q *pgx.Batch, schema string) {
	if len(s.wanted) > 0 {
		s.queueLoad(q, schema, s.table.keyed, arrays(s.table.keyed, s.wanted))
		s.wanted = nil
	}
	for _, side := range s.sides {
		side.load(q, schema)
	}
}

// queueLoad queues a load of the rows with these values of some columns.
func (s *state[K, R]) queueLoad(q *pgx.Batch, schema string, keyed []column, values []any) {
	q.Queue("select "+listed(s.table.columns, ", ", (*column).selected)+
		" from "+unnest(keyed)+" join "+qualified(schema, s.table.name)+" t on "+listed(keyed, " and ", matched), values...,
	).Query(func(found pgx.Rows) error {
		rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[R])
		for _, row := range rows {
			// What is known already is newer, or is known to be gone.
			if k := s.table.key(&row); s.known[k] == nil {
				s.know(k, &entry[R]{row: row, live: true, stored: true})
			}
		}
		return err
	})
}

func (s *state[K, R]) write(w *writer) {
	t := s.table
	var deleted, updated, inserted []*R
	for _, e := range s.changed {
		switch {
		case e.live && e.stored:
			updated = append(updated, &e.row)
		case e.live:
			inserted = append(inserted, &e.row)
		case e.stored:
			deleted = append(deleted, &e.row)
		}
	}
	removed := s.removed
	for _, row := range deleted {
		removed = append(removed, t.key(row))
	}
	name := qualified(w.schema, t.name)
	if len(removed) > 0 {
		w.first.Queue("delete from "+name+" t using "+unnest(t.keyed)+" where "+listed(t.keyed, " and ", matched), arrays(t.keyed, removed)...)
	}
	if len(updated) > 0 && len(t.others) > 0 {
		w.first.Queue("update "+name+" t set "+listed(t.others, ", ", set)+" from "+unnest(t.columns)+" where "+listed(t.keyed, " and ", matched),
			arraysOf(t.columns, updated)...)
	}
	insert(w, t.name, t.columns, append(inserted, s.doubled...))
}

func (s *state[K, R]) written() int {
	for _, e := range s.changed {
		e.stored, e.queued = e.live, false
	}
	s.changed, s.doubled, s.removed, s.wanted = s.changed[:0], nil, nil, nil
	clear(s.asked)
	for _, side := range s.sides {
		side.written()
	}
	return len(s.known)
}

func (s *state[K, R]) forget() {
	s.known, s.asked = map[K]*entry[R]{}, map[K]struct{}{}
	s.changed = nil
	for _, side := range s.sides {
		side.forget()
	}
}

// found are the rows of a table by the values of an index.
type found[S, K comparable, R any] struct {
	index *Index[S, K, R]
	state *state[K, R]
	rows  map[S][]*entry[R]
	// whole are the values of which all rows are known, or will be when loaded.
	whole  map[S]struct{}
	wanted []S
}

func (f *found[S, K, R]) want(v S) {
	if f.state.memory.complete {
		return
	}
	if _, ok := f.whole[v]; !ok {
		f.whole[v] = struct{}{}
		f.wanted = append(f.wanted, v)
	}
}

func (f *found[S, K, R]) add(e *entry[R]) {
	v := f.index.of(&e.row)
	f.rows[v] = append(f.rows[v], e)
}

func (f *found[S, K, R]) load(q *pgx.Batch, schema string) {
	if len(f.wanted) > 0 {
		f.state.queueLoad(q, schema, f.index.keyed, arrays(f.index.keyed, f.wanted))
		f.wanted = nil
	}
}

func (f *found[S, K, R]) written() {}

func (f *found[S, K, R]) forget() { f.rows, f.whole = map[S][]*entry[R]{}, map[S]struct{}{} }

// pending are the rows that a batch adds to a Log.
type pending[R any] struct {
	log  *Log[R]
	rows []*R
}

func (p *pending[R]) load(*pgx.Batch, string) {}

func (p *pending[R]) write(w *writer) { insert(w, p.log.name, p.log.columns, p.rows) }

func (p *pending[R]) written() int {
	p.rows = p.rows[:0]
	return 0
}

func (p *pending[R]) forget() { p.rows = nil }

// arraysOf is one array for each column of rows.
func arraysOf[R any](columns []column, rows []*R) []any {
	all := make([]any, 0, len(columns))
	for i := range columns {
		c := &columns[i]
		all = append(all, array{len(rows), func(n int) any { return c.get(reflect.ValueOf(rows[n]).Elem(), c.unnested) }})
	}
	return all
}

// arrays is one array for each column of keys.
func arrays[K any](columns []column, keys []K) []any {
	rows := make([]*K, len(keys))
	for i := range keys {
		rows[i] = &keys[i]
	}
	return arraysOf(columns, rows)
}
