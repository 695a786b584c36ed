package projections

import (
	"context"
	"fmt"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// lagCap bounds how many events a status counts for one projection.
const lagCap = 10_000

// Status says where a projection is.
type Status struct {
	Name string `json:"name"`
	// Version is the version that made the rows; Program is this program's.
	Version int `json:"version"`
	Program int `json:"program"`
	// State is empty for a projection that no runner has registered yet.
	State State `json:"state"`
	// Position covers every event in the rows.
	Position es.Position `json:"position"`
	// EventsApplied counts the events folded into the rows since they were built.
	EventsApplied int64 `json:"eventsApplied"`
	// LastEventAt is when the last of them was recorded, UTC; nil without any.
	LastEventAt *time.Time `json:"lastEventAt,omitempty"`
	// LagEvents is the number of events of the subscribed categories after
	// Position, exact unless LagCapped, and then at least that many.
	LagEvents int  `json:"lagEvents"`
	LagCapped bool `json:"lagCapped"`
	// Lag is how long ago the first of them was recorded; 0 without any.
	Lag time.Duration `json:"lagNanos"`
	// Failure is why the projection stopped, if it did.
	Failure *Failure `json:"failure,omitempty"`
	// UpdatedAt is when the checkpoint or the state last changed, UTC.
	UpdatedAt time.Time `json:"updatedAt"`
}

// Status reports every projection, in the order of the configuration. It reads
// the log after each checkpoint to count the lag.
func (r *Runner) Status(ctx context.Context) ([]Status, error) {
	rows, err := loadRows(ctx, r.Pool, r.names()...)
	if err != nil {
		return nil, err
	}
	lags := map[es.Position]lag{}
	report := make([]Status, 0, len(r.Projectors))
	for _, p := range r.Projectors {
		at := rows[p.Name()]
		behind, known := lags[at.position]
		if !known {
			if behind, err = r.lag(ctx, at.position, lagCap); err != nil {
				return nil, err
			}
			lags[at.position] = behind
		}
		report = append(report, Status{
			Name: p.Name(), Version: at.version, Program: p.Version(), State: at.state,
			Position: at.position, Failure: at.failure, UpdatedAt: at.updated,
			EventsApplied: at.applied, LastEventAt: at.lastEvent,
			LagEvents: behind.events, LagCapped: behind.events == lagCap, Lag: behind.age,
		})
	}
	return report, nil
}

// lag is what lies after a position.
type lag struct {
	events int
	age    time.Duration
}

// lag counts the events after a position, up to most.
func (r *Runner) lag(ctx context.Context, after es.Position, most int) (lag, error) {
	var l lag
	for rec, err := range r.Source.ReadAll(ctx, r.Categories, after) {
		if err != nil {
			return lag{}, fmt.Errorf("read the log: %w", err)
		}
		if l.events == 0 {
			l.age = max(0, r.Clock().Sub(rec.RecordedAt))
		}
		if l.events++; l.events == most {
			break
		}
	}
	return l, nil
}

// Ready returns nil if every projection is running and none has an event
// waiting for longer than Config.ReadyLag. Otherwise the fault
// "read_models_not_ready" names each with its reason in its details. Whether an
// instance then leaves the load balancer is for the caller to decide.
func (r *Runner) Ready(ctx context.Context) error {
	rows, err := loadRows(ctx, r.Pool, r.names()...)
	if err != nil {
		return err
	}
	var unready *fault.Error
	for _, p := range r.Projectors {
		reason, err := r.unready(ctx, rows[p.Name()])
		if err != nil {
			return err
		}
		if reason == "" {
			continue
		}
		if unready == nil {
			unready = fault.New(fault.Unavailable, "read_models_not_ready", "Some read models are not up to date; see the details.")
		}
		unready = unready.With(p.Name(), reason)
	}
	if unready == nil {
		return nil
	}
	return unready
}

// unready says why a projection is not ready, "" if it is.
func (r *Runner) unready(ctx context.Context, at row) (string, error) {
	if at.state == Stopped && at.failure != nil {
		return "stopped: " + at.failure.String(), nil
	}
	if at.state != Running {
		return stateOf(at), nil
	}
	l, err := r.lag(ctx, at.position, 1)
	if err != nil {
		return "", err
	}
	if l.age > r.ReadyLag {
		return fmt.Sprintf("behind by %s", l.age.Round(time.Second)), nil
	}
	return "", nil
}
