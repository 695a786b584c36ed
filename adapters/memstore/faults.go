package memstore

import (
	"context"

	"praxis/domain/es"
)

// AppendHook decides whether an append fails: nil lets it pass. It runs while
// the store is locked and must not call it.
type AppendHook func(stream es.Stream, events []es.Proposed) error

// faults holds what was asked to go wrong; the Store's lock guards it.
type faults struct {
	before, after AppendHook
	readErr       error
	readLeft      int
}

// noFaults lets everything pass.
func noFaults() faults {
	pass := func(es.Stream, []es.Proposed) error { return nil }
	return faults{before: pass, after: pass}
}

func (s *Store) fault(change func(*faults)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.faults)
}

// FailAppend makes hook judge every append before anything is kept. With its
// error, such as es.ErrStoreUnavailable, nothing is kept.
func (s *Store) FailAppend(hook AppendHook) { s.fault(func(f *faults) { f.before = hook }) }

// LoseAnswer makes hook judge every append after it was kept: with its error,
// usually es.ErrOutcomeUnknown, the events are in the log and the caller does
// not know it.
func (s *Store) LoseAnswer(hook AppendHook) { s.fault(func(f *faults) { f.after = hook }) }

// BreakReadAfter makes every read and subscription that begins from now on end
// with err once it has yielded n events; a read of fewer ends cleanly.
func (s *Store) BreakReadAfter(n int, err error) {
	s.fault(func(f *faults) { f.readLeft, f.readErr = n, err })
}

// Mend takes all faults back.
func (s *Store) Mend() { s.fault(func(f *faults) { *f = noFaults() }) }

// reading is a read or subscription under way, with the fault that awaits it.
type reading struct {
	store  *Store
	left   int
	broken error
}

func (s *Store) begin() *reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &reading{store: s, left: s.faults.readLeft, broken: s.faults.readErr}
}

// trouble returns why the reading cannot go on, if so.
func (r *reading) trouble(ctx context.Context) error {
	if err := r.store.usable(ctx); err != nil {
		return err
	}
	if r.left == 0 {
		return r.broken
	}
	return nil
}
