// Package contacts keeps where the accounts of Praxis can be written to and what
// their people are called. Both are personal data that the log must not hold,
// because it never forgets: events name accounts, and only this table says who
// that is. It is filled from sign-ins, and can be corrected and erased
// (package erasure).
//
// The package imports domain/id, adapters/postgres, pgx and an LRU cache.
package contacts
