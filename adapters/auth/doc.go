// Package auth answers one question for the HTTP API: who sent this request? It
// checks bearer tokens against the one OpenID Connect issuer that the
// installation trusts and returns a Principal, an account and no more: what an
// account may do is decided elsewhere, from the group's own events.
//
// Nothing of a token is ever put in an error or a log line. The package imports
// domain/{fault,id}, adapters/loopback, go-oidc and go-jose.
package auth
