package auth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"praxis/adapters/auth"
	"praxis/domain/fault"
	"praxis/domain/id"
)

func TestAGoodTokenNamesItsPrincipal(t *testing.T) {
	f := newFixture(t)
	got, err := f.verifier.Verify(t.Context(), f.token(t, f.claims()))
	require.NoError(t, err)
	require.Equal(t, auth.Principal{
		Account:   id.Derive[id.Account]("account", f.issuer.URL, "user-7"),
		Subject:   "user-7",
		Email:     "mara.lind@example.com",
		Name:      "Mara Lind",
		TokenID:   "token-1",
		ExpiresAt: noon.Add(time.Hour),
	}, got)
}

func TestTheEmailCountsOnlyWhenTheIssuerVerifiedIt(t *testing.T) {
	f := newFixture(t)
	for name, tc := range map[string]struct {
		email, verified any
		want            string
	}{
		"verified":                {"A@b.example", true, "a@b.example"},
		"verified, as a string":   {"A@b.example", "true", "a@b.example"},
		"not verified":            {"A@b.example", false, ""},
		"not verified, string":    {"A@b.example", "false", ""},
		"verified is missing":     {"A@b.example", nil, ""},
		"verified is a number":    {"A@b.example", 1, ""},
		"no address":              {"", true, ""},
		"an address with a name":  {"Ann <a@b.example>", true, ""},
		"two addresses":           {"a@b.example, c@d.example", true, ""},
		"longer than any address": {strings.Repeat("a", 250) + "@b.example", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			claims := f.claimsWith("email", tc.email)
			claims["email_verified"] = tc.verified
			got, err := f.verifier.Verify(t.Context(), f.token(t, claims))
			require.NoError(t, err)
			require.Equal(t, tc.want, got.Email)
		})
	}
}

func TestTimesAreJudgedByTheGivenClockWithThirtySecondsOfLeeway(t *testing.T) {
	f := newFixture(t)
	for name, tc := range map[string]struct {
		claim  string
		offset time.Duration
		want   error
	}{
		"expired within the leeway":       {"exp", -29 * time.Second, nil},
		"expired at the leeway":           {"exp", -30 * time.Second, auth.ErrTokenExpired},
		"expired an hour ago":             {"exp", -time.Hour, auth.ErrTokenExpired},
		"not yet valid within the leeway": {"nbf", 30 * time.Second, nil},
		"not yet valid":                   {"nbf", 31 * time.Second, auth.ErrTokenNotYetValid},
		"valid since an hour":             {"nbf", -time.Hour, nil},
		"signed in within the leeway":     {"auth_time", 30 * time.Second, nil},
		"signed in in the future":         {"auth_time", 31 * time.Second, auth.ErrTokenNotYetValid},
		"signed in a year ago":            {"auth_time", -365 * 24 * time.Hour, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.verifier.Verify(t.Context(), f.token(t, f.claimsWith(tc.claim, noon.Add(tc.offset).Unix())))
			require.ErrorIs(t, err, tc.want)
		})
	}
}

func TestTheTimeOfTheSignInIsTheIssuersWord(t *testing.T) {
	f := newFixture(t)
	for name, tc := range map[string]struct {
		claim any
		want  time.Time
		err   error
	}{
		"a whole second":              {noon.Add(-time.Hour).Unix(), noon.Add(-time.Hour), nil},
		"a fraction of a second":      {float64(noon.Unix()) - 0.5, noon.Add(-time.Second), nil},
		"missing":                     {nil, time.Time{}, nil},
		"the beginning of time":       {0, time.Time{}, nil},
		"before the beginning":        {-1e300, time.Time{}, nil},
		"beyond every calendar":       {1e300, time.Time{}, auth.ErrTokenUntrusted},
		"in milliseconds":             {noon.UnixMilli(), time.Time{}, auth.ErrTokenUntrusted},
		"a text that names a time":    {"2026-03-09T12:00:00Z", time.Time{}, auth.ErrTokenMalformed},
		"a number written as a text":  {"1773057600", time.Time{}, auth.ErrTokenMalformed},
		"neither a number nor a text": {[]int{1}, time.Time{}, auth.ErrTokenMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := f.verifier.Verify(t.Context(), f.token(t, f.claimsWith("auth_time", tc.claim)))
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.want, got.AuthenticatedAt)
		})
	}
}

