// Package likeserver gives tests an event store that behaves as a real
// EventStoreDB does where the embedded node does not: the second character that
// every suite of the store runs against (facts: docs/howto/event-store.md).
//
// It is a gRPC proxy in front of an embedded node, so that appends, revisions and
// durability are those of the node, and what stands around them is the server's:
//
//   - positions are offsets into a log of bytes, hundreds to thousands apart;
//   - the checkpoints of a filtered subscription that catches up are the place
//     after the last event looked at, with prepare 0, and that of an event, twice,
//     once it is live;
//   - the server alone stamps when an event was created;
//   - $all holds what the server records for itself and what other applications
//     write, before and between the events of a test;
//   - streams can be tombstoned ($streamDeleted at revision 2^63-1, which a filter
//     by stream delivers), soft-deleted and truncated ($tb, $maxCount), through the
//     protocol's own calls;
//   - a live subscriber that takes events too slowly is dropped (V23) or set back to
//     reading, with another caughtUp later (V24);
//   - a follower answers with an old state, and leadership changes: calls end, and
//     appends are refused with the leader's address.
//
// Not imitated: $maxAge, scavenging, users and rights, TLS, the gRPC services that
// Praxis does not use. The package is for tests and measurements only.
package likeserver
