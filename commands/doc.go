// Package commands holds the use cases of Praxis. Every change takes the one
// path of execute.go: authorise, load, fold, decide, append at the exact revision.
// It imports the domain only; stores reach it through the Store port. Queries
// use its Gate, so that reads and writes are allowed by the same function.
package commands
