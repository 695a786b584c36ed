package rows

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Became is what became of one row in the steps of a batch.
type Became struct {
	// Table is the row's table, without its schema.
	Table string
	// Gone says that the row was deleted.
	Gone    bool
	columns []column
	row     reflect.Value
}

// Fold does what was noted to rows in memory alone, tells what became of each of them, in
// the order of the steps, and returns how many rows are known then. The memory must know
// all rows, as one that began empty and was never written; it stays right for the next
// batch. A row can be told of twice, and the last time counts. A panic of a step is the
// caller's, and ends the use of the memory.
func (b *Batch) Fold(tell func(Became)) (known int) {
	for _, step := range b.steps {
		step()
	}
	for _, s := range b.memory.order {
		s.tell(tell)
		known += s.written()
	}
	return known
}

func (s *state[K, R]) tell(tell func(Became)) {
	for _, e := range s.changed {
		tell(Became{Table: s.table.name, Gone: !e.live, columns: s.table.columns, row: reflect.ValueOf(&e.row).Elem()})
	}
}

func (p *pending[R]) tell(tell func(Became)) {
	for _, row := range p.rows {
		tell(Became{Table: p.log.name, columns: p.log.columns, row: reflect.ValueOf(row).Elem()})
	}
}

// Values are the columns of the row that its projector writes, each as to_jsonb of
// Postgres gives it where times are UTC.
func (r Became) Values(names ...string) (map[string]any, error) {
	values := make(map[string]any, len(r.columns))
	for i := range r.columns {
		c := &r.columns[i]
		if len(names) > 0 && !slices.Contains(names, c.name) {
			continue
		}
		v, err := inJSON(c.get(r.row, c.copied))
		if text, ok := v.(string); ok && c.element == "jsonb" {
			v = json.RawMessage(text) // a field that has the JSON already
		}
		if err != nil {
			return nil, fmt.Errorf("column %s of %s: %w", c.name, r.Table, err)
		}
		values[c.name] = v
	}
	return values, nil
}

// inJSON is a value as COPY takes it, as Postgres writes it in JSON.
func inJSON(v any) (any, error) {
	switch v := v.(type) {
	case [16]byte:
		return pgtype.UUID{Bytes: v, Valid: true}.String(), nil
	case [][16]byte:
		list := make([]string, 0, len(v))
		for _, id := range v {
			list = append(list, pgtype.UUID{Bytes: id, Valid: true}.String())
		}
		return list, nil
	case pgtype.Date:
		return v.Time.Format(time.DateOnly), nil
	case time.Time:
		return v.UTC().Truncate(time.Microsecond).Format("2006-01-02T15:04:05.999999-07:00"), nil
	case pgtype.NumericValuer:
		n, err := v.NumericValue()
		if err != nil {
			return nil, err
		}
		text, err := n.MarshalJSON()
		return json.RawMessage(text), err
	case pgtype.TSVector:
		words := make([]string, 0, len(v.Lexemes))
		for _, l := range v.Lexemes {
			words = append(words, "'"+lexeme.Replace(l.Word)+"'")
		}
		slices.Sort(words)
		return strings.Join(slices.Compact(words), " "), nil
	}
	return v, nil
}

var lexeme = strings.NewReplacer(`\`, `\\`, `'`, `''`)
