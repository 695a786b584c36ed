// Package httpapi is the HTTP face of Praxis on gorilla/mux. The OpenAPI
// document in openapi/ is the single source of paths, methods and shapes:
// routes are bound to its operations by name, every request is validated
// against it before a handler runs, and tests validate every response. Errors
// leave as RFC 9457 problems, through one table. It may import the domain,
// commands and projections.
package httpapi
