package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

func TestFoundO7_HeadAnswersLikeGetWithoutABody(t *testing.T) {
	s := newScene(newStack(t))
	s.settle()
	expected := rules()
	for _, template := range s.doc.Paths.InMatchingOrder() {
		o := s.doc.Paths.Value(template).Get
		if o == nil {
			continue
		}
		path := fillPath(template, s.ids)
		if of := expected[o.OperationID].path; of != nil {
			if path = of(s); strings.HasPrefix(path, "?") {
				path = fillPath(template, s.ids) + path
			}
		}
		s.run(t, o.OperationID, func(t *testing.T) {
			get := s.send("olivia", http.MethodGet, path, nil, malformed)
			head := s.send("olivia", http.MethodHead, path, nil, malformed)
			require.Equal(t, get.status, head.status)
			for _, name := range []string{"Content-Type", "ETag", "Content-Disposition", "Cache-Control"} {
				require.Equal(t, get.header.Get(name), head.header.Get(name), name)
			}
		})
	}
}

// A test of what may stand around a well-formed request: what the API makes of
// each is decided here.
func TestFoundO7_WhatStandsAroundARequestIsReadStrictly(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	charts, demographics := p.path("/charts"), p.path("/charts/", chart, "/demographics")
	good := object{"familyName": "Ames"}
	as := func(name string, values ...string) option { return func(c *call) { c.Header[name] = values } }
	tail := p.tail()

	p.run(t, "an escaped slash is no separator", func(t *testing.T) {
		for _, path := range []string{"/v1%2Fme", "/v1/me%2f", p.path("/charts%2F", chart), p.path("/charts/", chart, "%2Fdemographics"), "/v1/groups/..%2F..%2Fhealthz"} {
			p.send("carla", http.MethodGet, path, nil, malformed).refused(http.StatusNotFound, "no_such_path")
		}
		p.put("carla", p.path("/charts/", chart, "%2Fdemographics"), good, malformed).refused(http.StatusNotFound, "no_such_path")
	})
	p.run(t, "other escapes mean the character that they stand for", func(t *testing.T) {
		status, answer := p.wire(t, "GET /v1/%6De HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+p.token("carla")+"\r\nConnection: close\r\n\r\n")
		require.Equal(t, http.StatusOK, status, answer)
	})
	p.run(t, "parameters of a segment belong to the segment", func(t *testing.T) {
		p.send("carla", http.MethodGet, "/v1/me;v=1", nil, malformed).refused(http.StatusNotFound, "no_such_path")
		r := p.send("carla", http.MethodGet, p.path("/charts/", chart, ";v=1"), nil, malformed).refused(http.StatusBadRequest, "invalid_request")
		require.Equal(t, "path.chart", r.Errors[0].Pointer)
	})
	p.run(t, "an encoded body is not read", func(t *testing.T) {
		for _, coding := range []string{"br", "gzip", "deflate", "identity, gzip", "x"} {
			a := p.put("carla", demographics, good, malformed, header("Content-Encoding", coding))
			a.refused(http.StatusUnsupportedMediaType, "unsupported_content_encoding")
			require.Equal(t, "identity", a.header.Get("Accept-Encoding"))
		}
		p.put("carla", demographics, good, malformed, as("Content-Encoding", "identity", "gzip")).refused(http.StatusUnsupportedMediaType, "unsupported_content_encoding")
		require.Equal(t, "dry_run", p.put("carla", demographics, good, asDryRun, header("Content-Encoding", "Identity")).receipt().Outcome)
	})
	p.run(t, "a body is JSON in UTF-8", func(t *testing.T) {
		for _, contentType := range []string{"application/json; charset=latin1", "application/json; charset=utf-16", "application/json; charset", "text/json", "application/merge-patch+json", ""} {
			a := p.put("carla", demographics, good, malformed, header("Content-Type", contentType))
			a.refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
			require.Equal(t, "application/json", a.header.Get("Accept"))
		}
		p.put("carla", demographics, good, malformed, as("Content-Type", "application/json", "text/plain")).refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
		for _, contentType := range []string{"application/json", "APPLICATION/JSON;charset=UTF-8", `application/json; charset="utf-8"`, "application/json; v=1"} {
			require.Equal(t, "dry_run", p.put("carla", demographics, good, malformed, asDryRun, header("Content-Type", contentType)).receipt().Outcome, contentType)
		}
	})
	p.run(t, "an operation has one representation, whatever is accepted", func(t *testing.T) {
		for _, accept := range []string{"text/html", "application/xml;q=1", "x", ""} {
			a := p.send("carla", http.MethodGet, "/v1/me", nil, header("Accept", accept))
			require.Equal(t, http.StatusOK, a.status)
			require.Equal(t, "application/json", a.header.Get("Content-Type"))
		}
	})
	p.run(t, "methods that no operation has are answered with those that the path has", func(t *testing.T) {
		for _, method := range []string{http.MethodOptions, http.MethodTrace, http.MethodPatch, "BREW"} {
			a := p.send("carla", method, charts, nil, malformed)
			a.refused(http.StatusMethodNotAllowed, "method_not_allowed")
			require.Equal(t, "GET, HEAD, POST", a.header.Get("Allow"))
			require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))
		}
		a := p.send("carla", http.MethodHead, demographics, nil, malformed, onPath("/v1/me/contact"))
		require.Equal(t, http.StatusMethodNotAllowed, a.status)
	})
	p.run(t, "no header changes the method or the path", func(t *testing.T) {
		for _, name := range []string{"X-Http-Method-Override", "X-Original-Url", "X-Rewrite-Url"} {
			require.Equal(t, http.StatusOK, p.send("carla", http.MethodGet, "/v1/me", nil, header(name, "DELETE")).status, name)
		}
	})
	p.run(t, "a target is bounded", func(t *testing.T) {
		p.send("carla", http.MethodGet, charts+"?search="+strings.Repeat("a", 8<<10), nil, malformed).refused(http.StatusRequestURITooLong, "target_too_long")
		p.send(nobody, http.MethodGet, "/"+strings.Repeat("a", 8<<10), nil, malformed).refused(http.StatusRequestURITooLong, "target_too_long")
	})
	require.Equal(t, tail, p.tail(), "nothing was appended")
}

