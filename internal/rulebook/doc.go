// Package rulebook keeps docs/rules.md and docs/trials.md honest. Those pages say
// every rule of the domain, and everything that trials of the running system found,
// in one sentence and whether a test holds it; this package reads the pages and the
// sources of all tests and finds what one says and the other does not.
//
// It stands in internal because it parses sources: the praxis command, which
// writes the other generated pages from the running program's own tables, must not
// carry a Go parser to its users. The pages' column of tests is written by
//
//	go test ./internal/rulebook -update
//
// which `make generate` calls. The package holds tests only.
package rulebook
