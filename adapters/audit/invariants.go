package audit

import (
	"context"
	"fmt"
	"time"

	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invariant"
)

// WholeLog is the event store as an auditor reads all of it.
type WholeLog interface {
	// ReadAll yields the events of the categories after a position, up to the end
	// of the log at that moment.
	ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events
	// Tail returns the position of the last event of the log.
	Tail(ctx context.Context) (es.Position, error)
	// Damaged returns the streams of the categories that were deleted or truncated.
	Damaged(ctx context.Context, categories []es.Category) ([]es.Damage, error)
}

// Check is what Invariants is asked for.
type Check struct {
	// Now is the instant to judge by, UTC: some things may take an hour or a day.
	Now time.Time
	// Group, if set, is the only practice that is looked at.
	Group id.Group
	// Expected is about how many events of Praxis the log holds; 0 if that is not
	// known.
	Expected int
	// Progress, if set, is called now and then with how many events were read, and
	// which part of those to read that is, from 0 to 1; 0 while it is not known.
	Progress func(events int, fraction float64)
}

// Report is what Invariants found.
type Report struct {
	// Now is the instant that was judged by, Position where the log ended.
	Now      time.Time `json:"now"`
	Position string    `json:"position"`
	// Events were read, Streams looked at.
	Events  int `json:"events"`
	Streams int `json:"streams"`
	// Counts is how often each rule is broken; rules that hold are left out.
	Counts map[invariant.Rule]int `json:"counts"`
	// Violations are the findings, at most invariant.Kept of a rule.
	Violations []invariant.Violation `json:"violations"`
	// Rules explains the rules that are broken, in the order of the findings.
	Rules []invariant.Explanation `json:"rules"`
}

// step is after how many events Progress is called.
const step = 4_096

// Invariants reads the whole log once, and a second time only where two events
// seem to have the same id, and reports every violation. Faults: those of the
// store. An event that cannot be read is a finding, no fault.
func Invariants(ctx context.Context, log WholeLog, registry *es.Registry, c Check) (Report, error) {
	r := Report{Now: c.Now.UTC()}
	tail, err := log.Tail(ctx)
	if err != nil {
		return r, fmt.Errorf("end of the log: %w", err)
	}
	r.Position = tail.String()
	a := invariant.New(c.Now, c.Group)
	err = each(ctx, log, tail, func(rec es.Recorded) {
		if r.Events++; c.Progress != nil && r.Events%step == 0 {
			fraction := 0.0
			if c.Expected > 0 {
				fraction = float64(r.Events) / float64(max(c.Expected, r.Events))
			}
			c.Progress(r.Events, fraction)
		}
		if !a.Concerns(rec.Stream) {
			return
		}
		env, err := registry.Decode(rec)
		if err != nil {
			a.Unreadable(rec)
			return
		}
		a.Add(env)
	})
	if err == nil {
		err = damaged(ctx, log, a)
	}
	if err == nil && a.Repeated() {
		err = each(ctx, log, tail, func(rec es.Recorded) {
			if a.Concerns(rec.Stream) {
				a.Confirm(rec)
			}
		})
	}
	if err != nil {
		return r, fmt.Errorf("read the log: %w", err)
	}
	r.Streams = a.Streams()
	found, counts := a.Violations()
	r.Violations, r.Counts, r.Rules = append([]invariant.Violation{}, found...), counts, []invariant.Explanation{}
	for _, e := range invariant.Rules() {
		if r.Counts[e.Rule] > 0 {
			r.Rules = append(r.Rules, e)
		}
	}
	return r, nil
}

// damaged tells the audit which streams were deleted or truncated.
func damaged(ctx context.Context, log WholeLog, a *invariant.Audit) error {
	all, err := log.Damaged(ctx, catalog.Categories())
	for _, d := range all {
		if a.Concerns(d.Stream) {
			a.Damaged(d)
		}
	}
	return err
}

// each hands every event up to the tail to f.
func each(ctx context.Context, log WholeLog, tail es.Position, f func(es.Recorded)) error {
	for rec, err := range log.ReadAll(ctx, catalog.Categories(), es.Position{}) {
		if err != nil {
			return err
		}
		if tail.Before(rec.Position) {
			return nil
		}
		f(rec)
	}
	return nil
}
