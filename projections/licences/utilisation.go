package licences

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/pricing"
	"praxis/projections/reachsql"
	"praxis/projections/read"
)

// State is what a licence is in use for.
type State string

// The states; every licence is in one of them.
const (
	Pending  State = "pending"
	Assigned State = "assigned"
	Reserved State = "reserved"
	Free     State = "free"
)

// Counts counts licences. Owned is the sum of Pending, Assigned, Reserved and Free;
// Releasing are those of them that end with the period.
type Counts struct {
	Owned     int `db:"owned" json:"owned"`
	Pending   int `db:"pending" json:"pending"`
	Assigned  int `db:"assigned" json:"assigned"`
	Reserved  int `db:"reserved" json:"reserved"`
	Free      int `db:"free" json:"free"`
	Releasing int `db:"releasing" json:"releasing"`
}

// PlanCounts counts the licences on one plan.
type PlanCounts struct {
	Plan pricing.PlanID `db:"plan" json:"plan"`
	Counts
}

// Utilisation is what of a practice's licences is in use.
type Utilisation struct {
	Total Counts
	// Plans are those with a licence, by name; they add up to Total.
	Plans []PlanCounts
	// RenewsOn is the day on which the next period starts and is charged; zero
	// without a subscription, and for one that ends.
	RenewsOn civil.Date
	// EndsOn is the first day without the subscription, if it was cancelled.
	EndsOn civil.Date
}

// stateColumn computes the state at an instant: a reservation ends with its
// invitation, whether or not anybody recorded that it expired.
func stateColumn(now time.Time, args *reachsql.Args) string {
	return `case when l.pending then 'pending' when l.holder is not null then 'assigned'
     when exists (select from ` + invitationTable + ` i where i.group_id = l.group_id and i.invitation_id = l.invitation_id and i.expires_at > ` +
		args.Add(now) + `) then 'reserved' else 'free' end`
}

// Utilise counts the licences at an instant.
func Utilise(ctx context.Context, pool *pgxpool.Pool, reach access.Reach, now time.Time) (u Utilisation, err error) {
	err = reading(ctx, pool, "licence utilisation", func(tx pgx.Tx) error {
		var args reachsql.Args
		sql := `
select plan, count(*) as owned, count(*) filter (where state = 'pending') as pending, count(*) filter (where state = 'assigned') as assigned,
       count(*) filter (where state = 'reserved') as reserved, count(*) filter (where state = 'free') as free,
       count(*) filter (where releasing) as releasing
  from (select l.plan, l.releasing, ` + stateColumn(now, &args) + ` as state from ` + licenceTable + ` l where ` + reachsql.Condition(reach, scope("l"), &args) + `) counted
 group by plan order by plan`
		if u.Plans, err = read.Rows[PlanCounts](ctx, tx, "plans", sql, args.Values...); err != nil {
			return err
		}
		for _, p := range u.Plans {
			u.Total = u.Total.plus(p.Counts)
		}
		s, err := subscriptionOf(ctx, tx, reach)
		if err != nil {
			return err
		}
		if u.EndsOn = s.EndsOn; !u.EndsOn.IsZero() {
			return nil
		}
		u.RenewsOn, err = s.renewsOn()
		return err
	})
	return u, err
}

func (c Counts) plus(o Counts) Counts {
	return Counts{
		c.Owned + o.Owned, c.Pending + o.Pending, c.Assigned + o.Assigned, c.Reserved + o.Reserved, c.Free + o.Free, c.Releasing + o.Releasing,
	}
}

// subscriptionRow is the subscription of the practice, if it has one.
type subscriptionRow struct {
	Zone        civil.Zone `db:"zone"`
	TrialOn     civil.Date `db:"trial_on"`
	TrialEndsAt *time.Time `db:"trial_ends_at"`
	TrialOverOn civil.Date `db:"trial_over_on"`
	PeriodEnd   civil.Date `db:"period_end"`
	EndsOn      civil.Date `db:"ends_on"`
}

func subscriptionOf(ctx context.Context, tx pgx.Tx, reach access.Reach) (subscriptionRow, error) {
	where := read.Within(reach, scope("s"))
	rows, err := read.Rows[subscriptionRow](ctx, tx, "subscription", `
select zone, trial_on, trial_ends_at, trial_over_on, period_end, ends_on from `+subscriptionTable+` s where `+where.String(), where.Args.Values...)
	if err != nil || len(rows) == 0 {
		return subscriptionRow{}, err
	}
	return rows[0], nil
}

// renewsOn is the day on which the next period starts: the end of the present
// one, or the day on which the trial ends (BIL-A9).
func (s subscriptionRow) renewsOn() (civil.Date, error) {
	if !s.PeriodEnd.IsZero() || s.TrialEndsAt == nil {
		return s.PeriodEnd, nil
	}
	zone, err := s.Zone.Load()
	if err != nil {
		return civil.Date{}, err
	}
	return civil.In(*s.TrialEndsAt, zone), nil
}
