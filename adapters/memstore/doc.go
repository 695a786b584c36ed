// Package memstore keeps events in memory. It exists so that tests of commands
// and projections run in microseconds against a store that answers exactly as
// the real one does (adapters/storetest holds both to it), and so that they can
// make it fail on demand. It forgets everything when the process ends and is
// never wired into the program. It imports the domain only.
package memstore
