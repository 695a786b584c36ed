package projections

import (
	"context"
	"sync"
	"time"

	"praxis/domain/es"
)

// The bounds of a look at what a projection has not seen: how many events a
// status counts, and how long it looks. Events of others may lie between the
// projection and the next event of its own, any number of them, and passing over
// them takes the store time.
const (
	lagCap  = 10_000
	lagTime = 300 * time.Millisecond
)

// lagRest is how long a Runner does not look again after a look that was not over in
// time: looks that pass over the same events again and again, as often as readiness is
// asked for, would take the store from the projections that pass over them once.
const lagRest = 4 * time.Second

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
	// LagEvents is the number of events of its categories after
	// Position, exact unless LagCapped, and then at least that many. Events of
	// others do not count.
	LagEvents int  `json:"lagEvents"`
	LagCapped bool `json:"lagCapped"`
	// LagUnknown says that it could not be found out in time whether there is any
	// such event: the store does not answer, or so many events of others come
	// first. LagEvents and Lag are 0 then.
	LagUnknown bool `json:"lagUnknown,omitempty"`
	// Lag is how long ago the first of them was recorded; 0 without any.
	Lag time.Duration `json:"lagNanos"`
	// Failure is why the projection stopped, if it did.
	Failure *Failure `json:"failure,omitempty"`
	// UpdatedAt is when the checkpoint or the state last changed, UTC.
	UpdatedAt time.Time `json:"updatedAt"`
}

// Status reports every projection, in the order of the configuration. It looks
// at the log after each checkpoint to count the lag, for 300 ms at most.
func (r *Runner) Status(ctx context.Context) ([]Status, error) {
	rows, err := loadRows(ctx, r.Pool, r.names()...)
	if err != nil {
		return nil, err
	}
	lags := r.lags(ctx, rows, lagCap)
	report := make([]Status, 0, len(r.Projectors))
	for _, p := range r.Projectors {
		at := rows[p.Name()]
		behind := lags[p.Name()]
		report = append(report, Status{
			Name: p.Name(), Version: at.Version, Program: p.Version(), State: at.State,
			Position: at.Position, Failure: at.Failure, UpdatedAt: at.Updated,
			EventsApplied: at.Applied, LastEventAt: at.LastEvent,
			LagEvents: behind.events, LagCapped: behind.capped, LagUnknown: behind.unknown, Lag: behind.age,
		})
	}
	return report, nil
}

// lag is what lies after a position.
type lag struct {
	events          int
	capped, unknown bool
	age             time.Duration
}

// lags counts the events that each projection consumes and has not seen, up to most. All
// looks together are bounded in time; what they cannot find out is unknown.
func (r *Runner) lags(ctx context.Context, rows map[string]row, most int) map[string]lag {
	ctx, cancel := context.WithTimeout(ctx, lagTime)
	defer cancel()
	lags := map[string]lag{}
	end, err := r.Source.Tail(ctx)
	var mu sync.Mutex
	var looks sync.WaitGroup
	for _, p := range r.Projectors {
		after := rows[p.Name()].Position
		switch {
		case err == nil && !after.Before(end):
			continue
		case err != nil, r.resting.Load():
			mu.Lock()
			lags[p.Name()] = lag{unknown: true}
			mu.Unlock()
			continue
		}
		looks.Go(func() {
			found := r.lag(ctx, p.Categories(), after, most)
			mu.Lock()
			defer mu.Unlock()
			lags[p.Name()] = found
		})
	}
	looks.Wait()
	for _, l := range lags {
		if l.unknown && r.resting.CompareAndSwap(false, true) {
			time.AfterFunc(lagRest, func() { r.resting.Store(false) })
		}
	}
	return lags
}

// lag counts the events after a position, up to most or until ctx ends.
func (r *Runner) lag(ctx context.Context, categories []es.Category, after es.Position, most int) lag {
	var l lag
	for rec, err := range r.Source.ReadAll(ctx, categories, after) {
		if err != nil {
			l.capped, l.unknown = l.events > 0, l.events == 0
			break
		}
		if l.events == 0 {
			l.age = max(0, r.Clock().Sub(rec.RecordedAt))
		}
		if l.events++; l.events == most {
			l.capped = true
			break
		}
	}
	return l
}
