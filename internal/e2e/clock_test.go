package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/devissuer"
)

// issuerAhead is a sign-in service whose clock is so far ahead of this machine's, as
// it is for a server whose own is behind. It says so in its answers if it is honest.
func issuerAhead(t *testing.T, by time.Duration, isHonest bool) (issuer *devissuer.Issuer, url string) {
	t.Helper()
	clock := func() time.Time { return time.Now().Add(by) }
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	url = "http://" + server.Listener.Addr().String() + "/ahead"
	issuer, err := devissuer.New(devissuer.Config{
		URL: url, KeyFile: filepath.Join(t.TempDir(), "key.pem"), Audience: "praxis", Clock: clock,
		People: []devissuer.Person{{Subject: "olivia", Name: "Olivia", Email: "olivia@example.org"}},
	})
	require.NoError(t, err)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isHonest {
			w.Header().Set("Date", clock().UTC().Format(http.TimeFormat))
		}
		issuer.Handler().ServeHTTP(w, r)
	})
	server.Start()
	return issuer, url
}

func TestFoundW15_TheRunningServerNamesItsClock(t *testing.T) {
	const sentence = "clock_differs: The clock of this server "
	for name, isHonest := range map[string]bool{"by the tokens that it refuses": false, "by the time of the sign-in service too": true} {
		t.Run(name, func(t *testing.T) {
			issuer, url := issuerAhead(t, time.Hour, isHonest)
			i := newInstallation(t)
			p := i.startWith(t, []string{"PRAXIS_OIDC_ISSUER=" + url}, "serve")
			await(t, func() bool { return strings.Contains(p.stderr.String(), `"serving"`) }, "the server does not serve")
			token, err := issuer.Token("olivia")
			require.NoError(t, err)
			olivia := &person{base: i.url(), token: token, http: http.DefaultClient}

			var refused *refusalError
			require.ErrorAs(t, olivia.send(t.Context(), http.MethodGet, "/v1/me", nil, nil, &self{}), &refused)
			require.Equal(t, http.StatusUnauthorized, refused.Status)
			require.Equal(t, "token_not_yet_valid", refused.Code)
			require.Contains(t, refused.Detail, "the clock of the server or of the sign-in service is wrong")
			r := i.awaitReadiness(t, func(r readiness) bool {
				return strings.HasPrefix(r.Parts["sign_in"], sentence+"refuses tokens as not yet valid, the last one by ")
			})
			require.Equal(t, isHonest, strings.Contains(r.Parts["sign_in"], "behind the clock of the sign-in service"), r.Parts["sign_in"])
			await(t, func() bool {
				return strings.Contains(p.stderr.String(), `"part":"sign_in","state":"degraded","code":"clock_differs","reason":"The clock of this server `)
			}, "the log does not name the clock")
			i.stop(t, p)
		})
	}
}
