package es

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What Praxis writes is JSON of few shapes, and nearly all of the time that reading an
// event takes went into parsing it as JSON of any. Here those shapes are read directly;
// whatever is otherwise (a blank, an escape, a name that is not known or comes twice, a
// null) is for the JSON parser, which then reads the whole from its beginning and alone
// says what is wrong. So nothing is accepted here that the parser refuses or reads
// otherwise; tests and fuzzing compare the two.

// plainReader reads the value that begins at b[at:] into v, and returns the index behind
// it. v is zero before, and of no use if it is not ok.
type plainReader func(b []byte, at int, v reflect.Value) (next int, ok bool)

// plainReaderOf returns the reader of a type, nil if the type is for the JSON parser.
// within are the types around it.
func plainReaderOf(t reflect.Type, within ...reflect.Type) plainReader {
	if slices.Contains(within, t) {
		return nil
	}
	within = append(slices.Clone(within), t)
	switch pointer := reflect.PointerTo(t); {
	case pointer.Implements(reflect.TypeFor[json.Unmarshaler]()):
		return plainUnmarshaler
	case pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return plainText
	}
	switch t.Kind() { //nolint:exhaustive // the other kinds are for the JSON parser
	case reflect.String:
		return func(b []byte, at int, v reflect.Value) (int, bool) {
			s, next := plainString(b, at)
			v.SetString(string(s))
			return next, next > 0
		}
	case reflect.Bool:
		return plainBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return plainInt
	case reflect.Pointer:
		if elem := plainReaderOf(t.Elem(), within...); elem != nil {
			return func(b []byte, at int, v reflect.Value) (int, bool) {
				v.Set(reflect.New(t.Elem()))
				return elem(b, at, v.Elem())
			}
		}
	case reflect.Slice:
		// Bytes are kept in base 64.
		if elem := plainReaderOf(t.Elem(), within...); elem != nil && t.Elem().Kind() != reflect.Uint8 {
			return plainSlice(t, elem)
		}
	case reflect.Struct:
		return plainStruct(t, within)
	}
	return nil
}

func plainUnmarshaler(b []byte, at int, v reflect.Value) (int, bool) {
	_, next := plainString(b, at)
	if next == 0 {
		return 0, false
	}
	u, is := v.Addr().Interface().(json.Unmarshaler)
	return next, is && u.UnmarshalJSON(b[at:next]) == nil
}

func plainText(b []byte, at int, v reflect.Value) (int, bool) {
	s, next := plainString(b, at)
	if next == 0 {
		return 0, false
	}
	u, is := v.Addr().Interface().(encoding.TextUnmarshaler)
	return next, is && u.UnmarshalText(s) == nil
}

func plainBool(b []byte, at int, v reflect.Value) (int, bool) {
	switch rest := b[min(at, len(b)):]; {
	case bytes.HasPrefix(rest, []byte("true")):
		v.SetBool(true)
		return at + len("true"), true
	case bytes.HasPrefix(rest, []byte("false")):
		return at + len("false"), true
	}
	return 0, false
}

func plainInt(b []byte, at int, v reflect.Value) (int, bool) {
	next := at
	for next < len(b) && (b[next] >= '0' && b[next] <= '9' || b[next] == '-' && next == at) {
		next++
	}
	digits := strings.TrimPrefix(string(b[at:next]), "-")
	n, err := strconv.ParseInt(string(b[at:next]), 10, 64)
	if err != nil || len(digits) > 1 && digits[0] == '0' || v.OverflowInt(n) {
		return 0, false
	}
	v.SetInt(n)
	return next, true
}

func plainSlice(t reflect.Type, elem plainReader) plainReader {
	return func(b []byte, at int, v reflect.Value) (int, bool) {
		if !byteAt(b, at, '[') {
			return 0, false
		}
		v.Set(reflect.MakeSlice(t, 0, 0))
		if byteAt(b, at+1, ']') {
			return at + 2, true
		}
		for n := 0; ; n++ {
			if n == v.Cap() {
				v.Grow(max(n, 1))
			}
			v.SetLen(n + 1)
			next, ok := elem(b, at+1, v.Index(n))
			switch at = next; {
			case !ok:
				return 0, false
			case byteAt(b, at, ']'):
				return at + 1, true
			case !byteAt(b, at, ','):
				return 0, false
			}
		}
	}
}

// plainField is where the value of one name goes.
type plainField struct {
	index int
	read  plainReader
}

func plainStruct(t reflect.Type, within []reflect.Type) plainReader {
	fields := map[string]plainField{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous || strings.Contains(options, "string") || name == "" && f.IsExported():
			return nil
		case !f.IsExported() || name == "-":
			continue
		}
		read := plainReaderOf(f.Type, within...)
		// Names are compared by the JSON parser whatever their case.
		for other := range fields {
			if strings.EqualFold(other, name) {
				return nil
			}
		}
		if read == nil || i >= 64 {
			return nil
		}
		fields[name] = plainField{i, read}
	}
	return func(b []byte, at int, v reflect.Value) (int, bool) {
		var seen uint64
		return eachMember(b, at, func(name []byte, at int) (int, bool) {
			f, known := fields[string(name)]
			if !known || seen&(1<<f.index) != 0 {
				return 0, false
			}
			seen |= 1 << f.index
			return f.read(b, at, v.Field(f.index))
		})
	}
}

// eachMember calls f with the name of each member of the object at b[at:] and with the
// index of its value; f returns the index behind that. It returns the index behind the
// object.
func eachMember(b []byte, at int, f func(name []byte, at int) (next int, ok bool)) (next int, ok bool) {
	if !byteAt(b, at, '{') {
		return 0, false
	}
	if byteAt(b, at+1, '}') {
		return at + 2, true
	}
	for {
		name, next := plainString(b, at+1)
		if next == 0 || !byteAt(b, next, ':') {
			return 0, false
		}
		at, ok = f(name, next+1)
		switch {
		case !ok:
			return 0, false
		case byteAt(b, at, '}'):
			return at + 1, true
		case !byteAt(b, at, ','):
			return 0, false
		}
	}
}

// eachPlain calls f with each name and value of an object that is all of b and holds
// strings only. It returns false for anything else, whatever f was called with until
// then, and when f does.
func eachPlain(b []byte, f func(name, value []byte) bool) bool {
	end, ok := eachMember(b, 0, func(name []byte, at int) (int, bool) {
		value, next := plainString(b, at)
		return next, next > 0 && f(name, value)
	})
	return ok && end == len(b)
}

// plainString returns what is between the quotes at b[at:] and the index behind them;
// 0 if there is no string there that stands for itself.
func plainString(b []byte, at int) (s []byte, next int) {
	if !byteAt(b, at, '"') {
		return nil, 0
	}
	ascii := true
	for i := at + 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			if s = b[at+1 : i]; ascii || utf8.Valid(s) {
				return s, i + 1
			}
			return nil, 0
		case c < ' ' || c == '\\':
			return nil, 0
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, 0
}

func byteAt(b []byte, at int, c byte) bool { return at < len(b) && b[at] == c }
