package process

import (
	"context"
	"sync"
	"time"

	"praxis/domain/es"
)

// Status says where a process is.
type Status struct {
	Name string `json:"name"`
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
	// CaughtUp reports that no event of the process's categories lies after
	// Position, and Lag how long ago the first one was recorded. LagUnknown says
	// that neither could be found out in time: the store does not answer, or many
	// events of others come first.
	CaughtUp   bool          `json:"caughtUp"`
	Lag        time.Duration `json:"lagNanos"`
	LagUnknown bool          `json:"lagUnknown,omitempty"`
	// Parked counts the practices that wait behind something in the quarantine, and Skipped
	// what was left out.
	Parked  int64 `json:"parked"`
	Skipped int64 `json:"skipped"`
	// UpdatedAt is when anything of this last changed, UTC; zero if it never ran.
	UpdatedAt time.Time `json:"updatedAt"`
}

// lagTime bounds how long a status looks at the log: any number of events of
// others may come before the next one of a process.
const lagTime = 300 * time.Millisecond

// Status reports every process, in the order of the configuration. It looks at
// the log after each checkpoint, for 300 ms at most.
func (r *Runner) Status(ctx context.Context) ([]Status, error) {
	names := make([]string, 0, len(r.Processes))
	for _, p := range r.Processes {
		names = append(names, p.Name)
	}
	entries, err := r.Journal.Entries(ctx, names)
	if err != nil {
		return nil, err
	}
	report := make([]Status, len(names))
	now := r.Clock()
	ctx, cancel := context.WithTimeout(ctx, lagTime)
	defer cancel()
	var looks sync.WaitGroup
	for i, p := range r.Processes {
		s := entries[p.Name]
		s.Name = p.Name
		if s.NextDue != nil {
			s.Overdue = max(0, now.Sub(*s.NextDue))
		}
		report[i] = s
		looks.Go(func() { report[i].look(ctx, r.Source, p.Categories, now) })
	}
	looks.Wait()
	return report, nil
}

// look finds out how old the first event is that the process has not seen.
func (s *Status) look(ctx context.Context, log Source, categories []es.Category, now time.Time) {
	for rec, err := range log.ReadAll(ctx, categories, s.Position) {
		if s.LagUnknown = err != nil; !s.LagUnknown {
			s.Lag = max(0, now.Sub(rec.RecordedAt))
		}
		return
	}
	s.CaughtUp = true
}
