package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/require"
)

// object is a JSON object on its way out; text is a body that is sent as it is.
type (
	object map[string]any
	text   string
)

// call is one request.
type call struct {
	*http.Request
	body []byte
	// breaksContract says that the request is meant not to fit the document.
	breaksContract bool
}

// option changes a request before it is sent.
type option func(*call)

func header(name, value string) option { return func(c *call) { c.Header.Set(name, value) } }

func key(k string) option { return header("Idempotency-Key", k) }

// asDryRun asks for the events only.
func asDryRun(c *call) { c.Header.Set("Praxis-Dry-Run", "true") }

// malformed lets a request through the harness that the API must refuse.
func malformed(c *call) { c.breaksContract = true }

// send sends a request and holds both it and its answer to the document.
func (s *stack) send(as, method, path string, body any, options ...option) answer {
	s.t.Helper()
	s.clock.Pass(time.Second)
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, nil)
	require.NoError(s.t, err)
	c := &call{Request: req}
	switch b := body.(type) {
	case nil:
	case text:
		c.body = []byte(b)
	default:
		c.body, err = json.Marshal(b)
		require.NoError(s.t, err)
	}
	if c.body != nil {
		c.Header.Set("Content-Type", "application/json")
		c.Body = io.NopCloser(bytes.NewReader(c.body))
		c.ContentLength = int64(len(c.body))
	}
	if as != "" {
		c.Header.Set("Authorization", "Bearer "+s.token(as))
	}
	for _, o := range options {
		o(c)
	}
	s.checkRequest(c)
	response, err := s.client.Do(c.Request)
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, response.Body.Close()) }()
	raw, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	a := answer{t: s.t, status: response.StatusCode, header: response.Header, body: raw}
	s.checkAnswer(c.Request, a)
	if position := a.header.Get("Praxis-Position"); position != "" && method != http.MethodGet && method != http.MethodHead {
		s.position = position
	}
	return a
}

func (s *stack) token(subject string) string {
	s.t.Helper()
	token, err := s.issuer.Token(subject)
	require.NoError(s.t, err)
	return token
}

// get asks, with everything that this stack's receipts speak of already visible.
func (s *stack) get(as, path string, options ...option) answer {
	s.t.Helper()
	if s.position != "" && s.knowsMinPosition(path) {
		options = append([]option{header("Praxis-Min-Position", s.position)}, options...)
	}
	return s.send(as, http.MethodGet, path, nil, options...)
}

func (s *stack) post(as, path string, body any, options ...option) answer {
	s.t.Helper()
	return s.send(as, http.MethodPost, path, body, options...)
}

func (s *stack) put(as, path string, body any, options ...option) answer {
	s.t.Helper()
	return s.send(as, http.MethodPut, path, body, options...)
}

// route finds the operation of a request; nil for paths that the API has not.
func (s *stack) route(r *http.Request) (*routers.Route, map[string]string) {
	if strings.Contains(strings.ToLower(r.URL.EscapedPath()), "%2f") {
		return nil, nil
	}
	route, vars, err := s.router.FindRoute(r)
	if err != nil {
		return nil, nil
	}
	return route, vars
}

func (s *stack) knowsMinPosition(path string) bool {
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	require.NoError(s.t, err)
	route, _ := s.route(req)
	return route != nil && route.Operation.Parameters.GetByInAndName("header", "Praxis-Min-Position") != nil
}

