// Package questions makes requests of the API's document: for every operation that
// answers with a list or a file, with each of its filters. An operation or a parameter
// that is new there is asked for, or reported as one that there is no value for, so
// that none is forgotten. It imports the standard library only.
package questions

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Question is one GET request.
type Question struct {
	Operation string
	// Variant is the filter that is set, such as "search=mia"; empty for none.
	Variant string
	// Target is path and query.
	Target string
	// IsPaged reports that the operation takes a cursor, IsFile that it answers with a
	// file and not with JSON. Largest is how many rows a page has at the most.
	IsPaged, IsFile bool
	Largest         int
}

// With is the question with another parameter in its query.
func (q Question) With(name, value string) Question {
	between := "?"
	if strings.Contains(q.Target, "?") {
		between = "&"
	}
	q.Target += between + url.Values{name: {value}}.Encode()
	q.Variant = strings.TrimPrefix(q.Variant+" "+name+"="+value, " ")
	return q
}

// Values are what parameters are asked with, by "operation.parameter" or by
// "parameter" alone. In a path, or where it is required, the first one stands; every
// value of an optional parameter makes a question of its own, so no values leave the
// parameter out. Words that the document lists need none, and a limit is the largest one.
// "operation?" has what stands
// in every query of an operation, such as "member=7".
type Values map[string][]string

func (v Values) of(operation string, p parameter, d document) ([]string, bool) {
	if values, known := v[operation+"."+p.Name]; known {
		return values, true
	}
	if values, known := v[p.Name]; known {
		return values, true
	}
	s := d.schema(p.Schema)
	if s.Items != nil {
		s = d.schema(*s.Items)
	}
	if s.Type == "boolean" {
		return []string{"true", "false"}, true
	}
	if p.Name == "limit" && s.Maximum > 0 {
		return []string{strconv.Itoa(s.Maximum)}, true
	}
	words := s.words()
	return words, len(words) > 0
}

// All returns the questions of a document but for those of some operations, in the
// order of the operations' names. Error: the document cannot be read, or a parameter
// has no value.
func All(raw []byte, values Values, but ...string) ([]Question, error) {
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("the document of the API: %w", err)
	}
	var all []Question
	var errs []error
	for path, item := range d.Paths {
		if item.Get == nil || !d.isList(*item.Get) || slices.Contains(but, item.Get.OperationID) {
			continue
		}
		asked, err := d.ask(path, item, values)
		all, errs = append(all, asked...), append(errs, err)
	}
	slices.SortStableFunc(all, func(a, b Question) int { return strings.Compare(a.Operation, b.Operation) })
	return all, errors.Join(errs...)
}

// ask makes the questions of one operation.
func (d document) ask(path string, item item, values Values) ([]Question, error) {
	op := *item.Get
	plain := Question{Operation: op.OperationID, Target: path, IsFile: !d.isJSON(op)}
	for _, pair := range values[op.OperationID+"?"] {
		name, value, _ := strings.Cut(pair, "=")
		plain = plain.With(name, value)
		plain.Variant = ""
	}
	type filter struct {
		name   string
		values []string
	}
	var filters []filter
	for _, ref := range slices.Concat(item.Parameters, op.Parameters) {
		p := d.parameter(ref)
		if p.Name == "cursor" {
			plain.IsPaged = true
		}
		if p.Name == "limit" {
			plain.Largest = p.Schema.Maximum
		}
		if p.In == "header" || p.Name == "cursor" {
			continue
		}
		found, known := values.of(op.OperationID, p, d)
		switch {
		case !known || p.Required && len(found) == 0:
			return nil, fmt.Errorf("no value for the parameter %s of %s", p.Name, op.OperationID)
		case p.In == "path":
			plain.Target = strings.ReplaceAll(plain.Target, "{"+p.Name+"}", url.PathEscape(found[0]))
		case p.Required:
			plain = plain.With(p.Name, found[0])
			plain.Variant = ""
			filters = append(filters, filter{p.Name, found[1:]})
		default:
			filters = append(filters, filter{p.Name, found})
		}
	}
	all := []Question{plain}
	if plain.IsFile { // It has all rows, so each filter makes less of the same work.
		return all, nil
	}
	for _, f := range filters {
		for _, value := range f.values {
			all = append(all, plain.replaced(f.name, value))
		}
	}
	return all, nil
}

// replaced is the question with another value for a parameter.
func (q Question) replaced(name, value string) Question {
	path, query, _ := strings.Cut(q.Target, "?")
	set, err := url.ParseQuery(query)
	if err != nil || !set.Has(name) {
		return q.With(name, value)
	}
	set.Set(name, value)
	q.Target, q.Variant = path+"?"+set.Encode(), name+"="+value
	return q
}
