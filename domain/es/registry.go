package es

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"praxis/domain/fault"
)

// Row describes one event type: its wire name, the version that is written
// today, how to read it, and how to read the versions before it.
type Row struct {
	// Name is the stable wire name, such as "invoice.payment_recorded".
	Name string
	// Version is the schema version written today; the first is 1.
	Version   int
	upcasters map[int]Upcaster
	goType    reflect.Type
	decode    func([]byte) (any, error)
	personal  []string
	// broken is why the row cannot be used; NewRegistry reports it.
	broken error
}

// Upcaster turns the JSON of one version into that of the next. It must be pure
// and total over every event ever written in its version.
type Upcaster func(json.RawMessage) (json.RawMessage, error)

// Define makes the row of event struct E. The struct's type is only a key for
// finding the row when E is written; the wire name is given here and nowhere
// derived, so that renaming a Go type changes nothing that is stored.
//
// Fields of E with the tag `personal:"true"` identify a patient or say something
// clinical; the codec hands them to its Sealer, so that a log that never
// changes can still forget.
func Define[E any](name string, version int) Row {
	t := reflect.TypeFor[E]()
	personal, err := personalFields(t)
	plain := plainReaderOf(t)
	return Row{
		Name: name, Version: version, goType: t, personal: personal, broken: err,
		decode: func(b []byte) (any, error) {
			var e E
			if plain != nil {
				if end, ok := plain(b, 0, reflect.ValueOf(&e).Elem()); ok && end == len(b) {
					return e, nil
				}
				e = *new(E)
			}
			dec := json.NewDecoder(bytes.NewReader(b))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&e); err != nil {
				return nil, err
			}
			if _, err := dec.Token(); !errors.Is(err, io.EOF) {
				return nil, errors.New("bytes after the event")
			}
			return e, nil
		},
	}
}

// Upcast adds the step from version `from` to version from+1.
func (r Row) Upcast(from int, up Upcaster) Row {
	steps := map[int]Upcaster{from: up}
	maps.Copy(steps, r.upcasters)
	r.upcasters = steps
	return r
}

// Registry knows every event type of the log. It is built once by
// domain/catalog and never changes.
type Registry struct {
	byName map[string]Row
	byType map[reflect.Type]Row
	sealer Sealer
}

// NewRegistry checks the rows and builds the registry: no name and no type
// twice, versions from 1, and for every older version an unbroken chain of
// upcasters up to today's. A program with a broken chain must not start.
func NewRegistry(sealer Sealer, tables ...[]Row) (*Registry, error) {
	r := &Registry{byName: map[string]Row{}, byType: map[reflect.Type]Row{}, sealer: sealer}
	for _, row := range slices.Concat(tables...) {
		if row.broken != nil {
			return nil, fmt.Errorf("event %q: %w", row.Name, row.broken)
		}
		if _, dup := r.byName[row.Name]; dup {
			return nil, fmt.Errorf("event name %q is registered twice", row.Name)
		}
		if other, dup := r.byType[row.goType]; dup {
			return nil, fmt.Errorf("event type %s is registered as %q and %q", row.goType, other.Name, row.Name)
		}
		if row.Version < 1 {
			return nil, fmt.Errorf("event %q has version %d; the first version is 1", row.Name, row.Version)
		}
		for v := 1; v < row.Version; v++ {
			if row.upcasters[v] == nil {
				return nil, fmt.Errorf("event %q is at version %d but has no upcaster from version %d", row.Name, row.Version, v)
			}
		}
		if len(row.upcasters) != row.Version-1 {
			return nil, fmt.Errorf("event %q has upcasters beyond its version %d", row.Name, row.Version)
		}
		r.byName[row.Name], r.byType[row.goType] = row, row
	}
	return r, nil
}

// Names returns every registered wire name, sorted.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.byName)) }

// Version returns the version written today for a wire name, 0 for an unknown one.
func (r *Registry) Version(name string) int { return r.byName[name].Version }

// Fields returns the JSON names of an event's fields in the version written
// today, and which of them are personal.
func (r *Registry) Fields(name string) (fields, personal []string) {
	row, ok := r.byName[name]
	if !ok {
		return nil, nil
	}
	for _, f := range reflect.VisibleFields(row.goType) {
		if field, _, _ := strings.Cut(f.Tag.Get("json"), ","); field != "" && f.IsExported() {
			fields = append(fields, field)
		}
	}
	return fields, row.personal
}

// NameOf returns the wire name of an event struct, "" if it is not registered.
func (r *Registry) NameOf(event any) string { return r.byType[reflect.TypeOf(event)].Name }

// Encode turns an event into its stored form. subject names whose data key
// seals its personal fields; meta is completed with the schema version.
func (r *Registry) Encode(event any, subject Subject, meta Metadata) (typ string, data, metadata []byte, err error) {
	row, ok := r.byType[reflect.TypeOf(event)]
	if !ok {
		return "", nil, nil, fmt.Errorf("event type %T is not registered", event)
	}
	if data, err = json.Marshal(event); err != nil {
		return "", nil, nil, fmt.Errorf("encode %s: %w", row.Name, err)
	}
	// An event that could never be read again would stop every reader for good, so
	// it is read back before it is written.
	if _, err := row.decode(data); err != nil {
		return "", nil, nil, fmt.Errorf("encode %s: it could not be read back: %w", row.Name, err)
	}
	if data, err = transform(data, row.personal, func(v json.RawMessage) (json.RawMessage, error) {
		return r.sealer.Seal(subject, v)
	}); err != nil {
		return "", nil, nil, fmt.Errorf("seal %s: %w", row.Name, err)
	}
	meta.SchemaVersion = row.Version
	if metadata, err = meta.Encode(); err != nil {
		return "", nil, nil, fmt.Errorf("encode metadata of %s: %w", row.Name, err)
	}
	return row.Name, data, metadata, nil
}

// Decode turns a recorded event into its envelope. An unknown name, a version
// newer than this program writes, and bytes that do not fit are errors
// ("event_unreadable"), never skipped: a reader that goes on would be wrong.
func (r *Registry) Decode(rec Recorded) (Envelope, error) {
	fail := func(err error) (Envelope, error) {
		return Envelope{}, errUnreadable.Because(fmt.Errorf("%s at %s@%d: %w", rec.Type, rec.Stream, rec.Revision, err))
	}
	meta, err := DecodeMetadata(rec.Metadata)
	if err != nil {
		return fail(err)
	}
	row, ok := r.byName[rec.Type]
	if !ok {
		return fail(fmt.Errorf("unknown event name"))
	}
	if meta.SchemaVersion > row.Version {
		return fail(fmt.Errorf("version %d is newer than this program's %d", meta.SchemaVersion, row.Version))
	}
	data := json.RawMessage(rec.Data)
	if sealer, tells := r.sealer.(sealTeller); !tells || sealer.Sealed(data) {
		if data, err = transform(data, row.personal, r.sealer.Open); err != nil {
			return fail(err)
		}
	}
	for v := meta.SchemaVersion; v < row.Version; v++ {
		if data, err = row.upcasters[v](data); err != nil {
			return fail(fmt.Errorf("upcast from version %d: %w", v, err))
		}
	}
	event, err := row.decode(data)
	if err != nil {
		return fail(err)
	}
	if !meta.RecordedAt.IsZero() {
		rec.RecordedAt = meta.RecordedAt.UTC()
	}
	return Envelope{Recorded: rec, Meta: meta, Event: event}, nil
}

var errUnreadable = fault.New(fault.Internal, "event_unreadable", "A stored event cannot be read by this version of Praxis. Upgrade Praxis, or report the event named in the log.")
