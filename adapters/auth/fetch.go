package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"praxis/adapters/loopback"
)

const (
	// fetchTimeout bounds discovery and keys together, so that a hanging issuer
	// cannot hold requests for longer.
	fetchTimeout = 5 * time.Second
	// maxDocumentBytes bounds what is read from the issuer.
	maxDocumentBytes = 1 << 20
)

func checkURL(raw string) error {
	_, err := loopback.ParseURL(raw)
	return err
}

// fetchKeys reads the issuer's discovery document and then its keys. date is the
// issuer's own time as it answered, zero where it does not say.
func fetchKeys(ctx context.Context, client *http.Client, issuer string) (fetched keySet, date time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	u, err := loopback.ParseURL(issuer)
	if err != nil {
		return nil, date, fmt.Errorf("issuer: %w", err)
	}
	var discovered oidc.ProviderConfig
	if _, err := fetchJSON(ctx, client, u.JoinPath(".well-known/openid-configuration").String(), &discovered); err != nil {
		return nil, date, fmt.Errorf("discovery: %w", err)
	}
	if discovered.IssuerURL != issuer {
		return nil, date, errors.New("discovery: the document names another issuer; the configured issuer must match it to the letter, a slash at the end included")
	}
	if err := checkURL(discovered.JWKSURL); err != nil {
		return nil, date, fmt.Errorf("discovery: jwks_uri: %w", err)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if date, err = fetchJSON(ctx, client, discovered.JWKSURL, &set); err != nil {
		return nil, date, fmt.Errorf("keys: %w", err)
	}
	keys := make([]jose.JSONWebKey, 0, len(set.Keys))
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		// RFC 7517 §5: keys of kinds we do not understand are ignored.
		if key.UnmarshalJSON(raw) == nil {
			keys = append(keys, key)
		}
	}
	if keys = usable(keys); len(keys) == 0 {
		return nil, date, errors.New("keys: the issuer publishes no public signing key that we understand")
	}
	return keys, date, nil
}

// usable keeps the public keys that sign: neither shared secrets, nor private
// keys published by mistake, nor keys for encryption.
func usable(keys []jose.JSONWebKey) []jose.JSONWebKey {
	var kept []jose.JSONWebKey
	for _, k := range keys {
		if k.Use == "enc" || !k.Valid() {
			continue
		}
		switch k.Key.(type) {
		case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
			kept = append(kept, k)
		}
	}
	return kept
}

// fetchJSON reads one document. Its errors name the status and never the body. date
// is when the other side says it is, unless the answer comes from a cache.
func fetchJSON(ctx context.Context, client *http.Client, url string, into any) (date time.Time, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return date, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return date, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		return date, fmt.Errorf("the issuer answered with status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDocumentBytes+1))
	if err != nil {
		return date, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > maxDocumentBytes {
		return date, errors.New("the answer is larger than 1 MiB")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return date, errors.New("the answer is not the JSON document that OpenID Connect asks for")
	}
	if response.Header.Get("Age") == "" {
		// A missing or unreadable date counts as none.
		date, _ = http.ParseTime(response.Header.Get("Date"))
	}
	return date, nil
}
