package conformance

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// Row is the result of one check.
type Row struct {
	// Check says what must hold.
	Check string `json:"check"`
	// Passed reports whether it does.
	Passed bool `json:"passed"`
	// Failure says what was seen instead; empty if passed.
	Failure string `json:"failure,omitempty"`
	// Dropped is how often a subscription was dropped and resumed.
	Dropped int `json:"dropped,omitempty"`
	// Took is how long the check ran.
	Took time.Duration `json:"tookNanoseconds"`
}

// Report holds the results of all checks.
type Report struct {
	Rows []Row `json:"checks"`
	// Streams and Events count what the checks left behind in the store.
	Streams int `json:"streamsLeft"`
	Events  int `json:"eventsLeft"`
}

// Failed counts the checks that did not pass.
func (r Report) Failed() int {
	n := 0
	for _, row := range r.Rows {
		if !row.Passed {
			n++
		}
	}
	return n
}

// Plan says how to run the suite outside of tests.
type Plan struct {
	// Open returns a store for one check, which closes it.
	Open func() (Store, error)
	// Patience bounds each check. A check that does not end by itself has failed.
	Patience time.Duration
	// Clock times the checks.
	Clock func() time.Time
	// Progress, if set, is called with every row when it is there.
	Progress func(Row)
}

// Run holds a store to every check, one after the other, until ctx ends. It
// fails only when it could not go on: with an error of Open, or ctx's.
func Run(ctx context.Context, p Plan) (Report, error) {
	var report Report
	for _, c := range Checks() {
		if err := ctx.Err(); err != nil {
			return report, fmt.Errorf("check the event store: %w", err)
		}
		store, err := p.Open()
		if err != nil {
			return report, fmt.Errorf("open the event store: %w", err)
		}
		counted := &counting{Store: store, streams: map[es.Stream]int{}}
		began := p.Clock()
		failure := run(ctx, p.Patience, c, counted)
		if err := ctx.Err(); err != nil {
			return report, fmt.Errorf("check the event store: %w", err)
		}
		row := Row{Check: c.Name, Passed: failure == "", Failure: failure, Dropped: counted.drops(), Took: p.Clock().Sub(began)}
		report.Rows = append(report.Rows, row)
		streams, events := counted.left()
		report.Streams += streams
		report.Events += events
		if p.Progress != nil {
			p.Progress(row)
		}
	}
	return report, nil
}

// run carries out one check in a goroutine of its own, because FailNow ends it,
// and returns why it failed.
func run(ctx context.Context, patience time.Duration, c Check, s Store) string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer s.Close()
	notes := &notes{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			if p := recover(); p != nil {
				notes.Errorf("panicked: %v, at\n%s", p, fault.Recovered(p).Stack)
			}
		}()
		c.Run(ctx, notes, s)
	}()
	<-ended
	if failure := notes.text(); failure != "" && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Sprintf("did not end within %s: %s", patience, failure)
	}
	return notes.text()
}

// notes is a T that remembers failures.
type notes struct {
	mu    sync.Mutex
	lines []string
}

// Helper implements T.
func (*notes) Helper() {}

// Errorf implements T.
func (n *notes) Errorf(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

// FailNow implements T.
func (*notes) FailNow() { runtime.Goexit() }

func (n *notes) text() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.lines, "; ")
}

// counting is a store that counts what is kept in it, and how often it dropped a
// subscription.
type counting struct {
	Store
	mu      sync.Mutex
	streams map[es.Stream]int
	dropped int
}

// resumed counts a subscription that was dropped.
func (s *counting) resumed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped++
}

func (s *counting) drops() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// Append implements commands.Store.
func (s *counting) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	done, err := s.Store.Append(ctx, stream, expected, events)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		// A repeated append keeps nothing new: the revision tells.
		s.streams[stream] = max(s.streams[stream], int(done.Revision)+1)
	}
	return done, err
}

// left returns how many streams and events are in the store now.
func (s *counting) left() (streams, events int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.streams {
		events += n
	}
	return len(s.streams), events
}
