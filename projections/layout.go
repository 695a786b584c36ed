package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"praxis/domain/fault"
	"praxis/projections/read"
)

// layout is what there is to know of a table of a projector's build.
type layout struct {
	projector Projector
	table     string
	// key are the columns of the primary key, in its order, written those that the
	// projector writes, and not Postgres.
	key     []column
	written []string
	// columns are all of them.
	columns []string
	// personal are the columns with personal data.
	personal map[string]bool
}

// column is a column of a table and its type in SQL.
type column struct {
	Name      string
	Type      string
	Generated bool
	// Place is that in the primary key, -1 for none.
	Place int
}

// Value is what one column holds, as JSON has it; nil for null, and where the column holds
// personal data that was not asked for.
type Value struct {
	Column string `json:"column"`
	Value  any    `json:"value"`
	// Personal says that the column holds personal data.
	Personal bool `json:"personal,omitempty"`
}

const selectColumns = `
select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, a.attgenerated <> '' or a.attidentity <> '' as generated,
       coalesce(array_position(i.indkey::int2[], a.attnum), -1) as place
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_index i on i.indrelid = c.oid and i.indisprimary
 where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relname = $2
 order by a.attnum`

// layoutOf finds out what a table of a build is like. The build must be there.
func layoutOf(ctx context.Context, q querier, p Projector, build, table string) (layout, error) {
	l := layout{projector: p, table: table, personal: personal(p, table)}
	found, err := read.Rows[column](ctx, q, "read the columns of a table", selectColumns, build, table)
	if err != nil {
		return l, err
	}
	for _, c := range found {
		l.columns = append(l.columns, c.Name)
		if !c.Generated {
			l.written = append(l.written, c.Name)
		}
		if c.Place >= 0 {
			l.key = append(l.key, c)
		}
	}
	slices.SortFunc(l.key, func(a, b column) int { return a.Place - b.Place })
	if len(l.key) == 0 || slices.ContainsFunc(l.key, func(c column) bool { return c.Generated }) {
		return l, fmt.Errorf("table %s of %s has no primary key that its projector writes", table, build)
	}
	return l, nil
}

// personalColumns is the line of a projector's DDL that lists the columns with personal
// data, each as table.column.
var personalColumns = regexp.MustCompile(`(?m)^-- personal data: (.*)$`)

// personal are the columns of a table that hold personal data, as the DDL says.
func personal(p Projector, table string) map[string]bool {
	columns := map[string]bool{}
	for _, line := range personalColumns.FindAllStringSubmatch(p.DDL(), -1) {
		for _, name := range strings.Fields(line[1]) {
			if column, ok := strings.CutPrefix(name, table+"."); ok {
				columns[column] = true
			}
		}
	}
	return columns
}

// findTable finds a table of a read model by its name, after that of the read model and a
// dot, or alone if no other read model has a table of that name. Faults: "unknown_table",
// "ambiguous_table".
func (r *Runner) findTable(name string) (Projector, string, error) {
	var all, found []string
	var p Projector
	for _, of := range r.Projectors {
		for _, t := range of.Tables() {
			whole := of.Name() + "." + t
			all = append(all, whole)
			if name == t || name == whole {
				found, p = append(found, whole), of
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, "", fault.New(fault.NotFound, "unknown_table", "No read model has a table of that name. These are there: %s.", strings.Join(all, ", "))
	case 1:
		return p, found[0][len(p.Name())+1:], nil
	}
	return nil, "", fault.New(fault.Invalid, "ambiguous_table", "Several read models have a table of that name. Say which: %s.", strings.Join(found, ", "))
}

// keyColumns are the names of the columns of the key, in order.
func (l layout) keyColumns() []string {
	names := make([]string, 0, len(l.key))
	for _, c := range l.key {
		names = append(names, c.Name)
	}
	return names
}

// identity names a row among all of its table: the values of its key.
func (l layout) identity(row map[string]any) (string, error) {
	key := make([]any, 0, len(l.key))
	for _, c := range l.key {
		key = append(key, row[c.Name])
	}
	text, err := json.Marshal(key)
	return string(text), err
}

// keyOf is the key of a row.
func (l layout) keyOf(row map[string]any) []Value {
	key := make([]Value, 0, len(l.key))
	for _, c := range l.key {
		key = append(key, Value{Column: c.Name, Value: row[c.Name]})
	}
	return key
}

// same reports whether two values are, as JSON has them.
func same(one, other any) bool { return reflect.DeepEqual(one, other) }

// parsed is a row that is JSON, with numbers as they stand there; nil for none.
func parsed(text []byte) (row map[string]any, err error) {
	if text == nil {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	err = d.Decode(&row)
	return row, err
}
