package nodetest_test

import (
	"context"
	"errors"
	"fmt"

	"praxis/domain/es"
)

// ReadStream reads a stream from a revision on and compares every event with
// the ledger. The read must reach what was acknowledged before it began.
func ReadStream(ctx context.Context, store Store, ledger *Ledger, stream es.Stream, from es.Revision) error {
	acknowledged := ledger.Acknowledged(stream)
	next := from
	for e, err := range store.ReadStream(ctx, stream, from) {
		if err != nil {
			return fmt.Errorf("read %s: %w", stream, err)
		}
		if e.Stream != stream || e.Revision != next {
			return fmt.Errorf("read %s: revision %d of %s came instead of revision %d", stream, e.Revision, e.Stream, next)
		}
		if err := ledger.Witness(e); err != nil {
			return fmt.Errorf("read %s: %w", stream, err)
		}
		next++
	}
	if next <= acknowledged {
		return fmt.Errorf("read %s: it ends at revision %d, but revision %d was acknowledged", stream, next-1, acknowledged)
	}
	return nil
}

// errSparse says that the log has a position without an event.
var errSparse = errors.New("positions are not consecutive")

// Audit compares the whole log with the ledger, when all writers have ended and
// every outcome is known: every stream by itself, then all events in order. The
// node must hold exactly what it acknowledged, and the order of all events must
// be the streams' own.
func Audit(ctx context.Context, store Store, ledger *Ledger, categories []es.Category) error {
	var stored int
	for _, stream := range ledger.Streams() {
		if err := ReadStream(ctx, store, ledger, stream, 0); err != nil {
			return err
		}
		stored += int(ledger.Acknowledged(stream)) + 1
	}
	if known := ledger.Events(); known != stored {
		return fmt.Errorf("%d events were acknowledged, but %d were seen", stored, known)
	}
	last := make(map[es.Stream]es.Revision)
	var at es.Position
	for e, err := range store.ReadAll(ctx, categories, es.Position{}) {
		if err != nil {
			return fmt.Errorf("read all events: %w", err)
		}
		if e.Position != (es.Position{Commit: at.Commit + 1, Prepare: at.Prepare + 1}) {
			return fmt.Errorf("read all events: %s came after %s: %w", e.Position, at, errSparse)
		}
		before, known := last[e.Stream]
		if !known {
			before = es.NoStream
		}
		if e.Revision != before+1 {
			return fmt.Errorf("read all events: revision %d of %s came after revision %d", e.Revision, e.Stream, before)
		}
		if err := ledger.Witness(e); err != nil {
			return fmt.Errorf("read all events: %w", err)
		}
		at, last[e.Stream] = e.Position, e.Revision
	}
	if at.Commit != uint64(stored) {
		return fmt.Errorf("all events are %d, but the streams hold %d", at.Commit, stored)
	}
	return nil
}
