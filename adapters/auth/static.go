package auth

import (
	"context"
	"crypto"

	"github.com/go-jose/go-jose/v4"
)

// NewStatic returns a verifier for an issuer whose public keys are at hand, such as the
// development issuer of the same process. It makes the same checks as OIDC and
// needs no network.
func NewStatic(c Config, keys jose.JSONWebKeySet) (Verifier, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return newChecker(c, keySet(usable(keys.Keys))), nil
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
