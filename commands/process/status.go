package process

import (
	"context"
	"fmt"
	"time"

	"praxis/domain/es"
)

// Status says where a process is.
type Status struct {
	Name string `json:"name"`
	// State is empty for a process that never ran.
	State State `json:"state"`
	// Position covers every event that is dealt with.
	Position es.Position `json:"position"`
	// Events, Accepted, Refused and Fired count the events that led to something,
	// the commands that were accepted and refused, and the timers that fired.
	Events   int64 `json:"events"`
	Accepted int64 `json:"accepted"`
	Refused  int64 `json:"refused"`
	Fired    int64 `json:"fired"`
	// Timers is how many are set; NextDue is when the first is due, UTC.
	Timers  int64      `json:"timers"`
	NextDue *time.Time `json:"nextDue,omitempty"`
	// Overdue is how long the first timer has been due; 0 if it is not.
	Overdue time.Duration `json:"overdueNanos"`
	// CaughtUp reports that no event lies after Position, and Lag how long ago the
	// first one was recorded.
	CaughtUp bool          `json:"caughtUp"`
	Lag      time.Duration `json:"lagNanos"`
	// Failure is why the process stopped, if it did.
	Failure *Failure `json:"failure,omitempty"`
	// UpdatedAt is when anything of this last changed, UTC; zero if it never ran.
	UpdatedAt time.Time `json:"updatedAt"`
}

// Status reports every process, in the order of the configuration.
func (r *Runner) Status(ctx context.Context) ([]Status, error) {
	names := make([]string, 0, len(r.Processes))
	for _, p := range r.Processes {
		names = append(names, p.Name)
	}
	entries, err := r.Journal.Entries(ctx, names)
	if err != nil {
		return nil, err
	}
	report := make([]Status, 0, len(names))
	now := r.Clock()
	for _, p := range r.Processes {
		e := entries[p.Name]
		s := Status{
			Name: p.Name, State: e.State, Position: e.Position, Events: e.Events, Accepted: e.Accepted, Refused: e.Refused,
			Fired: e.Fired, Timers: e.Timers, Failure: e.Failure, UpdatedAt: e.UpdatedAt,
		}
		if !e.NextDue.IsZero() {
			s.NextDue, s.Overdue = &e.NextDue, max(0, now.Sub(e.NextDue))
		}
		if s.Lag, s.CaughtUp, err = r.lag(ctx, p, e.Position, now); err != nil {
			return nil, err
		}
		report = append(report, s)
	}
	return report, nil
}

// lag is the age of the first event after a position, if there is one.
func (r *Runner) lag(ctx context.Context, p Process, after es.Position, now time.Time) (lag time.Duration, caughtUp bool, err error) {
	for rec, err := range r.Source.ReadAll(ctx, p.Categories, after) {
		if err != nil {
			return 0, false, fmt.Errorf("read the log: %w", err)
		}
		return max(0, now.Sub(rec.RecordedAt)), false, nil
	}
	return 0, true, nil
}
