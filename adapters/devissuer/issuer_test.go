package devissuer_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/auth"
	"praxis/adapters/devissuer"
	"praxis/domain/id"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

func config(t testing.TB) devissuer.Config {
	t.Helper()
	return devissuer.Config{
		URL:     "http://127.0.0.1:8080/dev",
		KeyFile: filepath.Join(t.TempDir(), "keys", "dev.pem"),
		People: []devissuer.Person{
			{Subject: "mara", Name: "Mara Lind", Email: "Mara@example.com", Description: "owner of Lindenhof"},
			{Subject: "jo", Name: "Jo <b>Roth</b>", Description: "biller"},
		},
		Audience: "praxis",
		Clock:    atNoon,
	}
}

func newIssuer(t testing.TB, c devissuer.Config) *devissuer.Issuer {
	t.Helper()
	issuer, err := devissuer.New(c)
	require.NoError(t, err)
	return issuer
}

func TestTokensAreCheckedByTheSameRulesAsInProduction(t *testing.T) {
	issuer := newIssuer(t, config(t))
	token, err := issuer.Token("mara")
	require.NoError(t, err)
	got, err := issuer.Verifier().Verify(t.Context(), token)
	require.NoError(t, err)
	require.NotEmpty(t, got.TokenID)
	got.TokenID = ""
	require.Equal(t, auth.Principal{
		Account: id.Derive[id.Account]("account", "http://127.0.0.1:8080/dev", "mara"),
		Subject: "mara", Name: "Mara Lind", Email: "mara@example.com", ExpiresAt: noon.Add(12 * time.Hour),
		AuthenticatedAt: noon,
	}, got)

	_, err = issuer.Token("nobody")
	require.ErrorIs(t, err, devissuer.ErrPersonUnknown)
}

func TestTokensWorkOverHTTPDiscoveryToo(t *testing.T) {
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil // It is not noon.
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	c := config(t)
	c.URL = server.URL + "/dev"
	issuer := newIssuer(t, c)
	handler = issuer.Handler()
	require.Equal(t, "/dev", issuer.Path())

	remote, err := auth.NewOIDC(auth.Config{Issuer: c.URL, Audience: "praxis", Client: server.Client(), Clock: atNoon})
	require.NoError(t, err)
	require.NoError(t, remote.Ready(t.Context()))
	token, err := issuer.Token("jo")
	require.NoError(t, err)
	got, err := remote.Verify(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, "jo", got.Subject)
	require.Empty(t, got.Email)
}

func TestTokensOutliveARestart(t *testing.T) {
	c := config(t)
	token, err := newIssuer(t, c).Token("mara")
	require.NoError(t, err)
	_, err = newIssuer(t, c).Verifier().Verify(t.Context(), token)
	require.NoError(t, err)

	other := config(t)
	_, err = newIssuer(t, other).Verifier().Verify(t.Context(), token)
	require.ErrorIs(t, err, auth.ErrTokenUntrusted, "another key file is another issuer")
}

func TestTheKeyFileIsPrivateAndMadeOnce(t *testing.T) {
	c := config(t)
	errs := make([]error, 8)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { _, errs[i] = devissuer.New(c) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	info, err := os.Stat(c.KeyFile)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(c.KeyFile))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left behind")

	require.NoError(t, os.Chmod(c.KeyFile, 0o644))
	_, err = devissuer.New(c)
	require.ErrorContains(t, err, "others may read it")
	require.NoError(t, os.Chmod(c.KeyFile, 0o600))
	require.NoError(t, os.WriteFile(c.KeyFile, []byte("not a key"), 0o600))
	_, err = devissuer.New(c)
	require.ErrorContains(t, err, "no P-256 private key")
}

func TestItCannotBeMadeForAnythingButLoopback(t *testing.T) {
	for _, issuer := range []string{
		"https://praxis.example.com", "http://praxis.example.com", "http://0.0.0.0:8080", "https://10.0.0.7",
		"http://localhost.evil.example", "http://127.0.0.1:8080/", "", "127.0.0.1:8080",
	} {
		t.Run(issuer, func(t *testing.T) {
			c := config(t)
			c.URL = issuer
			_, err := devissuer.New(c)
			require.Error(t, err)
			require.NoFileExists(t, c.KeyFile)
		})
	}
}

func TestAnUnusableConfigurationIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*devissuer.Config){
		"no key file":        func(c *devissuer.Config) { c.KeyFile = "" },
		"no audience":        func(c *devissuer.Config) { c.Audience = "" },
		"no clock":           func(c *devissuer.Config) { c.Clock = nil },
		"nobody":             func(c *devissuer.Config) { c.People = nil },
		"no subject":         func(c *devissuer.Config) { c.People[0].Subject = "" },
		"one subject twice":  func(c *devissuer.Config) { c.People[0].Subject = "jo" },
		"key is a directory": func(c *devissuer.Config) { c.KeyFile = filepath.Dir(filepath.Dir(c.KeyFile)) },
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t)
			spoil(&c)
			_, err := devissuer.New(c)
			require.Error(t, err)
		})
	}
}

func TestFoundS4_TheIssuersNameOutlivesItsAddress(t *testing.T) {
	c := config(t)
	before := newIssuer(t, c)
	token, err := before.Token("mara")
	require.NoError(t, err)
	was, err := before.Verifier().Verify(t.Context(), token)
	require.NoError(t, err)

	c.Issuer, c.URL = c.URL, "http://127.0.0.1:9090/dev"
	moved := newIssuer(t, c)
	again, err := moved.Verifier().Verify(t.Context(), token)
	require.NoError(t, err, "a token from before the move is good")
	require.Equal(t, was, again)
	token, err = moved.Token("mara")
	require.NoError(t, err)
	is, err := moved.Verifier().Verify(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, was.Account, is.Account)

	r := do(moved, request(http.MethodGet, "/dev/.well-known/openid-configuration", ""))
	require.Contains(t, r.Body.String(), `"jwks_uri":"http://127.0.0.1:9090/dev/jwks"`)
	require.Contains(t, r.Body.String(), `"issuer":"http://127.0.0.1:8080/dev"`)
}