// onPath sends a request to another path.
func onPath(path string) option { return func(c *call) { c.URL.Path = path } }

// What a client library would never send is written to the connection as it is.
func TestFoundO7_RequestsOnTheWire(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	token, tail := p.token("carla"), p.tail()
	demographics := p.path("/charts/", chart, "/demographics")
	for name, c := range map[string]struct {
		request string
		status  int
		code    string
	}{
		"absolute form":                     {"GET http://praxis.example/v1/me HTTP/1.1\r\nHost: x\r\n", http.StatusOK, ""},
		"no host":                           {"GET /v1/me HTTP/1.1\r\n", http.StatusBadRequest, ""},
		"two hosts":                         {"GET /v1/me HTTP/1.1\r\nHost: x\r\nHost: y\r\n", http.StatusBadRequest, ""},
		"headers without end":               {"GET /v1/me HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n", http.StatusRequestHeaderFieldsTooLarge, ""},
		"a NUL in a header":                 {"GET /v1/me HTTP/1.1\r\nHost: x\r\nX: \x00\r\n", http.StatusBadRequest, ""},
		"another expectation":               {"GET /v1/me HTTP/1.1\r\nHost: x\r\nExpect: praise\r\n", http.StatusExpectationFailed, ""},
		"two tokens":                        {"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n", http.StatusUnauthorized, "token_malformed"},
		"length and chunks":                 {"PUT " + demographics + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\n", http.StatusNotImplemented, ""},
		"chunks without a length, over all": {"PUT " + demographics + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n", http.StatusRequestEntityTooLarge, "body_too_large"},
	} {
		p.run(t, name, func(t *testing.T) {
			body := ""
			if c.code == "body_too_large" {
				body = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", 65<<10, strings.Repeat(" ", 65<<10))
			}
			status, answer := p.wire(t, c.request+"Authorization: Bearer "+token+"\r\nConnection: close\r\n\r\n"+body)
			require.Equal(t, c.status, status, answer)
			if c.code != "" {
				require.Contains(t, answer, `"code":"`+c.code+`"`)
			}
		})
	}
	p.run(t, "chunks without a length", func(t *testing.T) {
		const chunk = `{"familyName":"Ames"}`
		status, answer := p.wire(t, "PUT "+demographics+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nPraxis-Dry-Run: true\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\nAuthorization: Bearer "+token+
			fmt.Sprintf("\r\nConnection: close\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(chunk), chunk))
		require.Equal(t, http.StatusOK, status, answer)
		require.Contains(t, answer, `"outcome":"dry_run"`)
	})
	require.Equal(t, tail, p.tail(), "nothing was appended")
}

// wire writes a request as it is and reads the final answer.
func (p *practice) wire(t *testing.T, request string) (int, string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	// The server may answer and close before it has read everything.
	_, _ = io.WriteString(conn, request)
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	for err == nil && response.StatusCode == http.StatusContinue {
		response, err = http.ReadResponse(reader, nil)
	}
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode, string(body)
}

// Every header of Praxis is tried at every operation of the document: an operation
// that does not take it says so, and no operation takes what is not well-formed.
func TestFoundT3_HeadersAreHeldToTheDocument(t *testing.T) {
	s := newStack(t)
	hostile := map[string][]string{
		"Idempotency-Key":       {"", " ", strings.Repeat("k", 201), "a\tb", "\xff"},
		"If-Match":              {"", strings.Repeat("1", 33), "\xff"},
		"If-None-Match":         {"", strings.Repeat("1", 401), "\xff"},
		"Praxis-Dry-Run":        {"", "TRUE", "1", "yes", "true, false", "\xff"},
		"Praxis-Reason":         {"", strings.Repeat("x", 501), strings.Repeat("é", 501), "one\ttwo", "one\u0085two", "one\u2028two", "\u202eone", "\u200b", "\xc3(", "\xff"},
		"Praxis-Purpose-Of-Use": {"", "marketing; <script>", "Treatment", "treatment, payment", "\xff"},
		"Praxis-Min-Position":   {"", "1", "-1.1", "1.1.1", "\xff"},
	}
	well := map[string]string{
		"Idempotency-Key": "k", "If-Match": `"0"`, "If-None-Match": `"0"`, "Praxis-Dry-Run": "true",
		"Praxis-Reason": "Asked for by the auditor", "Praxis-Purpose-Of-Use": "treatment", "Praxis-Min-Position": "1.1",
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(hostile)), headersOf(s.doc), "every header of the document is tried")
	token := s.token("olivia")
	// send returns what is wrong with one header of a request that has no body.
	send := func(t *testing.T, method, path, name, value string) []string {
		t.Helper()
		s.t = t
		r := httptest.NewRequestWithContext(t.Context(), method, (&url.URL{Path: path}).String(), nil)
		r.Header["Authorization"], r.Header[name] = []string{"Bearer " + token}, []string{value}
		recorder := httptest.NewRecorder()
		s.api.ServeHTTP(recorder, r)
		a := answer{t: t, status: recorder.Code, header: recorder.Header(), body: recorder.Body.Bytes()}
		require.Less(t, a.status, http.StatusInternalServerError, "%s", a.body)
		s.checkAnswer(r, a)
		if a.status < http.StatusBadRequest || a.status == http.StatusNotModified {
			return nil
		}
		var broken []string
		for _, e := range a.problem().Errors {
			if e.Pointer == "header."+name {
				require.NotContains(t, e.Message, "script")
				broken = append(broken, e.Rule)
			}
		}
		return broken
	}
	// The refusals of a stranger are sampled: this is the one of this minute.
	send(t, http.MethodGet, fillPath("/v1/groups/{group}/charts", nil), "Praxis-Min-Position", well["Praxis-Min-Position"])
	tail := s.tail()
	for template, item := range s.doc.Paths.Map() {
		path := fillPath(template, map[string]string{"role": "user", "capability": "roster.view"})
		for method, o := range item.Operations() {
			s.run(t, o.OperationID, func(t *testing.T) {
				for name, values := range hostile {
					if o.Parameters.GetByInAndName(openapi3.ParameterInHeader, name) == nil {
						require.Equal(t, []string{"unknownHeader"}, send(t, method, path, name, well[name]), "%s is obeyed or ignored", name)
						continue
					}
					require.Empty(t, send(t, method, path, name, well[name]), "%s is refused", name)
					for _, value := range values {
						require.NotEmpty(t, send(t, method, path, name, value), "%s: %q is taken", name, value)
					}
				}
				require.Equal(t, []string{"unknownHeader"}, send(t, method, path, "Praxis-Dryrun", "true"), "a misspelt header is ignored")
			})
		}
	}
	require.Equal(t, tail, s.tail(), "nothing was appended")
}

// headersOf are the names of all headers that some operation takes.
func headersOf(doc *openapi3.T) []string {
	all := map[string]bool{}
	for _, item := range doc.Paths.Map() {
		for _, o := range item.Operations() {
			for _, p := range o.Parameters {
				if p.Value.In == openapi3.ParameterInHeader {
					all[p.Value.Name] = true
				}
			}
		}
	}
	return slices.Collect(maps.Keys(all))
}

func TestFoundS3_MisspeltNamesAreNamedWithTheNearestKnownOne(t *testing.T) {
	p := newStack(t).staffed()
	type finding = struct{ Pointer, Rule, Message string }
	errorsOf := func(a answer) (all []finding) {
		for _, e := range a.refused(http.StatusBadRequest, "invalid_request").Errors {
			all = append(all, finding{e.Pointer, e.Rule, e.Message})
		}
		return all
	}
	const knownOfPatient = " Known are: birthDate, email, familyName, givenName, phone."
	p.run(t, "properties of a body, each once", func(t *testing.T) {
		body := object{"patient": object{"familyName": "A", "birthdate": "2000-01-01", "givn_name": "B", "favourite": "C"}, "primry": "x"}
		require.Equal(t, []finding{
			{"/patient/birthdate", "properties", "The property birthdate is unknown here. Did you mean birthDate?" + knownOfPatient},
			{"/patient/favourite", "properties", "The property favourite is unknown here." + knownOfPatient},
			{"/patient/givn_name", "properties", "The property givn_name is unknown here. Did you mean givenName?" + knownOfPatient},
			{"/primry", "properties", "The property primry is unknown here. Did you mean primary? Known are: allowDuplicate, branch, duplicateReason, patient, primary."},
		}, errorsOf(p.post("carla", p.path("/charts"), body, malformed)))
	})
	p.run(t, "what does not look like a name is not repeated", func(t *testing.T) {
		body := object{"patient": object{"familyName": "A", "078051120": "x", "Ada Abbott": "y", strings.Repeat("a", 41): "z"}}
		require.Equal(t, []finding{{"/patient", "properties", "A property here is unknown." + knownOfPatient}}, errorsOf(p.post("carla", p.path("/charts"), body, malformed)))
	})
	p.run(t, "parameters of a query", func(t *testing.T) {
		found := errorsOf(p.send("carla", http.MethodGet, p.path("/charts?statuss=active&Lim_it=1&078051120=1"), nil, malformed))
		require.Len(t, found, 3)
		_, known, _ := strings.Cut(found[0].Message, "unknown.")
		require.Equal(t, []finding{
			{"query", "unknownParameter", "A parameter here is unknown." + known},
			{"query.Lim_it", "unknownParameter", "The parameter Lim_it is unknown here. Did you mean limit?" + known},
			{"query.statuss", "unknownParameter", "The parameter statuss is unknown here. Did you mean status?" + known},
		}, found)
	})
	p.run(t, "headers", func(t *testing.T) {
		found := errorsOf(p.send("carla", http.MethodGet, p.path("/charts"), nil, malformed, header("Praxis-Min-Positions", "1.1")))
		require.Equal(t, []finding{{"header.Praxis-Min-Positions", "unknownHeader", "The header Praxis-Min-Positions is unknown here. Did you mean Praxis-Min-Position? Known are: Praxis-Min-Position, Praxis-Purpose-Of-Use."}}, found)
	})
}
