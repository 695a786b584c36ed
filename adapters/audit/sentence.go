package audit

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"praxis/domain/es"
	"praxis/domain/money"
)

// few is how many things of a list a sentence names; of more it says the number.
const few = 3

// sentence says what an event of any type changed: its name, then each field with
// its value, amounts with their currency. What may identify a patient or is
// clinical stays out, and so does the reason, which is shown beside it.
func sentence(registry *es.Registry, e es.Envelope) string {
	_, personal := registry.Fields(e.Type)
	var said []string
	for _, part := range parts(reflect.ValueOf(e.Event), personal) {
		if part.name != "reason" {
			said = append(said, part.String())
		}
	}
	what := strings.NewReplacer(".", " ", "_", " ").Replace(words(e.Type))
	what = strings.ToUpper(what[:1]) + what[1:]
	if len(said) == 0 {
		return what + "."
	}
	return what + ": " + strings.Join(said, ", ") + "."
}

// reasonOf is why something was done: the event's own reason, else the one that
// came with the command.
func reasonOf(e es.Envelope) string {
	for _, part := range parts(reflect.ValueOf(e.Event), nil) {
		if part.name == "reason" && part.value != "" {
			return part.value
		}
	}
	return e.Meta.Reason
}

// part is one field of an event.
type part struct{ name, value string }

func (p part) String() string { return strings.TrimSpace(words(p.name) + " " + p.value) }

// parts reads the fields of an event that say something.
func parts(v reflect.Value, without []string) []part {
	var all []part
	if v.Kind() != reflect.Struct {
		return nil
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case !f.IsExported() || name == "-" || slices.Contains(without, name):
		case f.Anonymous && name == "":
			all = append(all, parts(v.Field(i), without)...)
		default:
			if value, says := told(v.Field(i)); says {
				all = append(all, part{name, value})
			}
		}
	}
	return all
}

// told is a value as people read it, and whether it says anything.
func told(v reflect.Value) (string, bool) {
	if m, ok := v.Interface().(money.Money); ok {
		return amount(m), m.Currency != ""
	}
	if v.IsZero() && v.Kind() != reflect.Bool {
		return "", false
	}
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		b, err := text.MarshalText()
		return string(b), err == nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		return told(v.Elem())
	case reflect.Bool:
		if v.Bool() {
			return "yes", true
		}
		return "no", true
	case reflect.Slice:
		return several(v)
	case reflect.Struct:
		inner := parts(v, nil)
		said := make([]string, len(inner))
		for i, p := range inner {
			said[i] = p.String()
		}
		return "(" + strings.Join(said, ", ") + ")", len(said) > 0
	case reflect.Map:
		return fmt.Sprint(v.Len()), true
	default:
		return fmt.Sprint(v.Interface()), true
	}
}

func several(v reflect.Value) (string, bool) {
	if v.Len() > few {
		return fmt.Sprint(v.Len()), true
	}
	var said []string
	for i := range v.Len() {
		if one, says := told(v.Index(i)); says {
			said = append(said, one)
		}
	}
	return strings.Join(said, " and "), len(said) > 0
}

// amount puts the number before the currency, as a sentence does.
func amount(m money.Money) string {
	currency, number, _ := strings.Cut(m.String(), " ")
	return number + " " + currency
}

// words splits the name of a field, such as releasedCredit.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 && !unicode.IsUpper(rune(name[i-1])) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
