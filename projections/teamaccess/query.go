package teamaccess

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/reachsql"
	"praxis/projections/read"
)

// Role is what somebody is on a care team.
type Role string

// The roles: those of a care team, and the custodian who stands in the primary's
// place where no clinician is left (AMB-14).
const (
	Primary   = Role(careteam.Primary)
	Clinician = Role(careteam.Clinician)
	Support   = Role(careteam.Support)
	Custodian = Role("custodian")
)

// Interval is one unbroken time in which a member was on a chart's team and
// their access to the practice held.
type Interval struct {
	Member id.Member `db:"member_id" json:"member"`
	Role   Role      `db:"role" json:"role"`
	// From is its first instant, Until the first one after it, which may be yet to come: a
	// place that is bounded in time ends by itself; nil while no end is known.
	From  time.Time  `db:"starts_at" json:"from"`
	Until *time.Time `db:"ends_at" json:"until,omitempty"`
	// Event is the chart's event that put them on the team in this role.
	Event id.Event `db:"began_with" json:"event"`
}

// Query asks for the intervals of one chart.
type Query struct {
	// Reach is what the reader may see (audit.history.view).
	Reach access.Reach
	Chart id.Chart
	// At, if set, asks for the intervals that hold this very instant.
	At *time.Time
}

var selectIntervals = `
select t.member_id, t.role, greatest(t.starts_at, m.starts_at, t.holds_from) as starts_at,
       least(t.ends_at, m.ends_at, t.holds_until) as ends_at, t.began_with
  from ` + onTeamTable + ` t
  join ` + membershipTable + ` m on m.member_id = t.member_id and m.group_id = t.group_id
 where `

// overlap leaves out what never held: a team is of use to members only.
const overlap = `greatest(t.starts_at, m.starts_at, t.holds_from) < coalesce(least(t.ends_at, m.ends_at, t.holds_until), 'infinity')`

// holds is the range condition for one instant.
const holds = `t.starts_at <= ? and (t.ends_at is null or t.ends_at > ?) and m.starts_at <= ? and (m.ends_at is null or m.ends_at > ?)
  and coalesce(t.holds_from <= ?, true) and coalesce(t.holds_until > ?, true)`

var scope = reachsql.Columns{Group: "t.group_id", Chart: "t.chart_id"}

// Intervals answers a query, earliest first. A chart that nobody could open at
// the instant has none. Fault: "chart_not_found".
func Intervals(ctx context.Context, pool *pgxpool.Pool, q Query) ([]Interval, error) {
	where := read.Within(q.Reach, scope).And("t.chart_id = ?", q.Chart).Filter(holds, q.At)
	if q.At == nil {
		where.And(overlap)
	}
	intervals, err := read.Rows[Interval](ctx, pool, "team access", selectIntervals+where.String()+" order by 3, 1, 5", where.Args.Values...)
	if err != nil || len(intervals) > 0 {
		return intervals, err
	}
	// Every chart within reach had a team from its first event on.
	known := read.Within(q.Reach, scope).And("t.chart_id = ?", q.Chart)
	_, err = read.One[struct{}](ctx, pool, errNoChart, "select from "+onTeamTable+" t where "+known.String()+" limit 1", known.Args.Values...)
	return nil, err
}

var errNoChart = fault.New(fault.NotFound, "chart_not_found", "There is no such chart, or it is beyond what you may see.")
