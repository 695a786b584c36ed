package rows

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"praxis/domain/civil"
)

// column is one column of a table, and how the field of a row becomes its value.
type column struct {
	name  string
	index []int
	// null says that the zero value of the field is null.
	null bool
	kind
}

// kind is how values of one Go type are written and read.
type kind struct {
	// element is the type in which unnest gets the values, and expression what makes
	// the column's value of such an element, with %s for it.
	element, expression string
	// read is what a column is read by, with %s for it; zero is what null is read as
	// by a field that has no null.
	read, zero string
	// copied is a field as COPY takes it, unnested as unnest does.
	copied, unnested func(reflect.Value) any
}

var (
	dayType     = reflect.TypeFor[civil.Date]()
	instantType = reflect.TypeFor[time.Time]()
	numericType = reflect.TypeFor[pgtype.NumericValuer]()
)

func simple(element, zero string, value func(reflect.Value) any) kind {
	return kind{element: element, expression: "%s", read: "%s", zero: zero, copied: value, unnested: value}
}

// kindOf says how fields of a type become values. option is the word after the
// column's name: "json" for what is kept as jsonb, "words" for a list of words that is
// kept as a tsvector.
func kindOf(t reflect.Type, option string) kind {
	switch {
	case option == "json":
		return simple("jsonb", "", reflect.Value.Interface)
	case option == "words":
		return kind{
			element: "text", expression: "array_to_tsvector(%s::text[])", read: "tsvector_to_array(%s)", copied: vector,
			unnested: func(v reflect.Value) any { return literal(v, reflect.Value.String) },
		}
	case t == dayType:
		return simple("date", "", day)
	case t == instantType:
		return simple("timestamptz", "", reflect.Value.Interface)
	case t.Implements(numericType):
		return simple("numeric", "", reflect.Value.Interface)
	case isID(t):
		return simple("uuid", "'00000000-0000-0000-0000-000000000000'", uuid)
	case t.Kind() == reflect.Slice && isID(t.Elem()):
		return kind{
			element: "text", expression: "%s::uuid[]", read: "%s", copied: ids,
			unnested: func(v reflect.Value) any {
				return literal(v, func(v reflect.Value) string { return fmt.Sprintf("%x", uuid(v)) })
			},
		}
	case t.Kind() == reflect.Pointer:
		k := kindOf(t.Elem(), option)
		of := k.copied
		return simple(k.element, "", func(v reflect.Value) any {
			if v.IsNil() {
				return nil
			}
			return of(v.Elem())
		})
	case t.Kind() == reflect.String:
		return simple("text", "''", func(v reflect.Value) any { return v.String() })
	case t.Kind() == reflect.Bool:
		return simple("boolean", "false", func(v reflect.Value) any { return v.Bool() })
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return simple("bigint", "0", func(v reflect.Value) any { return v.Int() })
	case t.Kind() == reflect.Uint64:
		return simple("bigint", "0", func(v reflect.Value) any { return v.Uint() })
	}
	panic(fmt.Sprintf("rows: no column holds a %s", t))
}

func isID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8
}

// uuid takes an id of an addressable row.
func uuid(v reflect.Value) any { return [16]byte(v.Bytes()) }

func ids(v reflect.Value) any {
	list := make([][16]byte, v.Len())
	for i := range list {
		list[i] = [16]byte(v.Index(i).Bytes())
	}
	return list
}

// day is a civil date; the unset one is null.
func day(v reflect.Value) any {
	d, ok := v.Interface().(civil.Date)
	if !ok || d.IsZero() {
		return nil
	}
	return pgtype.Date{Time: time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC), Valid: true}
}

func vector(v reflect.Value) any {
	lexemes := make([]pgtype.TSVectorLexeme, v.Len())
	for i := range lexemes {
		lexemes[i].Word = v.Index(i).String()
	}
	return pgtype.TSVector{Lexemes: lexemes, Valid: true}
}

var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// literal is a list as Postgres writes an array: unnest takes no lists of lists.
func literal(v reflect.Value, text func(reflect.Value) string) any {
	var list strings.Builder
	for i := range v.Len() {
		fmt.Fprintf(&list, `%c"%s"`, "{,"[min(i, 1)], quoted.Replace(text(v.Index(i))))
	}
	if v.Len() == 0 {
		list.WriteByte('{')
	}
	return list.String() + "}"
}

// columnsOf reads the columns of a struct out of its tags, those of embedded structs
// where they stand.
func columnsOf(t reflect.Type) (all []column) {
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue
		}
		tag, ok := f.Tag.Lookup("db")
		if !ok {
			panic(fmt.Sprintf("rows: field %s of %s has no column", f.Name, t))
		}
		name, options, _ := strings.Cut(tag, ",")
		option, null := strings.CutSuffix(options, "null")
		c := column{name: name, index: f.Index, null: null, kind: kindOf(f.Type, strings.TrimSuffix(option, ","))}
		all = append(all, c)
	}
	return all
}

// get is the value of the column in a row, which must be addressable.
func (c *column) get(row reflect.Value, value func(reflect.Value) any) any {
	f := row
	if c.index != nil { // or else it is a key of one column
		f = row.FieldByIndex(c.index)
	}
	if c.null && f.IsZero() {
		return nil
	}
	return value(f)
}

// selected is the column as a load selects it.
func (c *column) selected() string {
	read := fmt.Sprintf(c.read, "t."+c.name)
	if c.null && c.zero != "" {
		read = "coalesce(" + read + ", " + c.zero + ")"
	}
	return read
}

// unnest is a relation u of the columns, one parameter for each.
func unnest(columns []column) string {
	var parameters, names []string
	for i, c := range columns {
		parameters = append(parameters, fmt.Sprintf("$%d::%s[]", i+1, c.element))
		names = append(names, c.name)
	}
	return "unnest(" + strings.Join(parameters, ", ") + ") as u(" + strings.Join(names, ", ") + ")"
}

// listed writes something for each column.
func listed(columns []column, separator string, write func(*column) string) string {
	var all []string
	for i := range columns {
		all = append(all, write(&columns[i]))
	}
	return strings.Join(all, separator)
}

func named(c *column) string   { return c.name }
func given(c *column) string   { return fmt.Sprintf(c.expression, "u."+c.name) }
func matched(c *column) string { return "t." + c.name + " = u." + c.name }
func set(c *column) string     { return c.name + " = " + given(c) }

// named returns the columns of these names, in this order.
func pick(columns []column, names []string) (picked []column) {
	for _, name := range names {
		i := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
		if i < 0 {
			panic("rows: there is no column " + name)
		}
		picked = append(picked, columns[i])
	}
	return picked
}

// array is one column of many rows as an array that pgx can encode.
type array struct {
	length int
	at     func(int) any
}

// Dimensions implements pgtype.ArrayGetter.
func (a array) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(a.length), LowerBound: 1}}
}

// Index implements pgtype.ArrayGetter.
func (a array) Index(i int) any { return a.at(i) }

// IndexType implements pgtype.ArrayGetter; each element says its type itself.
func (a array) IndexType() any { return nil }
