package estest

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/stretchr/testify/require"
)

// paths collects the stored fields that a value sets: every leaf below it, by its
// path in JSON. Of a value that fill has set whole they are those of its type.
type paths map[string]bool

// ofValue adds every leaf that v sets.
func (p paths) ofValue(v reflect.Value, at string) {
	if isLeaf(v.Type()) {
		if !v.IsZero() {
			p[at] = true
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			p.ofValue(v.Elem(), at)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			p.ofValue(v.Index(i), at+"[]")
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			p.ofValue(v.MapIndex(key), at+"[]")
		}
	case reflect.Struct:
		for f := range stored(v.Type()) {
			p.ofValue(v.FieldByIndex(f.Index), at+"/"+nameIn(f))
		}
	default:
		if !v.IsZero() {
			p[at] = true
		}
	}
}

// stored yields the fields of a struct that JSON keeps.
func stored(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			if f.IsExported() && f.Tag.Get("json") != "-" && !yield(f) {
				return
			}
		}
	}
}

func nameIn(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

var (
	readsText = reflect.TypeFor[encoding.TextUnmarshaler]()
	readsJSON = reflect.TypeFor[json.Unmarshaler]()
)

// isLeaf reports whether a type reads itself, so that nothing below it is a field.
func isLeaf(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(readsText) || p.Implements(readsJSON) || t.Implements(readsText)
}

// texts are what types that read themselves are offered; each takes the first that
// fits.
var texts = []string{
	"2026-03-02T14:00:00Z", "2026-03-02", "09:00", "018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e", "America/New_York", "USD", "1", "1.1", "mon", "net_30",
}

// fill sets everything in v that JSON keeps.
func fill(t require.TestingT, v reflect.Value, name string) {
	if isLeaf(v.Type()) {
		for _, text := range texts {
			for _, raw := range []string{fmt.Sprintf("%q", text), text} {
				fresh := reflect.New(v.Type())
				if json.Unmarshal([]byte(raw), fresh.Interface()) == nil && !fresh.Elem().IsZero() {
					v.Set(fresh.Elem())
					return
				}
			}
		}
		require.Fail(t, "no text fits", "%s of %s: add one to texts", name, v.Type())
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), name)
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), name)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, name)
		fill(t, value, name)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for f := range stored(v.Type()) {
			fill(t, v.FieldByIndex(f.Index), nameIn(f))
		}
	case reflect.String:
		v.SetString("some " + name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(len(name)))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(len(name)))
	default:
		require.Fail(t, "no value", "%s of %s", name, v.Type())
	}
}
