// Package clocktest has the clock of the tests: it stands still until a test
// moves it, so that what depends on time comes out the same in every run. It
// imports the standard library only.
package clocktest

import (
	"sync"
	"time"
)

// Clock stands still until it is moved. Any number of goroutines may read it
// and move it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// At is a clock that shows an instant.
func At(now time.Time) *Clock { return &Clock{now: now} }

// Now is the instant that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass lets time go by; a negative duration turns the clock back.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set turns the clock to an instant.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}
