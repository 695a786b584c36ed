package auth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"praxis/adapters/auth"
	"praxis/domain/fault"
)

func TestTheIssuerIsAskedOnlyWhenNeeded(t *testing.T) {
	f := newFixture(t)
	require.Zero(t, f.issuer.fetchCount(), "making a verifier must not need the issuer")
	for range 5 {
		_, err := f.verifier.Verify(t.Context(), f.token(t, f.claims()))
		require.NoError(t, err)
	}
	require.Equal(t, 1, f.issuer.fetchCount())
}

func TestConcurrentFirstRequestsShareOneFetch(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, f.claims())
	errs := make([]error, 16)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { _, errs[i] = f.verifier.Verify(t.Context(), token) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, 1, f.issuer.fetchCount())
}

func TestRotatedKeysArePickedUp(t *testing.T) {
	f := newFixture(t)
	_, err := f.verifier.Verify(t.Context(), f.token(t, f.claims()))
	require.NoError(t, err)

	f.clock.Pass(time.Minute)
	old, next := f.key, newKey(t, "key-2")
	f.issuer.publish(next)
	_, err = f.verifier.Verify(t.Context(), signWith(t, next, f.claims()))
	require.NoError(t, err, "an unknown key id makes us ask again")
	_, err = f.verifier.Verify(t.Context(), signWith(t, old, f.claims()))
	require.ErrorIs(t, err, auth.ErrTokenUntrusted, "a withdrawn key is no longer trusted")
}

func TestAWithdrawnKeyStopsBeingTrustedAfterTenMinutes(t *testing.T) {
	f := newFixture(t)
	_, err := f.verifier.Verify(t.Context(), f.token(t, f.claims()))
	require.NoError(t, err)
	f.issuer.publish(newKey(t, "key-2"))

	f.clock.Pass(10*time.Minute - time.Second)
	_, err = f.verifier.Verify(t.Context(), f.token(t, f.claims()))
	require.NoError(t, err)
	f.clock.Pass(time.Second)
	_, err = f.verifier.Verify(t.Context(), f.token(t, f.claims()))
	require.ErrorIs(t, err, auth.ErrTokenUntrusted)
}

func TestMadeUpKeyIDsCannotFloodTheIssuer(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.verifier.Ready(t.Context()))
	forged := signWith(t, newKey(t, "made-up"), f.claims())
	for range 50 {
		_, err := f.verifier.Verify(t.Context(), forged)
		require.ErrorIs(t, err, auth.ErrTokenUntrusted)
	}
	require.Equal(t, 1, f.issuer.fetchCount())
	f.clock.Pass(10 * time.Second)
	for range 50 {
		_, err := f.verifier.Verify(t.Context(), forged)
		require.ErrorIs(t, err, auth.ErrTokenUntrusted)
	}
	require.Equal(t, 2, f.issuer.fetchCount())
}

func TestAnIssuerMayBeAwayAndComeBack(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, f.claims())
	f.issuer.change(func(i *testIssuer) { i.status = http.StatusBadGateway })

	_, err := f.verifier.Verify(t.Context(), token)
	require.ErrorIs(t, err, auth.ErrIssuerUnavailable)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	require.NotContains(t, err.Error(), "secret details")
	err = f.verifier.Ready(t.Context())
	require.ErrorIs(t, err, auth.ErrIssuerUnavailable)
	require.ErrorContains(t, err, "discovery: the issuer answered with status 502")

	f.issuer.change(func(i *testIssuer) { i.status = http.StatusOK })
	_, err = f.verifier.Verify(t.Context(), token)
	require.ErrorIs(t, err, auth.ErrIssuerUnavailable, "not asked again within a second")
	f.clock.Pass(time.Second)
	_, err = f.verifier.Verify(t.Context(), token)
	require.NoError(t, err)
	require.NoError(t, f.verifier.Ready(t.Context()))
}

func TestKnownKeysOutliveAnOutageByAnHour(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.verifier.Ready(t.Context()))
	f.issuer.change(func(i *testIssuer) { i.status = http.StatusServiceUnavailable })

	f.clock.Pass(time.Hour - time.Second)
	_, err := f.verifier.Verify(t.Context(), f.token(t, f.claims()))
	require.NoError(t, err)
	_, err = f.verifier.Verify(t.Context(), signWith(t, newKey(t, "key-2"), f.claims()))
	require.ErrorIs(t, err, auth.ErrIssuerUnavailable, "nobody can say whose key that is")
	f.clock.Pass(time.Second)
	_, err = f.verifier.Verify(t.Context(), f.token(t, f.claims()))
	require.ErrorIs(t, err, auth.ErrIssuerUnavailable)
}

