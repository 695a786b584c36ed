// Package projections turns the log into read models. A Runner keeps any number
// of Projectors up to date from one subscription to the order of all events and
// commits rows and checkpoint in one transaction, so that each event is applied
// exactly once, even if another process runs or something breaks
// (docs/adr/0006). It rebuilds a read model from the log, says how far each one
// is, and lets a reader wait for its own writes.
//
// Each read model is a package of its own below this one; projtest holds them to
// their specs. The package may import the domain and pgx, never commands or an
// adapter.
package projections
