package auth_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"praxis/adapters/auth"
	"praxis/internal/clocktest"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// testIssuer is a real OpenID Connect issuer on loopback whose keys, answers and
// availability a test can change.
type testIssuer struct {
	*httptest.Server
	mu      sync.Mutex
	named   string
	jwksURL string
	status  int
	keys    []any
	fetches int
	// date, where set, is the time that the issuer says it is.
	date time.Time
	// hang, where set, holds every answer.
	hang func()
}

func newIssuer(t testing.TB, keys ...jose.JSONWebKey) *testIssuer {
	t.Helper()
	i := &testIssuer{status: http.StatusOK}
	i.publish(keys...)
	i.Server = httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.Close)
	i.named, i.jwksURL = i.URL, i.URL+"/jwks"
	return i
}

func (i *testIssuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	hang := i.hang
	i.mu.Unlock()
	if hang != nil {
		hang()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	w.Header()["Date"] = nil
	if !i.date.IsZero() {
		w.Header().Set("Date", i.date.Format(http.TimeFormat))
	}
	if i.status != http.StatusOK {
		http.Error(w, "secret details of the issuer", i.status)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.named, "jwks_uri": i.jwksURL})
	case "/jwks":
		i.fetches++
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": i.keys})
	default:
		http.NotFound(w, r)
	}
}

func (i *testIssuer) change(f func(*testIssuer)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f(i)
}

func (i *testIssuer) publish(keys ...jose.JSONWebKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = nil
	for _, k := range keys {
		i.keys = append(i.keys, k.Public())
	}
}

func (i *testIssuer) fetchCount() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

// fixture is a verifier with its issuer, clock and log.
type fixture struct {
	issuer   *testIssuer
	key      jose.JSONWebKey
	clock    *clocktest.Clock
	verifier *auth.OIDC
	log      *bytes.Buffer
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{key: newKey(t, "key-1"), clock: clocktest.At(noon), log: &bytes.Buffer{}}
	f.issuer = newIssuer(t, f.key)
	verifier, err := auth.NewOIDC(auth.Config{
		Issuer: f.issuer.URL, Audience: "praxis", Client: f.issuer.Client(), Clock: f.clock.Now,
		Logger: slog.New(slog.NewTextHandler(f.log, nil)),
	})
	require.NoError(t, err)
	f.verifier = verifier
	return f
}

// claims are those of a good token, to be changed by the test.
func (f *fixture) claims() map[string]any {
	now := f.clock.Now()
	return map[string]any{
		"iss": f.issuer.URL, "sub": "user-7", "aud": "praxis", "jti": "token-1",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"email": "Mara.Lind@Example.com", "email_verified": true, "name": "Mara Lind",
	}
}

func (f *fixture) claimsWith(name string, value any) map[string]any {
	c := f.claims()
	c[name] = value
	return c
}

func newKey(t testing.TB, keyID string) jose.JSONWebKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return jose.JSONWebKey{Key: private, KeyID: keyID, Algorithm: string(jose.ES256), Use: "sig"}
}

// sign makes a compact token; the type header is set unless it is empty.
func sign(t testing.TB, algorithm jose.SignatureAlgorithm, key any, keyID, typ string, claims any) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if typ != "" {
		options = options.WithType(jose.ContentType(typ))
	}
	if keyID != "" {
		options = options.WithHeader("kid", keyID)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	require.NoError(t, err)
	payload, err := json.Marshal(claims)
	require.NoError(t, err)
	signed, err := signer.Sign(payload)
	require.NoError(t, err)
	token, err := signed.CompactSerialize()
	require.NoError(t, err)
	return token
}

func (f *fixture) token(t testing.TB, claims any) string {
	t.Helper()
	return signWith(t, f.key, claims)
}

func signWith(t testing.TB, key jose.JSONWebKey, claims any) string {
	t.Helper()
	return sign(t, jose.ES256, key.Key.(crypto.Signer), key.KeyID, "JWT", claims)
}
