package devissuer_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/devissuer"
)

const form = "application/x-www-form-urlencoded"

// request is one to the issuer as a local browser or curl would send it.
func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:50000"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func do(issuer *devissuer.Issuer, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	issuer.Handler().ServeHTTP(w, r)
	return w
}

func TestATokenIsIssuedAsRFC6749Says(t *testing.T) {
	issuer := newIssuer(t, config(t))
	for name, r := range map[string]*http.Request{
		"form":       request("POST", "/dev/token", "subject=mara", "Content-Type", form),
		"JSON":       request("POST", "/dev/token", `{"subject":"mara"}`, "Content-Type", "application/json; charset=utf-8"),
		"any accept": request("POST", "/dev/token", "subject=mara", "Content-Type", form, "Accept", "*/*"),
	} {
		t.Run(name, func(t *testing.T) {
			response := do(issuer, r)
			require.Equal(t, http.StatusOK, response.Code)
			require.Equal(t, "no-store", response.Header().Get("Cache-Control"))
			var got struct {
				AccessToken string `json:"access_token"`
				TokenType   string `json:"token_type"`
				ExpiresIn   int    `json:"expires_in"`
			}
			require.NoError(t, json.Unmarshal(response.Body.Bytes(), &got))
			require.Equal(t, "Bearer", got.TokenType)
			require.Equal(t, 12*60*60, got.ExpiresIn)
			principal, err := issuer.Verifier().Verify(t.Context(), got.AccessToken)
			require.NoError(t, err)
			require.Equal(t, "mara", principal.Subject)
		})
	}
}

func TestBadTokenRequestsAreRefused(t *testing.T) {
	issuer := newIssuer(t, config(t))
	for name, tc := range map[string]struct {
		r    *http.Request
		code string
	}{
		"unknown person":     {request("POST", "/dev/token", "subject=eve", "Content-Type", form), "invalid_grant"},
		"nobody":             {request("POST", "/dev/token", "", "Content-Type", form), "invalid_grant"},
		"subject in the URL": {request("POST", "/dev/token?subject=mara", "", "Content-Type", form), "invalid_grant"},
		"no content type":    {request("POST", "/dev/token", "subject=mara"), "invalid_request"},
		"plain text":         {request("POST", "/dev/token", `{"subject":"mara"}`, "Content-Type", "text/plain"), "invalid_request"},
		"broken JSON":        {request("POST", "/dev/token", `{"subject":`, "Content-Type", "application/json"), "invalid_request"},
		"too large":          {request("POST", "/dev/token", "subject="+strings.Repeat("m", 5000), "Content-Type", form), "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			response := do(issuer, tc.r)
			require.Equal(t, http.StatusBadRequest, response.Code)
			var got map[string]string
			require.NoError(t, json.Unmarshal(response.Body.Bytes(), &got))
			require.Equal(t, tc.code, got["error"])
		})
	}
	require.Equal(t, http.StatusMethodNotAllowed, do(issuer, request("GET", "/dev/token?subject=mara", "")).Code,
		"a link must not sign anybody in")
}

func TestThePageListsThePeopleAndRunsNoScript(t *testing.T) {
	issuer := newIssuer(t, config(t))
	response := do(issuer, request("GET", "/dev/", ""))
	require.Equal(t, http.StatusOK, response.Code)
	html := response.Body.String()
	require.Contains(t, html, "Development only.")
	require.Contains(t, html, "owner of Lindenhof")
	require.Contains(t, html, `action="/dev/token"`)
	require.Contains(t, html, "Jo &lt;b&gt;Roth&lt;/b&gt;")
	require.NotContains(t, html, "<script")

	_, rest, _ := strings.Cut(html, "<style>")
	style, _, found := strings.Cut(rest, "</style>")
	require.True(t, found)
	sum := sha256.Sum256([]byte(style))
	require.Equal(t, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", response.Header().Get("Content-Security-Policy"))
}

func TestABrowserGetsTheTokenWithALineToCopy(t *testing.T) {
	c := config(t)
	c.APIURL = "http://127.0.0.1:8080/v1/me"
	issuer := newIssuer(t, c)
	response := do(issuer, request("POST", "/dev/token", "subject=mara", "Content-Type", form,
		"Accept", "text/html,application/xhtml+xml", "Origin", "http://127.0.0.1:8080", "Sec-Fetch-Site", "same-origin"))
	require.Equal(t, http.StatusOK, response.Code)
	html := response.Body.String()
	_, rest, _ := strings.Cut(html, "Authorization: Bearer ")
	token, after, found := strings.Cut(rest, "&#39;")
	if !found {
		token, after, found = strings.Cut(rest, "'")
	}
	require.True(t, found)
	require.Contains(t, after, "http://127.0.0.1:8080/v1/me")
	principal, err := issuer.Verifier().Verify(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, "mara", principal.Subject)
}

func TestItAnswersThisMachineOnly(t *testing.T) {
	issuer := newIssuer(t, config(t))
	for name, spoil := range map[string]func(*http.Request){
		"a peer in the network":        func(r *http.Request) { r.RemoteAddr = "192.168.1.20:50000" },
		"a peer without an address":    func(r *http.Request) { r.RemoteAddr = "@" },
		"a rebound name":               func(r *http.Request) { r.Host = "evil.example:8080" },
		"a name that ends in loopback": func(r *http.Request) { r.Host = "localhost.evil.example" },
		"no name":                      func(r *http.Request) { r.Host = "" },
		"a proxy":                      func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.9") },
		"a standard proxy":             func(r *http.Request) { r.Header.Set("Forwarded", "for=203.0.113.9") },
		"a named proxy":                func(r *http.Request) { r.Header.Set("Via", "1.1 proxy") },
		"a form of another site":       func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a form of another port":       func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"an old browser, other origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"an origin that is hidden":     func(r *http.Request) { r.Header.Set("Origin", "null") },
	} {
		t.Run(name, func(t *testing.T) {
			r := request("POST", "/dev/token", "subject=mara", "Content-Type", form)
			spoil(r)
			response := do(issuer, r)
			require.Equal(t, http.StatusForbidden, response.Code)
			require.NotContains(t, response.Body.String(), "access_token")
		})
	}
	for _, host := range []string{"localhost:8080", "[::1]:8080", "127.0.0.1"} {
		r := request("POST", "/dev/token", "subject=mara", "Content-Type", form)
		r.Host, r.RemoteAddr = host, "[::1]:50000"
		require.Equal(t, http.StatusOK, do(issuer, r).Code, "host %q", host)
	}
}

func FuzzToken(f *testing.F) {
	issuer := newIssuer(f, config(f))
	handler := issuer.Handler()
	f.Add("application/json", `{"subject":"mara"}`)
	f.Add(form, "subject=mara")
	f.Add("text/html", "%")
	f.Fuzz(func(t *testing.T, contentType, content string) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, request("POST", "/dev/token", content, "Content-Type", contentType))
		require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code)
	})
}
