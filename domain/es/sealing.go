package es

import (
	"encoding/json"
	"fmt"
	"reflect"
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

// Plain is the Sealer that seals nothing: it keeps the codec's place for data
// keys until the key store of the charts takes it.
type Plain struct{}

// Seal returns the value unchanged.
func (Plain) Seal(_ Subject, v json.RawMessage) (json.RawMessage, error) { return v, nil }

// Open returns the value unchanged.
func (Plain) Open(v json.RawMessage) (json.RawMessage, error) { return v, nil }

// personalFields lists the JSON names of E's fields tagged `personal:"true"`.
func personalFields(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("personal") != "true" {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
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
