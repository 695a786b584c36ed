package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"praxis/domain/text/texttest"
)

// field is a property of a request's body: the names that lead to it, [] standing
// for an entry of a list.
type field struct {
	path   []string
	schema *openapi3.Schema
}

// fieldsOf lists the properties of a schema that are strings.
func fieldsOf(s *openapi3.Schema) []field {
	return slices.DeleteFunc(leavesOf(s), func(f field) bool { return !f.schema.Type.Includes(openapi3.TypeString) })
}

// leavesOf lists the properties of a schema that hold no others.
func leavesOf(s *openapi3.Schema, path ...string) (found []field) {
	if !s.Type.Is(openapi3.TypeObject) && !s.Type.Is(openapi3.TypeArray) && len(s.AllOf) == 0 {
		return []field{{slices.Clone(path), s}}
	}
	for _, part := range s.AllOf {
		found = append(found, leavesOf(part.Value, path...)...)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		found = append(found, leavesOf(s.Properties[name].Value, append(slices.Clone(path), name)...)...)
	}
	if s.Items != nil {
		found = append(found, leavesOf(s.Items.Value, append(slices.Clone(path), "[]")...)...)
	}
	return found
}

// isText reports whether people write into the field what they like.
func (f field) isText() bool {
	s := f.schema
	return s.Format == "" && s.Pattern == "" && len(s.Enum) == 0 && s.Const == nil
}

// put returns the value with something else at the path.
func put(value any, path []string, leaf any) any {
	if len(path) == 0 {
		return leaf
	}
	if path[0] == "[]" {
		list, _ := value.([]any)
		if len(list) == 0 {
			return []any{put(nil, path[1:], leaf)}
		}
		return append([]any{put(list[0], path[1:], leaf)}, list[1:]...)
	}
	copied := map[string]any{}
	if given, ok := value.(map[string]any); ok {
		for k, v := range given {
			copied[k] = v
		}
	}
	copied[path[0]] = put(copied[path[0]], path[1:], leaf)
	return copied
}

// holds reports whether a text stands anywhere in an answer.
func holds(value any, text string) bool {
	switch v := value.(type) {
	case string:
		return v == text
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return holds(e, text) })
	case map[string]any:
		for _, e := range v {
			if holds(e, text) {
				return true
			}
		}
	}
	return false
}

// ofOwnForm are the properties that the document leaves open but that have a form
// of their own, with the code that says so.
var ofOwnForm = map[string]string{
	"email": "malformed_email", "phone": "malformed_phone", "website": "malformed_link", "code": "malformed_code",
	"modifiers": "malformed_modifier", "icd10": "malformed_diagnosis", "zone": "zone_unknown", "billingZone": "zone_unknown", "plan": "unknown_plan",
}

// keptElsewhere are the properties that are not in the events of their command: a reason for
// an overlap is kept where something overlaps, that for a duplicate where something looks alike.
var keptElsewhere = []string{"overlapReason", "duplicateReason"}

// choosesBySearch reports whether a property is what the charts of an operation on many are
// searched for, which is kept nowhere.
func choosesBySearch(path, property string) bool {
	return strings.HasSuffix(path, "/charts/bulk") && property == "search"
}

