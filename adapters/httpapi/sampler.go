package httpapi

import (
	"sync"
	"time"

	"praxis/domain/fault"
)

// samplePause is how long after a failure was logged another one of its code is only
// counted.
const samplePause = 10 * time.Second

// sampler decides which failures are logged: each unforeseen one, and of those that
// an outage causes, which come as fast as requests do, one now and then.
type sampler struct {
	mu    sync.Mutex
	kinds map[string]sample
}

// sample is what is known of the failures of one code.
type sample struct {
	next     time.Time
	unlogged int
}

// take reports whether a failure is to be logged, and how many of its code were not
// since the last one that was.
func (s *sampler) take(err error, now time.Time) (unlogged int, isLogged bool) {
	if fault.KindOf(err) != fault.Unavailable {
		return 0, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	code := fault.From(err).Code
	known := s.kinds[code]
	if now.Before(known.next) {
		known.unlogged++
		s.kinds[code] = known
		return 0, false
	}
	s.kinds[code] = sample{next: now.Add(samplePause)}
	return known.unlogged, true
}
