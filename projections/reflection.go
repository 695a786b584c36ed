package projections

import (
	"context"
	"time"

	"praxis/domain/es"
	"praxis/domain/id"
	parked "praxis/projections/quarantine"
	"praxis/projections/read"
)

// Reflection says what an answer that is read from now on reflects at least.
type Reflection struct {
	// Position covers every event in the rows.
	es.Position
	// LastEvent is when the last event in the rows was recorded, UTC; nil without any.
	LastEvent *time.Time
	// Gap is what is missing of the practice that asks.
	parked.Gap
}

const selectReflections = `
select p.commit_position as commit, p.prepare_position as prepare, p.last_event_at as last_event,
       count(q.id) filter (where q.status = 'parked') as parked, count(q.id) filter (where q.status = 'skipped') as skipped
  from praxis.projection p left join praxis.quarantine q on q.follower = $2 || p.build and (q.group_id = $3 or q.group_id is null)
 where p.build = any($1) group by p.build`

// Reflects says what the rows of some projections reflect: the least position among
// them, and all that is missing of a practice. Fault: "unknown_projection".
func (r *Runner) Reflects(ctx context.Context, g id.Group, names ...string) (all Reflection, err error) {
	builds := make([]string, 0, len(names))
	for _, n := range names {
		p, err := r.find(n)
		if err != nil {
			return all, err
		}
		builds = append(builds, Build(p))
	}
	found, err := read.Rows[Reflection](ctx, r.Pool, "read what read models reflect", selectReflections, builds, memberPrefix, g)
	if err != nil || len(found) < len(builds) { // what has no checkpoint reflects nothing
		return all, err
	}
	all = found[0]
	for _, one := range found[1:] {
		all = all.And(one)
	}
	return all, nil
}

// And is what an answer reflects that is read from several read models.
func (r Reflection) And(other Reflection) Reflection {
	least := r
	if other.Before(r.Position) {
		least = other
	}
	least.Gap = parked.Gap{Parked: r.Parked + other.Parked, Skipped: r.Skipped + other.Skipped}
	return least
}
