// Package projections turns the log into read models: it runs projectors over
// the order of all events and keeps their rows and their checkpoint in one
// transaction. Each read model is a package of its own below this one. It may
// import the domain and pgx, never commands or an adapter.
package projections
