package es

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"praxis/domain/id"
)

// Subject is the person whose data an event carries, named by their chart: the
// chart's data key seals the personal fields, in whatever aggregate the event
// belongs. The zero Subject stands for events about no patient.
type Subject struct {
	Group id.Group
	Chart id.Chart
}

// Sealer protects single JSON values of stored events. Open must return values
// that were never sealed unchanged, because the log holds both for ever.
type Sealer interface {
	Seal(Subject, json.RawMessage) (json.RawMessage, error)
	Open(json.RawMessage) (json.RawMessage, error)
}

// sealTeller is a Sealer that can tell cheaply when nothing in the data of an event was
// sealed. The codec then does not take the event apart to open its fields.
type sealTeller interface {
	// Sealed reports whether something in the data may be sealed.
	Sealed(data json.RawMessage) bool
}

// Plain is the Sealer that seals nothing: it keeps the codec's place for data
// keys until the key store of the charts takes it.
type Plain struct{}

// Seal returns the value unchanged.
func (Plain) Seal(_ Subject, v json.RawMessage) (json.RawMessage, error) { return v, nil }

// Sealed reports that nothing ever was.
func (Plain) Sealed(json.RawMessage) bool { return false }

// Open returns the value unchanged.
func (Plain) Open(v json.RawMessage) (json.RawMessage, error) { return v, nil }

// personalFields lists the JSON names of the fields tagged `personal:"true"`. A
// tag that the codec could not honour, on a nested field or on one without a
// name in JSON, is an error: data would be thought sealed that is not.
func personalFields(t reflect.Type) ([]string, error) {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Tag.Get("personal") != "true":
			if hidden := nestedPersonal(f.Type, nil); hidden != "" {
				return nil, fmt.Errorf("field %s.%s is tagged personal, but only the event's own fields are sealed", f.Name, hidden)
			}
		case name == "" || name == "-":
			return nil, fmt.Errorf("field %s is tagged personal but has no name in JSON", f.Name)
		default:
			names = append(names, name)
		}
	}
	return names, nil
}

// nestedPersonal returns the name of a tagged field somewhere inside a type.
func nestedPersonal(t reflect.Type, seen []reflect.Type) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || slices.Contains(seen, t) {
		return ""
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("personal") == "true" {
			return f.Name
		}
		if inner := nestedPersonal(f.Type, append(seen, t)); inner != "" {
			return f.Name + "." + inner
		}
	}
	return ""
}

// transform applies f to the named top-level values of a JSON object.
func transform(data json.RawMessage, names []string, f func(json.RawMessage) (json.RawMessage, error)) (json.RawMessage, error) {
	if len(names) == 0 {
		return data, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, err
	}
	for _, name := range names {
		v, present := object[name]
		if !present {
			continue
		}
		w, err := f(v)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		object[name] = w
	}
	return json.Marshal(object)
}
