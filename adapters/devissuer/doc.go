// Package devissuer is the sign-in service of a development machine: an OpenID
// Connect issuer that asks for no password and lets the person at the machine be
// any of a given list of people. It exists so that a fresh clone can be tried
// with real tokens, checked by the same code as in production.
//
// DEVELOPMENT ONLY. It can be made for, and answers on, loopback hosts only: it
// checks its configuration, and in each request the peer's address, the Host
// header (DNS rebinding), the absence of proxy headers, and that a browser sends
// forms from its own pages only. The package imports domain/fault,
// adapters/{auth,loopback} and go-jose.
package devissuer
