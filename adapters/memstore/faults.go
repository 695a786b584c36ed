package memstore

import "praxis/domain/es"

// AppendHook decides whether an append fails: nil lets it pass. It runs while
// the store is locked and must not call it.
type AppendHook func(stream es.Stream, events []es.Proposed) error

// faults holds what was asked to go wrong; the Store's lock guards it.
type faults struct {
	before, after AppendHook
	readErr       error
	readLeft      int
}

func (f *faults) beforeAppend(stream es.Stream, events []es.Proposed) error {
	if f.before == nil {
		return nil
	}
	return f.before(stream, events)
}

func (f *faults) afterAppend(stream es.Stream, events []es.Proposed) error {
	if f.after == nil {
		return nil
	}
	return f.after(stream, events)
}

// FailAppend makes hook judge every append before anything is kept. With its
// error, such as es.ErrStoreUnavailable, nothing is kept.
func (s *Store) FailAppend(hook AppendHook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.before = hook
}

// LoseAnswer makes hook judge every append after it was kept: with its error,
// usually es.ErrOutcomeUnknown, the events are in the log and the caller does
// not know it.
func (s *Store) LoseAnswer(hook AppendHook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.after = hook
}

// BreakReadAfter makes every read and subscription that begins from now on end
// with err once it has yielded n events; a read of fewer ends cleanly.
func (s *Store) BreakReadAfter(n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.readLeft, s.faults.readErr = n, err
}

// Mend takes all faults back.
func (s *Store) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults{}
}

func (s *Store) readFault() (left int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.readLeft, s.faults.readErr
}