func TestOldKeysAreUsedWhileTheIssuerHangs(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.verifier.Ready(t.Context()))
	asked, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var tries atomic.Int64
	tries.Store(1)
	f.issuer.change(func(i *testIssuer) {
		i.status = http.StatusServiceUnavailable
		i.hang = func() {
			tries.Add(1)
			once.Do(func() { close(asked) })
			<-release
		}
	})
	f.clock.Pass(10 * time.Minute)
	token := f.token(t, f.claims())

	first := make(chan error, 1)
	go func() {
		_, err := f.verifier.Verify(context.WithoutCancel(t.Context()), token)
		first <- err
	}()
	<-asked
	_, err := f.verifier.Verify(t.Context(), token)
	require.NoError(t, err, "only the one who asks waits")
	close(release)
	require.NoError(t, <-first)

	require.Equal(t, int64(2), tries.Load(), "once when all was well")
	f.clock.Pass(9 * time.Second)
	_, err = f.verifier.Verify(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, int64(2), tries.Load(), "asked again after ten seconds, not before")
	f.clock.Pass(time.Second)
	_, err = f.verifier.Verify(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, int64(3), tries.Load())
	require.Equal(t, 1, strings.Count(f.log.String(), "fetching the sign-in keys fails"), "one line for one trouble")
}

func TestACallerWhoHangsUpDoesNotWaitForAFetch(t *testing.T) {
	f := newFixture(t)
	started, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		once.Do(func() { close(started) })
		<-release
	}))
	defer slow.Close()
	verifier, err := auth.NewOIDC(auth.Config{Issuer: slow.URL, Audience: "praxis", Clock: f.clock.Now, Client: slow.Client()})
	require.NoError(t, err)

	first := make(chan error, 1)
	go func() { first <- verifier.Ready(context.WithoutCancel(t.Context())) }()
	<-started
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	err = verifier.Ready(gone)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, auth.ErrIssuerUnavailable)
	close(release)
	require.ErrorIs(t, <-first, auth.ErrIssuerUnavailable)
}

func TestACallerWhoHangsUpDoesNotSpoilTheFetchForOthers(t *testing.T) {
	f := newFixture(t)
	asked, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f.issuer.change(func(i *testIssuer) {
		i.hang = func() {
			once.Do(func() { close(asked) })
			<-release
		}
	})
	leaving, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { first <- f.verifier.Ready(leaving) }()
	<-asked
	cancel()
	close(release)
	require.NoError(t, <-first)
	_, err := f.verifier.Verify(t.Context(), f.token(t, f.claims()))
	require.NoError(t, err)
	require.Equal(t, 1, f.issuer.fetchCount())
}

func TestSymmetricAlgorithmsAreRefusedBeforeAnythingIsFetched(t *testing.T) {
	f := newFixture(t)
	for _, algorithm := range []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512} {
		secret := []byte(strings.Repeat("shared", 12))
		_, err := f.verifier.Verify(t.Context(), sign(t, algorithm, secret, "key-1", "JWT", f.claims()))
		require.ErrorIs(t, err, auth.ErrTokenUntrusted, string(algorithm))
	}
	require.Zero(t, f.issuer.fetchCount())
}

func TestDiscoveryIsNotBelievedBlindly(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*testIssuer)
		reason string
	}{
		"another issuer's document": {func(i *testIssuer) { i.named = "https://evil.example" }, "names another issuer"},
		"keys over plain http":      {func(i *testIssuer) { i.jwksURL = "http://keys.example.com/jwks" }, "jwks_uri: must use https"},
		"no keys at all":            {func(i *testIssuer) { i.keys = nil }, "no public signing key"},
		"only a shared secret": {func(i *testIssuer) {
			i.keys = []any{jose.JSONWebKey{Key: []byte("shared-secret-of-32-bytes-length"), KeyID: "s"}}
		}, "no public signing key"},
		"only a key for encryption": {func(i *testIssuer) {
			i.keys = []any{map[string]string{"kty": "EC", "crv": "P-256", "use": "enc", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}
		}, "no public signing key"},
		"keys of more than 1 MiB": {func(i *testIssuer) { i.keys = append(i.keys, strings.Repeat("k", 1<<20)) }, "keys: the answer is larger than 1 MiB"},
		"a redirect":              {func(i *testIssuer) { i.status = http.StatusFound }, "status 302"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.issuer.change(tc.change)
			err := f.verifier.Ready(t.Context())
			require.ErrorIs(t, err, auth.ErrIssuerUnavailable)
			require.ErrorContains(t, err, tc.reason)
		})
	}
}

func TestAKeyOfAnUnknownKindIsIgnored(t *testing.T) {
	f := newFixture(t)
	f.issuer.change(func(i *testIssuer) {
		i.keys = append([]any{map[string]string{"kty": "quantum", "kid": "q"}}, i.keys...)
	})
	_, err := f.verifier.Verify(t.Context(), f.token(t, f.claims()))
	require.NoError(t, err)
}

func TestAnUnsafeConfigurationIsRefused(t *testing.T) {
	clock := func() time.Time { return noon }
	for name, config := range map[string]auth.Config{
		"no audience":      {Issuer: "https://login.example.com", Clock: clock},
		"no issuer":        {Audience: "praxis", Clock: clock},
		"plain http":       {Issuer: "http://login.example.com", Audience: "praxis", Clock: clock},
		"credentials":      {Issuer: "https://u:p@login.example.com", Audience: "praxis", Clock: clock},
		"no clock":         {Issuer: "https://login.example.com", Audience: "praxis"},
		"not a URL at all": {Issuer: "login", Audience: "praxis", Clock: clock},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := auth.NewOIDC(config)
			require.Error(t, err)
			_, err = auth.NewStatic(config, jose.JSONWebKeySet{})
			require.Error(t, err)
		})
	}
}
