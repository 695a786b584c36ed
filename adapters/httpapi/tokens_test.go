package httpapi_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/devissuer"
	"praxis/projections/page"
)

// cursor writes a cursor as releases did that sealed none.
func cursor(order string, keys ...string) string {
	raw, err := json.Marshal(map[string]any{"o": order, "k": keys})
	if err != nil {
		panic(err) // Strings always encode.
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// sealed makes a cursor as nobody was handed it out, sealed as if it had been.
func (p *practice) sealed(t testing.TB, operation, query, order string, keys ...string) string {
	t.Helper()
	token, err := page.Cursor{Order: order, Keys: keys}.Token()
	require.NoError(t, err)
	bound := operation + "?" + url.Values{"group": {p.group}}.Encode() + "?" + query
	sealed, err := p.cursors.Seal(t.Context(), bound, string(token))
	require.NoError(t, err)
	return sealed
}

func TestOnlyTrustedTokensAreBelieved(t *testing.T) {
	p := newStack(t).found("olivia", true)
	tail := p.tail()
	good := p.token("olivia")
	part := strings.Split(good, ".")
	forger, err := devissuer.New(devissuer.Config{URL: issuerURL, KeyFile: filepath.Join(t.TempDir(), "key.pem"), People: people(), Audience: "praxis", Clock: p.clock.Now})
	require.NoError(t, err)
	forged, err := forger.Token("olivia")
	require.NoError(t, err)
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + part[1] + "."

	const (
		missing   = `Bearer realm="praxis"`
		badToken  = missing + `, error="invalid_token", error_description="The token is malformed"`
		untrusted = missing + `, error="invalid_token", error_description="The token was not issued for Praxis by the sign-in service it trusts"`
		expired   = missing + `, error="invalid_token", error_description="The token has expired"`
	)
	for name, c := range map[string]struct{ header, code, challenge string }{
		"no token":                {"", "token_missing", missing},
		"another scheme":          {"Basic b2xpdmlhOng=", "token_missing", missing},
		"no JWT":                  {"Bearer abc", "token_malformed", badToken},
		"another key":             {"Bearer " + forged, "token_untrusted", untrusted},
		"a changed payload":       {"Bearer " + part[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"olivia"}`)) + "." + part[2], "token_untrusted", untrusted},
		"no algorithm":            {"Bearer " + none, "token_untrusted", untrusted},
		"a token beyond all size": {"Bearer " + strings.Repeat("a", 9000), "token_malformed", badToken},
	} {
		p.run(t, name, func(t *testing.T) {
			var options []option
			if c.header != "" {
				options = append(options, header("Authorization", c.header))
			}
			a := p.send("", http.MethodPatch, p.path(""), object{"city": "X"}, options...)
			a.refused(http.StatusUnauthorized, c.code)
			require.Equal(t, c.challenge, a.header.Get("WWW-Authenticate"))
			require.Equal(t, tail, p.tail())
		})
	}
	p.run(t, "two tokens", func(t *testing.T) {
		two := func(c *call) { c.Header["Authorization"] = []string{"Bearer " + good, "Bearer " + good} }
		p.send("", http.MethodGet, p.path(""), nil, two).refused(http.StatusUnauthorized, "token_malformed")
	})
	p.run(t, "yesterday's token", func(t *testing.T) {
		p.clock.Pass(24 * time.Hour)
		a := p.send("", http.MethodGet, p.path(""), nil, header("Authorization", "Bearer "+good))
		a.refused(http.StatusUnauthorized, "token_expired")
		require.Equal(t, expired, a.header.Get("WWW-Authenticate"))
	})
	p.run(t, "nobody without a token learns which requests are well-formed", func(t *testing.T) {
		p.send("", http.MethodGet, "/v1/groups/x", nil, malformed).refused(http.StatusUnauthorized, "token_missing")
	})
}
