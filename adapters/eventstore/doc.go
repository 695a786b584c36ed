// Package eventstore keeps and reads events in EventStoreDB. It is the only
// importer of the EventStoreDB client, whose v4.2.0 cannot be used bare: a second
// of outage ends a client for good and hangs its callers, contexts are ignored
// while it looks for a node, and its errors are mistyped. So every call runs
// under a supervisor that owns the client, replaces it when its connection is
// lost, gives back control when the caller's context ends, and translates every
// error once (docs/adr/0005). Callers see commands.Store and projections.Source
// and nothing of the client.
//
// It may import the domain, and the ports of commands and projections.
package eventstore
