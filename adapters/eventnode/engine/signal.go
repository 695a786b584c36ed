package engine

import "sync"

// commitSignal is the last durable position and a way to wait for the next one.
// Waiting costs the writer nothing but the closing of a channel.
type commitSignal struct {
	mu       sync.Mutex
	position uint64
	moved    chan struct{}
}

// get returns the position and a channel that is closed when it changes.
func (s *commitSignal) get() (uint64, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.moved == nil {
		s.moved = make(chan struct{})
	}
	return s.position, s.moved
}

// set publishes a position and wakes everyone who waits.
func (s *commitSignal) set(position uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.position = position
	if s.moved != nil {
		close(s.moved)
		s.moved = nil
	}
}

// Head returns the position of the last durable event, 0 when there is none,
// and a channel that is closed when an event is added after it. Take the
// channel before reading: what is added in between is then never missed.
func (e *Engine) Head() (uint64, <-chan struct{}) { return e.head.get() }
