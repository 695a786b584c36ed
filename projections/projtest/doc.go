// Package projtest gives read models their Given/When/Then specs: given events
// that were projected, when more events are projected live, then these rows are
// there. Every spec runs through the real Runner on a real database and also
// proves that a rebuild, and a rebuild in transactions of one event, give the
// same rows as the live run.
//
// The package is for tests only. It may import the domain, projections, the store
// in memory, pgx and testify; the database comes from its caller.
package projtest
