package projections

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"praxis/domain/es"
	parked "praxis/projections/quarantine"
	"praxis/projections/read"
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
	// Build names the rows: those that this program reads and follows, those of another
	// version, or those that a rebuild makes or has kept.
	Build string `json:"build"`
	Name  string `json:"name"`
	// Version is the version that makes the rows; Program is this program's, 0 for a
	// read model that it does not have.
	Version int `json:"version"`
	Program int `json:"program"`
	// State is empty for a projection that no runner has registered yet.
	State State `json:"state"`
	// Idle says that a rebuild began these rows and that no process works on them now. The
	// next rebuild goes on with them.
	Idle bool `json:"idle,omitempty"`
	// Position covers every event in the rows.
	Position es.Position `json:"position"`
	// EventsApplied counts the events folded into the rows since they were built.
	EventsApplied int64 `json:"eventsApplied"`
	// LastEventAt is when the last of them was recorded, UTC; nil without any.
	LastEventAt *time.Time `json:"lastEventAt,omitempty"`
	// LagEvents is the number of events of its categories after
	// Position, exact unless LagCapped, and then at least that many. Events of
	// others do not count. Builds that are kept for a rollback follow nothing: 0.
	LagEvents int  `json:"lagEvents"`
	LagCapped bool `json:"lagCapped"`
	// LagUnknown says that it could not be found out in time whether there is any
	// such event: the store does not answer, or so many events of others come
	// first. LagEvents and Lag are 0 then.
	LagUnknown bool `json:"lagUnknown,omitempty"`
	// Lag is how long ago the first of them was recorded; 0 without any.
	Lag time.Duration `json:"lagNanos"`
	// Parked counts the streams that wait behind an event in the quarantine, and Skipped
	// the events that were left out.
	Parked  int `json:"parked"`
	Skipped int `json:"skipped"`
	// Failure is why the projection stopped, if it did.
	Failure *Failure `json:"failure,omitempty"`
	// UpdatedAt is when the checkpoint or the state last changed, UTC.
	UpdatedAt time.Time `json:"updatedAt"`
}

// Own is the build that this program reads of the read model; empty for one that it does not
// have.
func (s Status) Own() string {
	if s.Program == 0 {
		return ""
	}
	return fmt.Sprintf("%s_v%d", s.Name, s.Program)
}

// Status reports the builds of this program, in the order of the configuration, and
// after them all others, by name. It looks at the log after each checkpoint to count
// the lag, for 300 ms at most.
func (r *Runner) Status(ctx context.Context) ([]Status, error) {
	found, err := read.Rows[row](ctx, r.Pool, "read checkpoints", selectAll)
	if err != nil {
		return nil, err
	}
	gaps, err := r.gaps(ctx)
	if err != nil {
		return nil, err
	}
	programs, order := map[string]int{}, make([]row, 0, len(found))
	for _, p := range r.Projectors {
		programs[p.Name()] = p.Version()
		own := row{Build: Build(p), Name: p.Name(), Version: p.Version()}
		if n := slices.IndexFunc(found, func(at row) bool { return at.Build == own.Build }); n >= 0 {
			own = found[n]
			found = slices.Delete(found, n, n+1)
		}
		order = append(order, own)
	}
	order = append(order, found...)
	idle, err := r.idle(ctx, order)
	if err != nil {
		return nil, err
	}
	following := slices.DeleteFunc(slices.Clone(order), func(at row) bool { return at.State == Kept })
	lags := r.lags(ctx, following, lagCap)
	report := make([]Status, 0, len(order))
	for _, at := range order {
		behind := lags[at.Build]
		report = append(report, Status{
			Build: at.Build, Name: at.Name, Version: at.Version, Program: programs[at.Name], State: at.State, Idle: idle[at.Build],
			Position: at.Position, Failure: at.Failure, UpdatedAt: at.Updated,
			EventsApplied: at.Applied, LastEventAt: at.LastEvent,
			LagEvents: behind.events, LagCapped: behind.capped, LagUnknown: behind.unknown, Lag: behind.age,
			Parked: gaps[at.Build].Parked, Skipped: gaps[at.Build].Skipped,
		})
	}
	return report, nil
}

// gaps counts what is missing of each build.
func (r *Runner) gaps(ctx context.Context) (map[string]parked.Gap, error) {
	entries, err := parked.List(ctx, r.Pool)
	gaps := map[string]parked.Gap{}
	for _, e := range entries {
		build, _ := strings.CutPrefix(e.Follower, memberPrefix)
		gap := gaps[build]
		if e.Status == parked.Parked {
			gap.Parked++
		} else {
			gap.Skipped++
		}
		gaps[build] = gap
	}
	return gaps, err
}

// lag is what lies after a position.
type lag struct {
	events          int
	capped, unknown bool
	age             time.Duration
}

// lags counts, by build, the events that each consumes and has not seen, up to most. All
// looks together are bounded in time; what they cannot find out is unknown.
func (r *Runner) lags(ctx context.Context, builds []row, most int) map[string]lag {
	ctx, cancel := context.WithTimeout(ctx, lagTime)
	defer cancel()
	lags := map[string]lag{}
	end, err := r.Source.Tail(ctx)
	var mu sync.Mutex
	var looks sync.WaitGroup
	for _, at := range builds {
		after := at.Position
		switch {
		case err == nil && !after.Before(end):
			continue
		case err != nil, r.resting.Load():
			mu.Lock()
			lags[at.Build] = lag{unknown: true}
			mu.Unlock()
			continue
		}
		looks.Go(func() {
			found := r.lag(ctx, r.consumed(at.Name), after, most)
			mu.Lock()
			defer mu.Unlock()
			lags[at.Build] = found
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

// consumed lists the categories of a projection, all for one that this program does not
// have.
func (r *Runner) consumed(name string) []es.Category {
	if p, err := r.find(name); err == nil {
		return p.Categories()
	}
	return r.Categories
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
