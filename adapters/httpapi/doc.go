// Package httpapi is what every operation of the HTTP API shares: routing, the OpenAPI
// document in openapi/, sign-in, the reading of requests, the giving of commands, the
// gate of queries, and RFC 9457 problems. The document is the single source of paths,
// methods and shapes: routes are bound to its operations by name, every request is
// validated against it before a handler runs, and tests validate every response. The
// operations themselves are in one folder per area, which all/ lists.
package httpapi
