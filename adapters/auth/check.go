package auth

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"
)

// leeway is how far the issuer's clock and ours may be apart.
const leeway = 30 * time.Second

// algorithms are the only ones accepted: all asymmetric, so that a public key
// can never pass as a shared secret, and never "none".
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512,
	jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512,
	jose.EdDSA,
}

// algorithmNames is algorithms as go-oidc wants them.
func algorithmNames() []string {
	names := make([]string, len(algorithms))
	for i, a := range algorithms {
		names[i] = string(a)
	}
	return names
}

// keySource finds the public keys that may have signed a token.
type keySource interface {
	// find returns the keys with the given key id, or every key when it is
	// empty. No key is no error; an error means that the keys are unknown.
	find(ctx context.Context, keyID string) ([]crypto.PublicKey, error)
}

// checker holds what every token is checked against.
type checker struct {
	issuer   string
	audience string
	clock    func() time.Time
	keys     keySource
	// ahead is how far, in nanoseconds, the last genuine token was ahead of our clock,
	// 0 if it was not: where that is the rule, a clock is wrong.
	ahead atomic.Int64
}

// Verify returns the principal of a token. The signature is checked before any
// claim is believed, so an expired forgery is untrusted, not expired.
func (c *checker) Verify(ctx context.Context, rawToken string) (Principal, error) {
	keyID, err := readHeader(rawToken)
	if err != nil {
		return Principal{}, err
	}
	keys, err := c.keys.find(ctx, keyID)
	if err != nil {
		return Principal{}, ErrIssuerUnavailable.Because(err)
	}
	token, err := oidc.NewVerifier(c.issuer, &oidc.StaticKeySet{PublicKeys: keys}, &oidc.Config{
		ClientID:             c.audience,
		SupportedSigningAlgs: algorithmNames(),
		// The library allows five minutes for nbf and nothing for exp.
		SkipExpiryCheck: true,
	}).Verify(ctx, rawToken)
	if err != nil {
		// The library's errors repeat claims of the token, so they are not wrapped.
		return Principal{}, ErrTokenUntrusted
	}
	return c.principal(token)
}

// claims are those we read besides the ones go-oidc reads.
type claims struct {
	NotBefore *float64 `json:"nbf"`
	// AuthTime is when the person signed in, in seconds since 1970 (OpenID Connect Core §2).
	AuthTime      *float64 `json:"auth_time"`
	TokenID       string   `json:"jti"`
	Email         string   `json:"email"`
	EmailVerified any      `json:"email_verified"`
	Name          string   `json:"name"`
}

// required are the claims that go-oidc reads and that every token must have under
// exactly these names.
var required = [...]string{"iss", "sub", "aud", "exp"}

// readClaims reads the claims of a token with a good signature. Their names are
// case-sensitive (RFC 7519 §10.1.1), but encoding/json, with which go-oidc has read
// its own, takes "SUB" for "sub" and the last of two. So a payload is refused in
// which two names differ in nothing but case, or in which a required claim is
// missing: with neither, both ways of reading agree.
func readClaims(token *oidc.IDToken) (read claims, err error) {
	var payload json.RawMessage
	if err := token.Claims(&payload); err != nil {
		return read, ErrTokenMalformed
	}
	// This decoder is case-sensitive, and refuses every object that repeats a name.
	var members map[string]any
	if err := josejson.Unmarshal(payload, &members); err != nil {
		return read, ErrTokenUntrusted
	}
	names := make(map[string]bool, len(members))
	for name := range members {
		folded := foldCase(name)
		if names[folded] {
			return read, ErrTokenUntrusted
		}
		names[folded] = true
	}
	for _, name := range required {
		if _, ok := members[name]; !ok {
			return read, ErrTokenUntrusted
		}
	}
	if err := josejson.Unmarshal(payload, &read); err != nil {
		return read, ErrTokenMalformed
	}
	return read, nil
}

// foldCase returns one spelling for all names that strings.EqualFold, and with it
// encoding/json, takes for the same: the smallest rune of each fold.
func foldCase(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, name)
}

// principal checks the times of a token with a good signature and reads whom it names.
func (c *checker) principal(token *oidc.IDToken) (Principal, error) {
	extra, err := readClaims(token)
	if err != nil {
		return Principal{}, err
	}
	now := c.clock()
	switch {
	// OpenID Connect bounds a subject to 255 characters. Without an end a token would be a password.
	case token.Subject == "", len(token.Subject) > 255, token.Expiry.Unix() <= 0:
		return Principal{}, ErrTokenUntrusted
	case !now.Before(token.Expiry.Add(leeway)):
		return Principal{}, ErrTokenExpired
	}
	switch ahead := max(aheadBy(extra.NotBefore, now), aheadBy(extra.AuthTime, now)); {
	case ahead >= noTime:
		return Principal{}, ErrTokenUntrusted
	case ahead > leeway:
		c.ahead.Store(int64(ahead))
		return Principal{}, ErrTokenNotYetValid
	}
	c.ahead.Store(0)
	return Principal{
		Account: accountOf(c.issuer, token.Subject),
		Subject: token.Subject,
		Email:   verifiedEmail(extra.Email, extra.EmailVerified),
		Name:    extra.Name,
		TokenID: extra.TokenID,

		AuthenticatedAt: signedIn(extra.AuthTime),

		ExpiresAt: token.Expiry.UTC(),
	}, nil
}

// noTime is so far ahead that no clock is wrong, but the token: milliseconds, say. A
// clock that starts in 1970 is not.
const noTime = 100 * 365 * 24 * time.Hour

// aheadBy is how far a time of a token lies ahead of now; 0 if it has come.
func aheadBy(seconds *float64, now time.Time) time.Duration {
	if seconds == nil {
		return 0
	}
	ahead := max(0, min(*seconds-float64(now.Unix()), noTime.Seconds()))
	return time.Duration(ahead * float64(time.Second))
}

// signedIn is when somebody signed in. An instant that is not after 1970
// counts as none.
func signedIn(seconds *float64) time.Time {
	if seconds == nil || *seconds < 1 {
		return time.Time{}
	}
	return time.Unix(int64(*seconds), 0).UTC()
}

// readHeader returns the key id that an unchecked token claims to be signed with.
func readHeader(rawToken string) (string, error) {
	if !isToken68(rawToken) {
		return "", ErrTokenMalformed
	}
	jws, err := jose.ParseSignedCompact(rawToken, algorithms)
	var algorithm *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &algorithm) {
		return "", ErrTokenUntrusted
	}
	if err != nil {
		return "", ErrTokenMalformed
	}
	// The compact form has exactly one signature.
	header := jws.Signatures[0].Header
	// Explicit typing (RFC 8725) keeps logout and other special tokens of the issuer out.
	switch header.ExtraHeaders[jose.HeaderType] {
	case nil, "JWT", "jwt", "at+jwt", "application/at+jwt":
		return header.KeyID, nil
	}
	return "", ErrTokenUntrusted
}

// newChecker makes the checks that c asks for, with the issuer's keys.
func newChecker(c Config, keys keySource) *checker {
	return &checker{issuer: c.Issuer, audience: c.Audience, clock: c.Clock, keys: keys}
}

// check reports what is missing for any checker to be safe.
func (c Config) check() error {
	switch {
	case c.Audience == "":
		return errors.New("auth: an audience is required, or tokens for other services would be accepted")
	case c.Clock == nil:
		return errors.New("auth: a clock is required")
	}
	if err := checkURL(c.Issuer); err != nil {
		return fmt.Errorf("auth: the issuer: %w", err)
	}
	return nil
}
