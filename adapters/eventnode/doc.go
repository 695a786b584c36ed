// Package eventnode is the embedded event node: a single-node event store that
// speaks the EventStoreDB gRPC protocol, so that the application, its adapter
// and its tests use one client library against a laptop, a CI machine and a
// real cluster alike.
//
// It serves what an event-sourced application needs of streams: append with
// expected revisions, reads in both directions, catch-up subscriptions to a
// stream or to $all with filters, server features and gossip. Everything else
// (deletes, stream metadata, links, persistent subscriptions, projections) is
// refused with a status that says so. docs/event-node.md describes it for
// operators.
//
// The package translates between the wire and the storage in package engine; it
// decides nothing about events. It may import its engine, gRPC, protobuf and the
// generated protocol stubs of the EventStoreDB client module, and of this module
// package fault alone, but never that client. The stubs protos/status and
// protos/code must never be linked: they register names gRPC also registers.
package eventnode
