package auth

import (
	"context"
	"net/mail"
	"strings"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// Principal is who a checked token speaks for.
type Principal struct {
	// Account is derived from issuer and subject, so it is the same in every
	// token of that person and different for the same subject of another issuer.
	Account id.Account
	// Subject is the issuer's own stable name for the person.
	Subject string
	// Email is lower-case, and empty unless the issuer says that it verified it,
	// so that it may be compared with the address of an invitation.
	Email string
	// Name is for display only; people may choose it freely.
	Name string
	// TokenID is the token's jti, empty where the issuer sets none.
	TokenID string
	// AuthenticatedAt is when the person last signed in, in UTC: the token's
	// auth_time, zero where the issuer sets none. A token may be much younger.
	AuthenticatedAt time.Time
	// ExpiresAt is when the token ends, in UTC.
	ExpiresAt time.Time
}

// Verifier tells who a bearer token speaks for.
type Verifier interface {
	// Verify returns the token's principal, or one of the faults of this package.
	Verify(ctx context.Context, rawToken string) (Principal, error)
}

// The faults of this package, to be compared with errors.Is. Every one but
// ErrIssuerUnavailable is fault.Unauthenticated.
var (
	// ErrTokenMissing means that the request carries no Authorization header.
	ErrTokenMissing = fault.New(fault.Unauthenticated, "token_missing", "Sign in first: this request needs an Authorization header with a bearer token.")
	// ErrTokenMalformed means that the header or the token is not well-formed.
	ErrTokenMalformed = fault.New(fault.Unauthenticated, "token_malformed", "The Authorization header must be \"Bearer\", one space and one signed token of at most 8 KiB. Sign in again to get one.")
	// ErrTokenExpired means that the token is genuine, but its time is over.
	ErrTokenExpired = fault.New(fault.Unauthenticated, "token_expired", "The sign-in has expired. Sign in again.")
	// ErrTokenNotYetValid means that the token is genuine and of a later time than this server's.
	ErrTokenNotYetValid = fault.New(fault.Unauthenticated, "token_not_yet_valid", "By this server's clock, the sign-in is valid only from later on. If this happens to everybody, the clock of the server or of the sign-in service is wrong; tell the operator.")
	// ErrTokenUntrusted means that the token was not issued by the trusted issuer for this audience.
	ErrTokenUntrusted = fault.New(fault.Unauthenticated, "token_untrusted", "This token was not issued for Praxis by the sign-in service it trusts. Sign in again.")
	// ErrIssuerUnavailable means that the issuer's keys could not be fetched, so that
	// no sign-in can be checked.
	ErrIssuerUnavailable = fault.New(fault.Unavailable, "issuer_unavailable", "The sign-in service cannot be reached, so your sign-in cannot be checked at the moment. Try again in a few seconds.")
)

// accountOf derives the account of a subject of an issuer.
func accountOf(issuer, subject string) id.Account {
	return id.Derive[id.Account]("account", issuer, subject)
}

// verifiedEmail returns the address in lower case, or nothing unless it is
// verified and a plain address. Issuers write the claim as a boolean or, a few
// of them, as the string "true".
func verifiedEmail(address string, verified any) string {
	if verified != true && verified != "true" {
		return ""
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 {
		return ""
	}
	return strings.ToLower(address)
}
