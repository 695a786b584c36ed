// Package engine is the storage of the embedded event node: an append-only log
// of events in one bbolt file, with streams, expected revisions, idempotent
// appends and one total order over everything that was written.
//
// It exists apart from the gRPC services so that the rules of the log can be
// tested without a network, and so that a wire format never decides what is
// stored. One goroutine writes: it drains what is queued, checks every request
// against what the batch has written so far, commits the batch with one durable
// bbolt transaction and answers only then. Readers copy a bounded page out of a
// short transaction and hold nothing while the caller works with it, so a slow
// reader never stops the writer or the growth of the file.
//
// It may import the standard library, bbolt, google/uuid, golang-lru and x/sys. It must not import
// gRPC, the EventStoreDB client or any other package of this module.
package engine
