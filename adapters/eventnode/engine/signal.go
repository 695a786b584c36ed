package engine

import "sync"

// commitSignal is the last durable position and a way to wait for the next one.
// Waiting costs the writer nothing but the closing of a channel.
type commitSignal struct {
	mu       sync.Mutex
	position uint64
	moved    chan struct{}
}

// set publishes a position and wakes everyone who waits.
func (s *commitSignal) set(position uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.moved)
	s.position, s.moved = position, make(chan struct{})
}

// Head returns the position of the last durable event, 0 when there is none,
// and a channel that is closed when an event is added after it. Take the
// channel before reading: what is added in between is then never missed.
func (e *Engine) Head() (uint64, <-chan struct{}) {
	e.head.mu.Lock()
	defer e.head.mu.Unlock()
	return e.head.position, e.head.moved
}
