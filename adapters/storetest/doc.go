// Package storetest is the one conformance suite that every event store of
// Praxis runs: what commands and projections rely on is written down here as
// checks, so that a fast store in memory, the embedded node and a real server
// are interchangeable. A check fails on a store that loses, repeats, reorders or
// cuts off events; the package's own tests prove that with stores broken on
// purpose. It may import the domain, commands and projections (for their ports)
// and test libraries.
package storetest
