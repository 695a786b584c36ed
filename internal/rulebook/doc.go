// Package rulebook keeps docs/rules.md honest. That page says every rule of the
// domain in one sentence and whether a test holds it; this package reads the page
// and the sources of all tests and finds whatever one says and the other does not.
//
// It stands in internal because it parses sources: the praxis command, which
// writes the other generated pages from the running program's own tables, must not
// carry a Go parser to its users. The page's column of tests is written by
//
//	go test ./internal/rulebook -update
//
// which `make generate` calls. It imports the standard library only.
package rulebook
