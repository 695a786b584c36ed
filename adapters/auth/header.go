package auth

import (
	"net/http"
	"regexp"
	"strings"
)

// maxTokenBytes bounds what is parsed before anybody is known. Tokens with many
// claims stay below 4 KiB.
const maxTokenBytes = 8 << 10

// FromHeader returns the bearer token of a request's headers. It takes exactly
// one Authorization header of the form "Bearer token68" (RFC 6750, the scheme in
// any case), and returns ErrTokenMissing or ErrTokenMalformed otherwise. Another
// scheme carries no token, as RFC 6750 §3.1 sees it.
func FromHeader(h http.Header) (string, error) {
	values := h.Values("Authorization")
	if len(values) == 0 {
		return "", ErrTokenMissing
	}
	// Two headers could be read differently by a proxy and by us.
	if len(values) > 1 {
		return "", ErrTokenMalformed
	}
	scheme, token, found := strings.Cut(values[0], " ")
	switch {
	case found && !strings.EqualFold(scheme, "Bearer"):
		return "", ErrTokenMissing
	case !found || !isToken68(token):
		return "", ErrTokenMalformed
	}
	return token, nil
}

// token68 is that of RFC 9110.
var token68 = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// isToken68 reports whether s is a token68 within the size limit.
func isToken68(s string) bool { return len(s) <= maxTokenBytes && token68.MatchString(s) }
