package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
)

// raw serves a request as it is, past all checks of the harness and of the HTTP
// client, and fails if the answer is not one of the document's.
func (s *stack) raw(t *testing.T, as, method, path, query string, body []byte, headers map[string]string) int {
	t.Helper()
	s.t = t
	r := &http.Request{
		Method: method, URL: &url.URL{Scheme: "http", Host: "praxis", Path: path, RawQuery: query}, Host: "praxis",
		Header: http.Header{"Authorization": {"Bearer " + s.token(as)}}, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), RemoteAddr: "192.0.2.1:1234", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		r.Header[name] = []string{value}
	}
	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(recorder, r.WithContext(t.Context()))
	require.NotEqual(t, http.StatusInternalServerError, recorder.Code, "%s\n%s", recorder.Body, s.logs)
	r.URL.RawQuery = ""
	s.checkAnswer(r, answer{t: t, status: recorder.Code, header: recorder.Header(), body: recorder.Body.Bytes()})
	return recorder.Code
}

func FuzzBodies(f *testing.F) {
	s := newScene(newStack(f))
	expected := rules()
	type target struct{ method, path string }
	var targets []target
	for _, template := range s.doc.Paths.InMatchingOrder() {
		for method, o := range s.doc.Paths.Value(template).Operations() {
			if o.RequestBody == nil {
				continue
			}
			path := fillPath(template, s.ids)
			targets = append(targets, target{method, path})
			r := expected[o.OperationID]
			require.NotNil(f, r.body, "%s has no example of its body; TestEveryOperationHasAnExampleAndAnExpectation says why", o.OperationID)
			good, err := json.Marshal(r.body(s))
			require.NoError(f, err)
			n := uint8(len(targets) - 1)
			f.Add(n, good)
			f.Add(n, []byte(strings.ReplaceAll(string(good), `"`, `\u0000`)))
			for _, canary := range []string{"-1", "\"\\u0000\"", "null", "{}", "1e400", "\"\\ud800\"", "\"0000-00-00\"", "\"9999-12-31\""} {
				f.Add(n, regexp.MustCompile(`:("[^"]*"|[0-9]+)`).ReplaceAll(good, []byte(":"+canary)))
			}
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		to := targets[int(n)%len(targets)]
		s.raw(t, "olivia", to.method, to.path, "", body, map[string]string{"Praxis-Dry-Run": "true"})
		s.raw(t, "olivia", to.method, to.path, "clinician="+s.members["carla"], body, map[string]string{"Praxis-Dry-Run": "true"})
	})
}

func FuzzQueries(f *testing.F) {
	s := newScene(newStack(f))
	var paths []string
	for _, template := range s.doc.Paths.InMatchingOrder() {
		if s.doc.Paths.Value(template).Get != nil {
			paths = append(paths, fillPath(template, s.ids))
		}
	}
	for n := range paths {
		for _, query := range []string{
			"limit=1&cursor=e30", "search=%00", "search=%ff%25", "status=active&sort=-created", "from=0000-01-01&to=9999-12-31", "from=9999-12-31",
			"type=" + s.kind + "&from=9999-12-30&to=9999-12-31", "type=" + s.kind + "&from=0001-01-01", "kind=payment&kind=charge", "number=%25", "overdue=true", "a;b", "%zz", "=", "clinician=&clinician=",
		} {
			f.Add(uint8(n), query)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, query string) {
		s.raw(t, "olivia", http.MethodGet, paths[int(n)%len(paths)], query, nil, nil)
		s.raw(t, "pat", http.MethodGet, paths[int(n)%len(paths)], query, nil, nil)
	})
}

func FuzzCursors(f *testing.F) {
	s := newScene(newStack(f))
	lists := []struct{ operation, path, query, order string }{
		{"listCharts", s.path("/charts"), "sort=name", "roster/name/false"},
		{"listCharts", s.path("/charts"), "sort=-created", "roster/created/true"},
		{"listAppointments", s.path("/appointments"), "cancelled=true", "appointments"},
		{"billingHistory", s.path("/billing/history"), "kind=payment", "billing/history"},
		{"listInvoices", s.path("/billing/invoices"), "stage=open", "billing/invoices"},
	}
	for n := range lists {
		f.Add(uint8(n), "2026-03-02", "1", "1", "", "")
		f.Add(uint8(n), "0000-01-01T00:00:00Z", s.ids["chart"], s.ids["chart"], "", "")
		f.Add(uint8(n), "infinity", "9223372036854775807", s.ids["chart"], s.ids["chart"], s.ids["invoice"])
		f.Add(uint8(n), "294277-01-01T00:00:00Z", "-1", "\x00", "", "")
		f.Add(uint8(n), "9999-12-31T23:59:59.999999999+23:59", s.ids["clinician"], s.ids["appointment"], "", "")
	}
	f.Fuzz(func(t *testing.T, n uint8, a, b, c, d, e string) {
		list := lists[int(n)%len(lists)]
		keys := []string{a, b, c, d, e}
		for count := range len(keys) + 1 {
			s.raw(t, "olivia", http.MethodGet, list.path, list.query+"&cursor="+s.sealed(t, list.operation, list.query, list.order, keys[:count]...), nil, nil)
		}
		s.raw(t, "olivia", http.MethodGet, list.path, list.query+"&cursor="+url.QueryEscape(a), nil, nil)
	})
}

func FuzzHeaders(f *testing.F) {
	s := newScene(newStack(f))
	path := s.path("/charts/", s.ids["chart"], "/demographics")
	for _, v := range []string{`"0"`, `"00"`, `W/"0"`, "*", `"-1"`, `"9223372036854775807"`, `"9223372036854775808"`, "\x00", "1.1", "99999999999999999999.1", "9223372036854775808.9223372036854775808", "true", "\xff"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		body := []byte(`{"familyName":"Ames"}`)
		if status := s.raw(t, "carla", http.MethodPut, path, "", body, map[string]string{"If-Match": value, "Praxis-Dry-Run": "true"}); value != "" {
			n, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 64)
			wellFormed := err == nil && n >= 0 && value == fmt.Sprintf(`"%d"`, n)
			require.Equal(t, wellFormed, status == http.StatusOK || status == http.StatusPreconditionFailed, "%q: %d", value, status)
		}
		for _, name := range []string{"Praxis-Min-Position", "Idempotency-Key", "Praxis-Dry-Run", "Praxis-Reason", "Praxis-Purpose-Of-Use", "X-Request-Id", "Authorization", "Content-Type"} {
			s.raw(t, "pat", http.MethodPut, path, "", body, map[string]string{name: value})
		}
	})
}

func FuzzStrictJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `[[[[]]]]`, `{"a":{"a":1}}`, `1 2`, `"\u0000"`, `{"a"}`, `[1,]`, `nul`, ``, ` `, `1e999`, "\ufeff{}", strings.Repeat("[", 40)} {
		f.Add([]byte(seed))
	}
	safe := regexp.MustCompile(`^[a-zA-Z ,]+ near byte [0-9]+$`)
	f.Fuzz(func(t *testing.T, body []byte) {
		err := httpapi.StrictJSON(body)
		if err != nil {
			require.Regexp(t, safe, err.Error(), "the error says where, never what")
			return
		}
		require.True(t, json.Valid(body), "%q", body)
	})
}
