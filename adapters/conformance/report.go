package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"
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
		began := p.Clock()
		outcome := p.run(ctx, c, store)
		if err := ctx.Err(); err != nil {
			return report, fmt.Errorf("check the event store: %w", err)
		}
		row := Row{Check: c.Name, Passed: outcome.Failure == "", Failure: outcome.Failure, Dropped: outcome.Dropped, Took: p.Clock().Sub(began)}
		report.Rows = append(report.Rows, row)
		report.Streams += outcome.Streams
		report.Events += outcome.Events
		if p.Progress != nil {
			p.Progress(row)
		}
	}
	return report, nil
}

// run holds a store to one check for as long as patience lasts.
func (p Plan) run(ctx context.Context, c Check, s Store) Outcome {
	ctx, cancel := context.WithTimeout(ctx, p.Patience)
	defer cancel()
	defer s.Close()
	outcome := c.Run(ctx, s)
	if outcome.Failure != "" && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		outcome.Failure = fmt.Sprintf("did not end within %s: %s", p.Patience, outcome.Failure)
	}
	return outcome
}
