// Package conformance is the one suite that every event store of Praxis must
// pass: what commands and projections rely on is written down here as checks, so
// that a fast store in memory, the embedded node and a real server are
// interchangeable. A check fails on a store that loses, repeats, reorders or
// cuts off events; adapters/storetest proves that with stores broken on purpose.
//
// The checks are part of the program, because an operator may ask whether a
// server is fit (praxis eventstore check). So nothing in here needs a test
// library, whose failures fill a screen and name lines of the source. It may import
// the domain, and commands and projections for their ports.
package conformance