func TestTokensOfOthersAreUntrusted(t *testing.T) {
	f := newFixture(t)
	stranger := newKey(t, "key-1")
	good := f.token(t, f.claims())
	parts := strings.Split(good, ".")
	segment := base64.RawURLEncoding.EncodeToString
	// rewritten keeps the good signature over another payload.
	rewritten, err := json.Marshal(f.claimsWith("sub", "somebody-else"))
	require.NoError(t, err)
	public, ok := f.key.Public().Key.(*ecdsa.PublicKey)
	require.True(t, ok)
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	pemKey := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})

	withoutEnd := f.claims()
	delete(withoutEnd, "exp")
	withoutAudience := f.claims()
	delete(withoutAudience, "aud")

	for name, token := range map[string]string{
		"signed by a stranger under the same key id":  signWith(t, stranger, f.claims()),
		"payload changed after signing":               parts[0] + "." + segment(rewritten) + "." + parts[2],
		"signature cut off":                           parts[0] + "." + parts[1] + ".",
		"alg none without signature":                  segment([]byte(`{"alg":"none","kid":"key-1"}`)) + "." + parts[1] + ".",
		"alg none with the good signature":            segment([]byte(`{"alg":"none","kid":"key-1"}`)) + "." + parts[1] + "." + parts[2],
		"HS256 with the public key as secret, DER":    sign(t, jose.HS256, der, "key-1", "JWT", f.claims()),
		"HS256 with the public key as secret, PEM":    sign(t, jose.HS256, pemKey, "key-1", "JWT", f.claims()),
		"embedded key of the forger":                  signEmbedding(t, stranger, f.claims()),
		"for another audience":                        f.token(t, f.claimsWith("aud", "another-service")),
		"for other audiences":                         f.token(t, f.claimsWith("aud", []string{"a", "b"})),
		"without an audience":                         f.token(t, withoutAudience),
		"from another issuer":                         f.token(t, f.claimsWith("iss", "https://login.example.com")),
		"issuer with a slash too many":                f.token(t, f.claimsWith("iss", f.issuer.URL+"/")),
		"without an end":                              f.token(t, withoutEnd),
		"without a subject":                           f.token(t, f.claimsWith("sub", "")),
		"with an overlong subject":                    f.token(t, f.claimsWith("sub", strings.Repeat("s", 256))),
		"a logout token of the same issuer":           sign(t, jose.ES256, f.key.Key, "key-1", "logout+jwt", f.claims()),
		"an expired forgery":                          signWith(t, stranger, f.claimsWith("exp", noon.Add(-time.Hour).Unix())),
		"a critical header that nobody understands":   signCritical(t, f.key, f.claims()),
		"an unknown key id":                           signWith(t, newKey(t, "key-9"), f.claims()),
		"a payload that is not a set of claims":       f.token(t, "claims"),
		"an end that is not a time":                   f.token(t, f.claimsWith("exp", "tomorrow")),
		"an end beyond every calendar":                f.token(t, f.claimsWith("exp", 1e300)),
		"an array of audiences with an empty element": f.token(t, f.claimsWith("aud", []string{""})),
	} {
		t.Run(name, func(t *testing.T) {
			principal, err := f.verifier.Verify(t.Context(), token)
			require.ErrorIs(t, err, auth.ErrTokenUntrusted)
			require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
			require.Zero(t, principal)
		})
	}
}

func TestEveryAsymmetricAlgorithmOfTheIssuerWorks(t *testing.T) {
	f := newFixture(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	f.issuer.publish(
		jose.JSONWebKey{Key: rsaKey, KeyID: "rsa"},
		jose.JSONWebKey{Key: edKey, KeyID: "ed"},
		f.key,
	)
	for name, token := range map[string]string{
		"RS256":              sign(t, jose.RS256, rsaKey, "rsa", "JWT", f.claims()),
		"PS512":              sign(t, jose.PS512, rsaKey, "rsa", "at+jwt", f.claims()),
		"EdDSA":              sign(t, jose.EdDSA, edKey, "ed", "", f.claims()),
		"ES256":              f.token(t, f.claims()),
		"without a key id":   sign(t, jose.ES256, f.key.Key, "", "JWT", f.claims()),
		"a list of audience": f.token(t, f.claimsWith("aud", []string{"other", "praxis"})),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := f.verifier.Verify(t.Context(), token)
			require.NoError(t, err)
			require.Equal(t, "user-7", got.Subject)
		})
	}
}

func TestMalformedTokensAreRefusedBeforeAnythingIsFetched(t *testing.T) {
	f := newFixture(t)
	good := f.token(t, f.claims())
	for name, token := range map[string]string{
		"empty":              "",
		"one part":           "abc",
		"two parts":          "abc.def",
		"four parts":         good + ".x",
		"not base64":         "a.b.c",
		"JSON serialization": `{"payload":"","signatures":[]}`,
		"larger than 8 KiB":  f.token(t, f.claimsWith("name", strings.Repeat("n", 8<<10))),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.verifier.Verify(t.Context(), token)
			require.ErrorIs(t, err, auth.ErrTokenMalformed)
		})
	}
	require.Zero(t, f.issuer.fetchCount())
}

func TestNothingOfATokenIsInErrorsOrLogs(t *testing.T) {
	f := newFixture(t)
	const marker = "SENSITIVE-MARKER"
	for name, token := range map[string]string{
		"wrong audience": f.token(t, f.claimsWith("aud", marker)),
		"wrong issuer":   f.token(t, f.claimsWith("iss", marker)),
		"wrong exp":      f.token(t, f.claimsWith("exp", marker)),
		"unknown key":    signWith(t, newKey(t, marker), f.claims()),
		"malformed":      marker,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.verifier.Verify(t.Context(), token)
			require.Error(t, err)
			require.NotContains(t, err.Error(), marker)
			require.NotContains(t, err.Error(), token)
			require.NotContains(t, f.log.String(), marker)
		})
	}
	require.Contains(t, f.log.String(), "sign-in keys fetched")
}

// signEmbedding puts the forger's public key into the header, as CVE-2018-0114 did.
func signEmbedding(t *testing.T, key jose.JSONWebKey, claims any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key.Key}, &jose.SignerOptions{EmbedJWK: true})
	require.NoError(t, err)
	return serialize(t, signer, claims)
}

func signCritical(t *testing.T, key jose.JSONWebKey, claims any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithHeader("kid", key.KeyID).WithHeader("crit", []string{"exp"})
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key.Key}, options)
	require.NoError(t, err)
	return serialize(t, signer, claims)
}

func serialize(t *testing.T, signer jose.Signer, claims any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	require.NoError(t, err)
	signed, err := signer.Sign(payload)
	require.NoError(t, err)
	token, err := signed.CompactSerialize()
	require.NoError(t, err)
	return token
}
