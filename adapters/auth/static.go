package auth

import (
	"context"
	"crypto"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// StaticConfig says what NewStatic trusts.
type StaticConfig struct {
	// Issuer is what the iss claim must be.
	Issuer string
	// Audience is what the aud claim must contain.
	Audience string
	// Keys are the public keys of the issuer.
	Keys jose.JSONWebKeySet
	// Clock tells the time that exp and nbf are checked against.
	Clock func() time.Time
}

// NewStatic returns a verifier for an issuer whose keys are at hand, such as the
// development issuer of the same process. It makes the same checks as OIDC and
// needs no network.
func NewStatic(c StaticConfig) (Verifier, error) {
	if err := requireConfig(c.Issuer, c.Audience, c.Clock); err != nil {
		return nil, err
	}
	return &checker{issuer: c.Issuer, audience: c.Audience, clock: c.Clock, keys: keySet(usable(c.Keys.Keys))}, nil
}

// keySet is a fixed list of usable keys.
type keySet []jose.JSONWebKey

// find returns the keys with the given key id, or every key when it is empty.
func (s keySet) find(_ context.Context, keyID string) ([]crypto.PublicKey, error) {
	var found []crypto.PublicKey
	for _, k := range s {
		if keyID == "" || k.KeyID == keyID {
			found = append(found, k.Key)
		}
	}
	return found, nil
}
