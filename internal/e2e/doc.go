// Package e2e tests Praxis from outside: it builds the real binary, runs it on
// data directories of its own, talks to it over HTTP and the command line, kills
// it, and looks at what is left on disk. It exists because some promises hold
// only if every part keeps its share: that an acknowledged command is never
// lost, that a restart finds everything, that exit codes mean what they say.
//
// The package holds tests only. To read the log and the tables of a stopped
// installation they may import adapters, projections and the domain, never cmd.
package e2e
