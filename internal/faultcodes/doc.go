// Package faultcodes reads the source of Praxis and writes which error codes
// each operation of the API can answer with. It follows what the handler of an
// operation mentions (ADR 23): what it lists can be more than ever happens, and is
// never less. It fails while the list is not up to date, which is written by
//
//	go test ./internal/faultcodes -update
//
// which `make generate` calls. The package holds tests only.
package faultcodes
