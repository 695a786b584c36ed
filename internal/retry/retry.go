// Package retry is for loops that repeat what fails until it works: it says how
// long to wait, and writes one line when something begins to fail and one when it
// works again, however often it is repeated in between.
package retry

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// firstWait is the longest first wait; it doubles with every failure up to mostWait.
	firstWait = 25 * time.Millisecond
	mostWait  = 5 * time.Second
	// settled is how long something has to work before it counts as working again.
	// What fails more often than that is one trouble.
	settled = 5 * time.Second
	// mostReasons bounds the lines of one trouble: its first reasons are logged.
	mostReasons = 3
)

// Loop is a loop that repeats one thing. Its zero value with What set is ready; its
// methods may be called concurrently.
type Loop struct {
	// What says in a few words what is repeated, for the log.
	What string
	// Logger notes failures and recoveries; nil discards. Attrs go into its
	// lines.
	Logger *slog.Logger
	Attrs  []any

	mu       sync.Mutex
	pace     int
	failures int
	since    time.Time
	reasons  map[string]bool
	closing  *time.Timer
}

// Failed notes that it failed. reason is for the log and must not hold anything
// personal; only the first few different ones of a trouble are logged.
func (l *Loop) Failed(reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing != nil {
		l.closing.Stop()
		l.closing = nil
	}
	if l.failures == 0 {
		// Troubles are timed for the log; nothing is decided by it.
		l.since, l.reasons = time.Now(), map[string]bool{}
	}
	l.failures++
	l.pace++
	if l.reasons[reason] || len(l.reasons) >= mostReasons {
		return
	}
	l.reasons[reason] = true
	l.logger().Warn(l.What+" fails and is tried again", append([]any{"error", reason}, l.Attrs...)...)
}

// Worked notes that it worked. The next failure is repeated soon again; the trouble
// is over once nothing has failed for a while.
func (l *Loop) Worked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pace = 0
	if l.failures == 0 || l.closing != nil {
		return
	}
	worked := time.Now()
	l.closing = time.AfterFunc(settled, func() { l.over(worked) })
}

// InTrouble reports whether it failed and has not worked for long enough since.
func (l *Loop) InTrouble() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failures > 0
}

// over ends the trouble, unless it failed again meanwhile.
func (l *Loop) over(worked time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing == nil {
		return
	}
	l.closing = nil
	l.logger().Info(l.What+" works again", append([]any{"failures", l.failures, "after", worked.Sub(l.since).Round(time.Millisecond)}, l.Attrs...)...)
	l.failures = 0
}

func (l *Loop) logger() *slog.Logger {
	if l.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l.Logger
}

// Pause waits before the next attempt: longer with every failure since it last
// worked, at most five seconds, and between half of that and all of it by chance,
// so that many servers do not come back in the same instant. It returns the
// context's error if that ends first.
func (l *Loop) Pause(ctx context.Context) error {
	l.mu.Lock()
	most := min(firstWait<<min(max(l.pace-1, 0), 10), mostWait)
	l.mu.Unlock()
	return Sleep(ctx, most/2+rand.N(most/2+1))
}

// Sleep waits, or returns the context's error if that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
