package projections

import (
	"context"
	"fmt"
)

// Plan is what a rebuild of a projection would do.
type Plan struct {
	Name string `json:"name"`
	// Build names the rows that would be replaced.
	Build string `json:"build"`
	// Events is how many events these hold; those that came since are not among them.
	Events int `json:"events"`
	// EventsDone is how many of them an interrupted rebuild has done already.
	EventsDone int `json:"eventsDone"`
	// Bytes is what the tables and indexes that are read take; a rebuild needs about as
	// much beside them, and frees what an earlier one kept: Freed.
	Bytes int64 `json:"bytes"`
	Freed int64 `json:"bytesFreed"`
}

const selectBytes = `
select coalesce(sum(pg_total_relation_size(oid)), 0)::bigint from pg_class
 where relkind = 'r' and relnamespace = (select oid from pg_namespace where nspname = $1)`

// Plan tells what a rebuild of the named projections, or of all if none is named, would
// do. It changes nothing. Fault: "unknown_projection".
func (r *Runner) Plan(ctx context.Context, names []string) ([]Plan, error) {
	projectors, err := r.pick(names)
	if err != nil {
		return nil, err
	}
	plans := make([]Plan, 0, len(projectors))
	for _, p := range projectors {
		plan := Plan{Name: p.Name(), Build: Build(p)}
		live, err := loadRow(ctx, r.Pool, Build(p))
		if err != nil {
			return nil, err
		}
		next, err := loadRow(ctx, r.Pool, nextOf(p))
		if err != nil {
			return nil, err
		}
		plan.Events = int(live.Applied)
		if goesOn(next, p) {
			plan.EventsDone = int(next.Applied)
		}
		for build, size := range map[string]*int64{Build(p): &plan.Bytes, oldOf(p): &plan.Freed} {
			if err := r.Pool.QueryRow(ctx, selectBytes, build).Scan(size); err != nil {
				return nil, fmt.Errorf("measure the build %s: %w", build, err)
			}
		}
		plans = append(plans, plan)
	}
	return plans, nil
}
