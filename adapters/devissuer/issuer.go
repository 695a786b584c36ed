package devissuer

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"praxis/adapters/auth"
	"praxis/adapters/loopback"
	"praxis/domain/fault"
)

// tokenLife is how long tokens are valid: a working day and an evening.
const tokenLife = 12 * time.Hour

// ErrPersonUnknown means that no person with that subject may be signed in as.
var ErrPersonUnknown = fault.New(fault.NotFound, "person_unknown", "The development issuer knows no person with that subject. Its start page lists the people it knows.")

// Person is somebody to sign in as.
type Person struct {
	// Subject is the stable name that the account is derived from.
	Subject string
	// Name and Email go into the tokens; the address counts as verified.
	Name, Email string
	// Description says in a few words what this person is in the demonstration data.
	Description string
}

// Config says how a development issuer is set up.
type Config struct {
	// Issuer is what the issuer is called in tokens. Accounts are derived from it,
	// so it stays the same when the address changes. URL where empty.
	Issuer string
	// URL is the base URL on a loopback host, such as http://127.0.0.1:8080/dev;
	// the handler serves below its path. Discovery by other programs works while
	// it equals Issuer.
	URL string
	// KeyFile keeps the signing key (PEM, mode 0600). It is made when missing, so
	// that tokens outlive a restart.
	KeyFile string
	// People are those to sign in as, in the order of the page.
	People []Person
	// Audience goes into every token.
	Audience string
	// APIURL is where the curl line on the page points.
	APIURL string
	// Clock tells when tokens are issued.
	Clock func() time.Time
}

// Issuer signs in without asking for anything. Development only.
type Issuer struct {
	config   Config
	path     string
	keys     jose.JSONWebKeySet
	signer   jose.Signer
	verifier auth.Verifier
}

// New returns an issuer with the key of the key file. It refuses a base URL
// that is not on a loopback host.
func New(c Config) (*Issuer, error) {
	u, err := loopback.ParseURL(c.URL)
	if err != nil {
		return nil, fmt.Errorf("devissuer: the base URL: %w", err)
	}
	if !loopback.Is(u.Hostname()) {
		return nil, errors.New("devissuer: the development issuer is for loopback hosts only; configure a real OpenID Connect issuer to serve others")
	}
	if strings.HasSuffix(c.URL, "/") {
		return nil, errors.New("devissuer: the base URL must not end in a slash")
	}
	if c.Issuer == "" {
		c.Issuer = c.URL
	}
	if err := checkConfig(c); err != nil {
		return nil, err
	}
	key, err := loadOrCreateKey(c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("devissuer: the key file: %w", err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("devissuer: make the signer: %w", err)
	}
	keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}}
	verifier, err := auth.NewStatic(auth.Config{Issuer: c.Issuer, Audience: c.Audience, Clock: c.Clock}, keys)
	if err != nil {
		return nil, fmt.Errorf("devissuer: make the verifier: %w", err)
	}
	return &Issuer{config: c, path: u.EscapedPath(), keys: keys, signer: signer, verifier: verifier}, nil
}

// checkConfig reports what would make the issuer unusable.
func checkConfig(c Config) error {
	if c.KeyFile == "" || c.Audience == "" || c.Clock == nil || len(c.People) == 0 {
		return errors.New("devissuer: a key file, an audience, a clock and at least one person are required")
	}
	seen := make(map[string]bool, len(c.People))
	for _, p := range c.People {
		if p.Subject == "" || seen[p.Subject] {
			return errors.New("devissuer: every person needs a subject of their own")
		}
		seen[p.Subject] = true
	}
	return nil
}

// Path is the path of the issuer's base URL, below which Handler serves: empty
// or without a slash at its end.
func (i *Issuer) Path() string { return i.path }

// Token returns a signed token for the person with this subject, valid from now
// on for tokenLife, or ErrPersonUnknown.
func (i *Issuer) Token(subject string) (string, error) {
	_, token, err := i.signIn(subject)
	return token, err
}

// signIn returns the person with this subject and a token for them.
func (i *Issuer) signIn(subject string) (Person, string, error) {
	for _, p := range i.config.People {
		if p.Subject == subject {
			token, err := i.sign(p)
			return p, token, err
		}
	}
	return Person{}, "", ErrPersonUnknown
}

// sign issues a token for a person.
func (i *Issuer) sign(p Person) (string, error) {
	now := i.config.Clock().UTC()
	payload, err := json.Marshal(map[string]any{
		"iss": i.config.Issuer, "aud": i.config.Audience, "sub": p.Subject, "jti": rand.Text(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(tokenLife).Unix(),
		// A request for a token is the sign-in here.
		"auth_time": now.Unix(),
		"name":      p.Name, "email": p.Email, "email_verified": p.Email != "",
	})
	if err != nil {
		return "", fmt.Errorf("write the claims: %w", err)
	}
	signed, err := i.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign the token: %w", err)
	}
	return signed.CompactSerialize()
}

// Verifier checks this issuer's tokens in the same process, without HTTP.
func (i *Issuer) Verifier() auth.Verifier { return i.verifier }
