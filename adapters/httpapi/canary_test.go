package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

// The canaries look like what must never come back: a name and a number of a
// patient, as values and as names of properties.
const (
	canaryName   = "Zebulon Quattlebaum"
	canaryNumber = "078-05-1120"
	canaryKey    = "zq0780511"
)

// Every text that anybody sends is a patient's data as far as the API knows. A
// refused request leaves nothing of it in answers, logs or metrics.
func TestNoValueThatWasSentComesBack(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	ids := map[string]string{"group": p.group, "chart": chart, "clinician": p.members["carla"], "member": p.members["carla"], "role": "user", "capability": "roster.view"}
	// send holds what a refusal says to the rule; what is accepted may come back.
	send := func(t *testing.T, as, method, path string, body any, options ...option) {
		t.Helper()
		a := p.send(as, method, path, body, append(options, malformed)...)
		require.NotEqual(t, http.StatusInternalServerError, a.status, "%s", a.body)
		if a.status >= http.StatusBadRequest {
			requireNoCanary(t, "an answer", string(a.body)+fmt.Sprint(a.header))
		}
	}
	for _, path := range p.doc.Paths.InMatchingOrder() {
		item := p.doc.Paths.Value(path)
		for method, o := range item.Operations() {
			target := fillPath(path, ids)
			p.run(t, o.OperationID, func(t *testing.T) {
				for _, body := range canaryBodies(o) {
					send(t, "olivia", method, target, body)
					send(t, "olivia", method, target, body, asDryRun, header("If-Match", canaryNumber))
					send(t, "zoe", method, target, body)
				}
				send(t, "olivia", method, target+"?"+canaryKey+"="+url.QueryEscape(canaryName), nil)
				for _, parameters := range []openapi3.Parameters{item.Parameters, o.Parameters} {
					for _, parameter := range parameters {
						switch at := parameter.Value; at.In {
						case openapi3.ParameterInQuery:
							send(t, "olivia", method, target+"?"+at.Name+"="+url.QueryEscape(canaryName), nil)
						case openapi3.ParameterInHeader:
							send(t, "olivia", method, target, nil, header(at.Name, canaryName))
						case openapi3.ParameterInPath:
							other := maps.Clone(ids)
							other[at.Name] = url.PathEscape(canaryName)
							send(t, "olivia", method, fillPath(path, other), nil)
						}
					}
				}
			})
		}
	}
	send(t, nobody, http.MethodGet, "/v1/"+url.PathEscape(canaryName), nil)
	send(t, nobody, "X"+canaryKey, "/v1/me", nil)
	send(t, nobody, http.MethodGet, "/v1/me", nil, header("Authorization", "Bearer "+canaryNumber), header("X-Request-Id", canaryNumber))
	p.settle() // Nothing that was accepted stopped a read model.
	requireNoCanary(t, "the log", p.logs.String())
	require.Contains(t, p.logs.String(), `"msg":"request"`)
	metrics := httptest.NewRecorder()
	p.metrics.Handler().ServeHTTP(metrics, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	requireNoCanary(t, "a metric", metrics.Body.String())
	require.Contains(t, metrics.Body.String(), "createChart")
	require.NotContains(t, p.logs.String(), p.group, "paths with ids stay out of the request log")
}

// nobody sends without a token.
const nobody = ""

func requireNoCanary(t *testing.T, where, output string) {
	t.Helper()
	lower := strings.ToLower(output)
	for _, canary := range []string{"zebulon", "quattlebaum", canaryNumber, canaryKey} {
		if i := strings.Index(lower, canary); i >= 0 {
			require.Fail(t, "a value that was sent stands in "+where, "%s", output[max(0, i-300):min(len(output), i+100)])
		}
	}
}

// fillPath puts ids into a path template; things that were never made get an id
// that names nothing.
func fillPath(path string, ids map[string]string) string {
	for {
		before, rest, found := strings.Cut(path, "{")
		if !found {
			return path
		}
		name, after, _ := strings.Cut(rest, "}")
		id, known := ids[name]
		if !known {
			id = "018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"
		}
		path = before + id + after
	}
}

// canaryBodies are bodies with canaries: in every text and as a property, of
// every object; as a list; and as text that is no JSON.
func canaryBodies(o *openapi3.Operation) []any {
	if o.RequestBody == nil {
		return []any{nil, object{canaryKey: canaryName}}
	}
	schema := o.RequestBody.Value.Content.Get("application/json").Schema.Value
	return []any{
		sample(schema, canaryName, ""), sample(schema, canaryNumber, ""), sample(schema, canaryName, canaryKey), sample(schema, "ok", canaryKey),
		[]string{canaryName},
		text(canaryName), text(`{"` + canaryKey + `":"` + canaryNumber), text(`{"` + canaryKey + `":1,"` + canaryKey + `":2}`),
	}
}

// sample makes a value of a schema whose texts are all the given one, and whose
// objects have one more property if extra names one.
func sample(s *openapi3.Schema, value, extra string) any {
	switch {
	case s.Type.Is(openapi3.TypeObject):
		made := map[string]any{}
		for name, of := range s.Properties {
			made[name] = sample(of.Value, value, extra)
		}
		if extra != "" {
			made[extra] = value
		}
		return made
	case s.Type.Is(openapi3.TypeArray):
		return []any{sample(s.Items.Value, value, extra)}
	case s.Type.Is(openapi3.TypeInteger):
		return json.Number("1")
	case s.Type.Is(openapi3.TypeBoolean):
		return true
	case len(s.Enum) > 0 && value == "ok":
		return s.Enum[0]
	}
	return value
}

// What a clinician may read comes back to them, and to nobody's log.
func TestWhatIsKeptIsNotLogged(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Zebulon", "Quattlebaum", "carla")
	p.put("carla", p.path("/charts/", chart, "/demographics"), object{"givenName": "Zebulon", "familyName": "Quattlebaum", "phone": canaryNumber}, header("Praxis-Reason", canaryKey)).done()
	require.Equal(t, []string{"Quattlebaum"}, p.roster("carla", "?search=zebu").families())
	p.get("zoe", p.path("/charts?search=zebulon")).refused(http.StatusNotFound, "group_not_found")
	requireNoCanary(t, "the log", p.logs.String())
}

func TestTextsOfAllKindsComeBackNormalised(t *testing.T) {
	p := newStack(t, onRealStore).staffed()
	for _, name := range []string{"Ø’Brien-Łukasz", "山田", "אבג", "e\u0301", strings.Repeat("𝒜", 100), `Robert'); drop table "roster";--`, "<script>", "100% _x_\\"} {
		chart := p.open("carla", "", name, "carla")
		var one struct{ FamilyName string }
		p.get("carla", p.path("/charts/", chart)).into(&one)
		require.Equal(t, norm.NFC.String(name), one.FamilyName)
	}
}
