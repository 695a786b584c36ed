package auth_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"praxis/adapters/auth"
)

// rawToken signs a payload exactly as it is written.
func (f *fixture) rawToken(t testing.TB, payload string) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", f.key.KeyID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: f.key.Key}, options)
	require.NoError(t, err)
	signed, err := signer.Sign([]byte(payload))
	require.NoError(t, err)
	token, err := signed.CompactSerialize()
	require.NoError(t, err)
	return token
}

// payload is that of a good token of Mallory, with more members at its end and
// without those left out.
func (f *fixture) payload(t testing.TB, more string, without ...string) string {
	t.Helper()
	claims := f.claimsWith("sub", "mallory")
	for _, name := range without {
		delete(claims, name)
	}
	body, err := json.Marshal(claims)
	require.NoError(t, err)
	return strings.TrimSuffix(string(body), "}") + more + "}"
}

func TestFoundP9_ClaimsAreReadByTheirExactNames(t *testing.T) {
	f := newFixture(t)
	for name, payload := range map[string]string{
		"sub and SUB":                        f.payload(t, `,"SUB":"olivia"`),
		"SUB before sub":                     `{"SUB":"olivia",` + f.payload(t, "")[1:],
		"sub twice":                          f.payload(t, `,"sub":"olivia"`),
		"sub twice, once escaped":            f.payload(t, `,"s\u0075b":"olivia"`),
		"SUB alone":                          f.payload(t, `,"SUB":"olivia"`, "sub"),
		"ISS alone":                          f.payload(t, `,"ISS":"`+f.issuer.URL+`"`, "iss"),
		"AUD alone":                          f.payload(t, `,"AUD":"praxis"`, "aud"),
		"Exp alone":                          f.payload(t, `,"Exp":4102444800`, "exp"),
		"exp and EXP":                        f.payload(t, `,"EXP":4102444800`),
		"email and EMAIL":                    f.payload(t, `,"EMAIL":"olivia@example.org"`),
		"email_verified and EMAIL_VERIFIED":  f.payload(t, `,"EMAIL_VERIFIED":true`),
		"i\u017fs, which folds to iss":       f.payload(t, `,"i`+"\u017f"+`s":"x"`),
		"two names that nobody reads":        f.payload(t, `,"tenant":1,"Tenant":2`),
		"a name repeated inside another":     f.payload(t, `,"address":{"city":"a","city":"b"}`),
		"two names that differ in a Kelvin":  f.payload(t, `,"k":1,"`+"\u212a"+`":2`),
		"two names that differ in sigma":     f.payload(t, `,"σ":1,"`+"ς"+`":2`),
		"auth_time and Auth_Time":            f.payload(t, `,"auth_time":1,"Auth_Time":2`),
		"not-before twice, the first hidden": f.payload(t, `,"nbf":4102444800,"nbf":1`),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := f.verifier.Verify(t.Context(), f.rawToken(t, payload))
			require.ErrorIs(t, err, auth.ErrTokenUntrusted)
			require.Zero(t, got)
		})
	}
	for name, payload := range map[string]string{
		"as issuers write it":                       f.payload(t, ""),
		"with names that nobody reads":              f.payload(t, `,"Tenant":2,"address":{"City":1,"city":2}`),
		"with another spelling of what is left out": f.payload(t, `,"EMAIL":"olivia@example.org","AUTH_TIME":1`, "email"),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := f.verifier.Verify(t.Context(), f.rawToken(t, payload))
			require.NoError(t, err)
			require.Equal(t, "mallory", got.Subject)
			require.NotEqual(t, "olivia@example.org", got.Email)
			require.Zero(t, got.AuthenticatedAt)
		})
	}
}

// FuzzClaims holds whoever is recognised to the one member of the payload that is
// called exactly "sub", whatever else the issuer signed.
func FuzzClaims(f *testing.F) {
	fx := newFixture(f)
	for _, seed := range []string{
		``, `,"SUB":"olivia"`, `,"sub":"olivia"`, `,"s\u0075b":"olivia"`, `,"ſub":"olivia"`, `,"a":{"sub":"olivia"}`,
		`,"Sub":null`, `,"":1`, `,"email":"x@example.org"`, `,"aud":["x"]`, `}{"sub":"olivia"`, `,"\ud800":1`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, more string) {
		payload := fx.payload(t, more)
		got, err := fx.verifier.Verify(t.Context(), fx.rawToken(t, payload))
		if err != nil {
			require.Zero(t, got)
			return
		}
		require.Equal(t, "mallory", got.Subject)
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(payload), &members))
		for name := range members {
			if strings.EqualFold(name, "sub") {
				require.Equal(t, "sub", name)
			}
		}
	})
}
