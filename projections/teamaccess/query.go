package teamaccess

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/reachsql"
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
	Member id.Member `db:"member_id"`
	Role   Role      `db:"role"`
	// From is its first instant, Until the first one after it; nil while it lasts.
	From  time.Time  `db:"starts_at"`
	Until *time.Time `db:"ends_at"`
	// Event is the chart's event that put them on the team in this role.
	Event id.Event `db:"began_with"`
}

// Query asks for the intervals of one chart.
type Query struct {
	// Reach is what the reader may see (audit.history.view).
	Reach access.Reach
	Chart id.Chart
	// At, if set, asks for the intervals that hold this very instant.
	At *time.Time
}

const selectIntervals = `
select t.member_id, t.role, greatest(t.starts_at, m.starts_at) as starts_at, least(t.ends_at, m.ends_at) as ends_at, t.began_with
  from team_access.on_team t
  join team_access.membership m on m.member_id = t.member_id and m.group_id = t.group_id
 where %s and t.chart_id = %s and %s
 order by 3, 1, 5`

// overlap leaves out what never held: a team is of use to members only.
const overlap = `greatest(t.starts_at, m.starts_at) < coalesce(least(t.ends_at, m.ends_at), 'infinity')`

// holds is the range condition for one instant.
const holds = `t.starts_at <= %[1]s and (t.ends_at is null or t.ends_at > %[1]s) and m.starts_at <= %[1]s and (m.ends_at is null or m.ends_at > %[1]s)`

var scope = reachsql.Columns{Group: "t.group_id", Chart: "t.chart_id"}

// Intervals answers a query, earliest first. A chart that nobody could open at
// the instant has none. Fault: "chart_not_found".
func Intervals(ctx context.Context, pool *pgxpool.Pool, q Query) ([]Interval, error) {
	var args reachsql.Args
	within, about, when := reachsql.Condition(q.Reach, scope, &args), args.Add(q.Chart), overlap
	if q.At != nil {
		when = fmt.Sprintf(holds, args.Add(*q.At)+"::timestamptz")
	}
	rows, err := pool.Query(ctx, fmt.Sprintf(selectIntervals, within, about, when), args.Values...)
	if err != nil {
		return nil, fmt.Errorf("team access: %w", err)
	}
	intervals, err := pgx.CollectRows(rows, pgx.RowToStructByName[Interval])
	if err != nil {
		return nil, fmt.Errorf("team access: %w", err)
	}
	if len(intervals) > 0 {
		return intervals, nil
	}
	return nil, known(ctx, pool, q)
}

// known refuses charts that do not exist within reach: every other one had a team
// from its first event on.
func known(ctx context.Context, pool *pgxpool.Pool, q Query) error {
	var args reachsql.Args
	sql := "select exists (select from team_access.on_team t where " + reachsql.Condition(q.Reach, scope, &args) + " and t.chart_id = " + args.Add(q.Chart) + ")"
	var exists bool
	if err := pool.QueryRow(ctx, sql, args.Values...).Scan(&exists); err != nil {
		return fmt.Errorf("team access: %w", err)
	}
	if !exists {
		return fault.New(fault.NotFound, "chart_not_found", "There is no such chart, or it is beyond what you may see.")
	}
	return nil
}