// checkRequest holds a request to the document, so that no test passes by
// sending what the document does not allow.
func (s *stack) checkRequest(c *call) {
	s.t.Helper()
	if c.breaksContract {
		return
	}
	route, vars := s.route(c.Request)
	require.NotNil(s.t, route, "%s %s is not in the document", c.Method, c.URL.Path)
	copied := c.Clone(s.t.Context())
	copied.Body = io.NopCloser(bytes.NewReader(c.body))
	for name := range c.URL.Query() {
		known := route.Operation.Parameters.GetByInAndName("query", name) != nil || route.PathItem.Parameters.GetByInAndName("query", name) != nil
		require.True(s.t, known, "%s has no query parameter %s", route.Operation.OperationID, name)
	}
	require.NoError(s.t, openapi3filter.ValidateRequest(s.t.Context(), &openapi3filter.RequestValidationInput{
		Request: copied, PathParams: vars, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, RejectWhenRequestBodyNotSpecified: true, SkipSettingDefaults: true},
	}))
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// checkAnswer holds an answer to the document: status, headers, media type and
// body. What has no operation is held to the shape of problems.
func (s *stack) checkAnswer(r *http.Request, a answer) {
	s.t.Helper()
	for name, value := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		require.Equal(s.t, value, a.header.Get(name), "%s of %s %s", name, r.Method, r.URL.Path)
	}
	require.Contains(s.t, a.header.Get("Content-Security-Policy"), "default-src 'none'")
	require.Contains(s.t, a.header.Get("Strict-Transport-Security"), "max-age=")
	require.Len(s.t, a.header.Get("X-Request-Id"), 36)
	if a.status >= http.StatusBadRequest && a.status != http.StatusServiceUnavailable {
		require.Equal(s.t, "application/problem+json", a.header.Get("Content-Type"))
	}
	route, vars := s.route(r)
	if r.Method == http.MethodHead {
		// RFC 9110: the answer to GET without its body.
		require.Empty(s.t, a.body)
		get := r.Clone(r.Context())
		get.Method = http.MethodGet
		if route, _ = s.route(get); route == nil {
			require.Equal(s.t, http.StatusMethodNotAllowed, a.status)
		}
		return
	}
	if route == nil {
		var problem any
		require.NoError(s.t, json.Unmarshal(a.body, &problem))
		require.NoError(s.t, s.doc.Components.Schemas["Problem"].Value.VisitJSON(problem))
		return
	}
	documented := route.Operation.Responses.Status(a.status)
	require.NotNil(s.t, documented, "%s does not document %d; if its code is new, run make generate: %s", route.Operation.OperationID, a.status, a.body)
	for _, name := range []string{"ETag", "Praxis-Position", "Content-Disposition"} {
		if a.header.Get(name) != "" {
			require.Contains(s.t, documented.Value.Headers, name, "%s is not documented for %s", name, route.Operation.OperationID)
		}
	}
	require.NoError(s.t, openapi3filter.ValidateResponse(s.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: vars, Route: route},
		Status:                 a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}), "%s answers %s; if its code is new, run make generate", route.Operation.OperationID, a.body)
}

// receipt is the answer to a command.
type receipt struct {
	ID       string `json:"id"`
	Stream   string `json:"stream"`
	Revision int64  `json:"revision"`
	Position string `json:"position"`
	Outcome  string `json:"outcome"`
	Events   []struct {
		Name  string          `json:"name"`
		Event json.RawMessage `json:"event"`
	} `json:"events"`
	Appointments      []struct{ ID, Start string }
	AppointmentsTotal *int
	Effects           []effect `json:"effects"`
	Cost              *struct {
		Today                 amount
		NextBefore, NextAfter amount
	} `json:"cost"`
}

// effect is what a dry run says that somebody gains or loses.
type effect struct {
	Member, Capability, Shift string
	Group                     bool
	Members, Branches, Charts []string
	ChartCount                int
	From, Until               string
}

// problem is the answer to what was refused.
type problem struct {
	Type      string            `json:"type"`
	Status    int               `json:"status"`
	Code      string            `json:"code"`
	Detail    string            `json:"detail"`
	Details   map[string]string `json:"details"`
	RequestID string            `json:"requestId"`
	Errors    []struct {
		Pointer string `json:"pointer"`
		Rule    string `json:"rule"`
		Message string `json:"message"`
	} `json:"errors"`
}

// into reads a good answer.
func (a answer) into(v any) {
	a.t.Helper()
	require.Equal(a.t, http.StatusOK, a.status, "%s", a.body)
	require.NoError(a.t, json.Unmarshal(a.body, v))
}

// receipt reads the answer to a command that was accepted.
func (a answer) receipt() receipt {
	a.t.Helper()
	var r receipt
	a.into(&r)
	return r
}

// done reads the receipt of a command that changed something.
func (a answer) done() receipt {
	a.t.Helper()
	r := a.receipt()
	require.Equal(a.t, "done", r.Outcome)
	require.Equal(a.t, r.Position, a.header.Get("Praxis-Position"))
	return r
}

// problem reads a refusal and holds it to the rules of all refusals.
func (a answer) problem() problem {
	a.t.Helper()
	require.GreaterOrEqual(a.t, a.status, http.StatusBadRequest, "%s", a.body)
	var p problem
	require.NoError(a.t, json.Unmarshal(a.body, &p))
	require.Equal(a.t, a.status, p.Status)
	require.Equal(a.t, "urn:praxis:problem:"+p.Code, p.Type)
	require.Equal(a.t, a.header.Get("X-Request-Id"), p.RequestID)
	return p
}

// refused asserts the status and the stable code of a refusal.
func (a answer) refused(status int, code string) problem {
	a.t.Helper()
	p := a.problem()
	require.Equal(a.t, code, p.Code, "%s", a.body)
	require.Equal(a.t, status, p.Status)
	require.NotEmpty(a.t, strings.TrimSpace(p.Detail))
	return p
}
