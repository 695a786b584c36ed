package httpapi_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// The id of nothing must never read as an id that was left out: a filter by it
// would show everything, and a path to it somebody else's things.
func TestTheIDOfNothingNamesNothing(t *testing.T) {
	const nothing = "00000000-0000-0000-0000-000000000000"
	s := newScene(newStack(t))
	expected := rules()
	s.settle()
	tried := 0
	for _, template := range s.doc.Paths.InMatchingOrder() {
		item := s.doc.Paths.Value(template)
		o := item.Get
		if o == nil || !strings.Contains(template, "{group}") {
			continue
		}
		query := ""
		if r := expected[o.OperationID]; r.path != nil {
			if _, asked, found := strings.Cut(r.path(s), "?"); found {
				query = "?" + asked
			}
		}
		for _, p := range append(append(openapi3.Parameters{}, item.Parameters...), o.Parameters...) {
			schema := p.Value.Schema
			if schema.Value.Items != nil {
				schema = schema.Value.Items
			}
			if p.Value.Name == "group" || schema.Ref != "#/components/schemas/Id" {
				continue
			}
			s.run(t, o.OperationID+" "+p.Value.Name, func(t *testing.T) {
				ids, path := maps.Clone(s.ids), fillPath(template, s.ids)+query
				if p.Value.In == openapi3.ParameterInPath {
					ids[p.Value.Name] = nothing
					path = fillPath(template, ids) + query
				} else {
					path = without(path, p.Value.Name) + p.Value.Name + "=" + nothing
				}
				s.send("olivia", http.MethodGet, path, nil).refused(http.StatusBadRequest, "malformed_id")
				tried++
			})
		}
	}
	require.Greater(t, tried, 20)
}

// without is a path whose query lacks a parameter and can be continued.
func without(path, name string) string {
	before, query, _ := strings.Cut(path, "?")
	kept := "?"
	for part := range strings.SplitSeq(query, "&") {
		if part != "" && !strings.HasPrefix(part, name+"=") {
			kept += part + "&"
		}
	}
	return before + kept
}