// TestFoundT2_TheCorpusRunsThroughEveryTextField sends every text of the corpus
// through every property of the document into which people write what they like,
// as a dry run, and every instant with a fraction.
func TestFoundT2_TheCorpusRunsThroughEveryTextField(t *testing.T) {
	s := newScene(newStack(t))
	table := rules()
	corpus, people := texttest.Hostile(), texttest.People()
	tried := 0
	for _, template := range s.doc.Paths.InMatchingOrder() {
		for method, o := range s.doc.Paths.Value(template).Operations() {
			r, ok := table[o.OperationID]
			if o.RequestBody == nil || o.OperationID == foreign || !ok || r.may == "" {
				continue
			}
			path := fillPath(template, s.ids)
			if r.path != nil {
				if path += r.path(s); !strings.HasPrefix(r.path(s), "?") {
					path = r.path(s)
				}
			}
			var base any
			raw, err := json.Marshal(bodyFor(s, r))
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(raw, &base))
			if o.OperationID == "startSubscription" { // a label alone is no method of payment
				base = put(base, []string{"paymentMethod", "method"}, "pm_1")
			}
			as := cast[[]rune(r.may)[0]]
			for _, f := range fieldsOf(o.RequestBody.Value.Content["application/json"].Schema.Value) {
				name := strings.Join(f.path, "/")
				base := base
				if named, ok := base.(map[string]any); ok && o.OperationID == "startBulk" && f.path[0] == "filter" {
					found := maps.Clone(named) // It is either that or the charts.
					delete(found, "charts")
					base = found
				}
				if f.schema.Format == "date-time" {
					s.run(t, o.OperationID+"/"+name, func(*testing.T) {
						a := s.send(as, method, path, put(base, f.path, "2026-03-09T13:00:00.5Z"), asDryRun)
						a.refused(http.StatusBadRequest, "instant_not_whole_seconds")
					})
				}
				if !f.isText() {
					continue
				}
				s.run(t, o.OperationID+"/"+name, func(t *testing.T) {
					// Every field meets all that is hostile, and a share of the names; the fields
					// together meet all of them.
					samples := slices.Clone(corpus)
					for n := tried; n < tried+len(people)/4; n++ {
						samples = append(samples, people[n%len(people)])
					}
					tried += len(people) / 4
					for _, sample := range samples {
						s.tries(t, as, method, path, put(base, f.path, sample.Text), r, f, sample)
					}
					broken, err := json.Marshal(put(base, f.path, "HALF"))
					require.NoError(t, err)
					s.send(as, method, path, text(strings.Replace(string(broken), "HALF", `A\ud800`, 1)), asDryRun, malformed).
						refused(http.StatusBadRequest, "malformed_json")
				})
			}
		}
	}
	require.Greater(t, tried, len(people), "every name was tried somewhere")
}

// tries sends one text in one field and asserts that it is refused with its code, or
// kept as it is said to be.
func (s *scene) tries(t *testing.T, as, method, path string, body any, r rule, f field, sample texttest.Sample) {
	t.Helper()
	options := []option{asDryRun}
	isTooLong := f.schema.MaxLength != nil && utf8.RuneCountInString(sample.Text) > int(*f.schema.MaxLength)
	if isTooLong || utf8.RuneCountInString(sample.Text) < int(f.schema.MinLength) {
		options = append(options, malformed)
	}
	a := s.send(as, method, path, body, options...)
	require.Less(t, a.status, http.StatusInternalServerError, "%s: %s", sample.Name, a.body)
	property := f.path[len(f.path)-1]
	if property == "[]" {
		property = f.path[len(f.path)-2]
	}
	own, isOfOwnForm := ofOwnForm[property]
	if a.status >= http.StatusBadRequest {
		code := a.problem().Code
		switch {
		case sample.Line == "malformed_json":
			require.Equal(t, "malformed_json", code, sample.Name)
		case isTooLong:
			require.Contains(t, []string{"invalid_request", "body_too_large"}, code, sample.Name)
		case isOfOwnForm:
			require.Contains(t, []string{own, sample.Line, sample.Note, "invalid_request", "malformed_text", "mail_malformed"}, code, sample.Name)
		case code == r.code: // the scene has no case for the operation
		case code == "no_charts_chosen": // of that name
			require.True(t, choosesBySearch(path, property))
		default:
			require.NotEmpty(t, sample.Line, "%s is refused as %s: %s", sample.Name, code, a.body)
			require.Equal(t, sample.Line, code, sample.Name)
		}
		require.NotContains(t, a.problem().Detail, sample.Text+" ", sample.Name)
		return
	}
	require.False(t, isTooLong, sample.Name)
	if sample.Line != "" { // only a field of several lines takes it
		require.Empty(t, sample.Note, "%s is taken", sample.Name)
	}
	if isOfOwnForm || slices.Contains(keptElsewhere, property) || choosesBySearch(path, property) {
		return
	}
	var answer struct {
		Outcome string
		Events  []any
	}
	a.into(&answer)
	if answer.Outcome == "dry_run" && len(answer.Events) > 0 {
		require.True(t, holds(answer.Events, sample.As()), "%s is kept otherwise: %s", sample.Name, a.body)
	}
}
