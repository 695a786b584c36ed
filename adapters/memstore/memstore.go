package memstore

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"praxis/domain/es"
	"praxis/domain/id"
)

// Store is an event store in memory. It is safe for concurrent use and
// deterministic: positions count from 1, and unless WithClock says otherwise the
// n-th event was taken n seconds after midnight UTC of 1 January 2026.
type Store struct {
	mu      sync.Mutex
	log     []es.Recorded
	streams map[es.Stream][]es.Recorded
	known   map[es.Stream]map[id.Event]es.Revision
	grown   chan struct{}
	closed  chan struct{}
	now     func() time.Time
	faults  faults
}

// Option changes how New builds a Store.
type Option func(*Store)

// WithClock makes now the source of StampedAt.
func WithClock(now func() time.Time) Option {
	return func(s *Store) { s.now = now }
}

// New returns an empty store.
func New(options ...Option) *Store {
	s := &Store{
		streams: map[es.Stream][]es.Recorded{},
		known:   map[es.Stream]map[id.Event]es.Revision{},
		grown:   make(chan struct{}),
		closed:  make(chan struct{}),
		faults:  noFaults(),
	}
	s.now = func() time.Time {
		return time.Date(2026, 1, 1, 0, 0, len(s.log)+1, 0, time.UTC)
	}
	for _, o := range options {
		o(s)
	}
	return s
}

// Close ends every open read and subscription with es.ErrStoreUnavailable and
// refuses all further use. It may be called twice.
func (s *Store) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isClosed() {
		close(s.closed)
	}
}

func (s *Store) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

var errClosed = es.ErrStoreUnavailable.Because(errors.New("the store is closed"))

// Append implements commands.Store.
func (s *Store) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	if err := es.CheckAppend(stream, events); err != nil {
		return es.Appended{}, err
	}
	if err := ctx.Err(); err != nil {
		return es.Appended{}, es.ErrStoreUnavailable.Because(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return es.Appended{}, errClosed
	}
	if err := s.faults.before(stream, events); err != nil {
		return es.Appended{}, err
	}
	done, err := s.append(stream, expected, events)
	if err == nil {
		err = s.faults.after(stream, events)
	}
	if err != nil {
		return es.Appended{}, err
	}
	return done, nil
}

func (s *Store) append(stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	kept := s.streams[stream]
	end := es.Revision(len(kept)) - 1
	if expected == es.AnyRevision {
		if _, known := s.known[stream][events[0].ID]; !known {
			return s.keep(stream, events), nil
		}
		return s.repeated(stream, expected, events)
	}
	switch at := es.Revision(expected); {
	case at == end:
		return s.keep(stream, events), nil
	case at < end && at >= es.NoStream && sameIDs(kept[at+1:], events):
		return ended(kept[int(at)+len(events)]), nil
	}
	return es.Appended{}, &es.WrongRevisionError{Stream: stream, Expected: expected, Actual: end}
}

// repeated answers an append at any revision whose first event is known.
func (s *Store) repeated(stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	var last es.Revision
	for _, e := range events {
		at, known := s.known[stream][e.ID]
		if !known {
			return es.Appended{}, &es.WrongRevisionError{Stream: stream, Expected: expected, Actual: es.Revision(len(s.streams[stream])) - 1}
		}
		last = at
	}
	return ended(s.streams[stream][last]), nil
}

func (s *Store) keep(stream es.Stream, events []es.Proposed) es.Appended {
	if s.known[stream] == nil {
		s.known[stream] = map[id.Event]es.Revision{}
	}
	var last es.Recorded
	for _, e := range events {
		n := uint64(len(s.log)) + 1
		last = es.Recorded{
			ID: e.ID, Stream: stream, Type: e.Type,
			Revision: es.Revision(len(s.streams[stream])),
			Position: es.Position{Commit: n, Prepare: n},
			Data:     slices.Clone(e.Data),
			Metadata: slices.Clone(e.Metadata),
		}
		last.Stamp(s.now())
		s.log = append(s.log, last)
		s.streams[stream] = append(s.streams[stream], last)
		s.known[stream][e.ID] = last.Revision
	}
	close(s.grown)
	s.grown = make(chan struct{})
	return ended(last)
}

func ended(last es.Recorded) es.Appended {
	return es.Appended{Revision: last.Revision, Position: last.Position}
}

func sameIDs(kept []es.Recorded, events []es.Proposed) bool {
	return len(events) <= len(kept) && slices.EqualFunc(kept[:len(events)], events,
		func(r es.Recorded, p es.Proposed) bool { return r.ID == p.ID })
}
