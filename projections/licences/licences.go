package licences

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/page"
	"praxis/projections/reachsql"
	"praxis/projections/sums"
)

// Licence is one licence that the practice owns.
type Licence struct {
	ID    id.Licence
	State State
	pricing.Terms
	// ProofUntil is the last day of the proof behind the discount; zero without one.
	ProofUntil civil.Date
	// Charge is the charge of its purchase, Holder who holds it, Invitation whom it
	// is kept for; nil for none.
	Charge     *id.SeatCharge
	Holder     *id.Member
	Invitation *id.Invitation
	Profession pricing.Category
	// PaidFor is the period that it was last charged for; zero before.
	PaidFor pricing.Period
	// PeriodCharge is what it was charged in the present period, with tax.
	PeriodCharge money.Money
	// Releasing and NextPlan say what happens on ChangesOn; zero for nothing.
	Releasing bool
	NextPlan  pricing.PlanID
	ChangesOn civil.Date
}

// LicencesQuery is one question about licences; zero filters do not narrow it.
type LicencesQuery struct {
	// Reach is what the reader may see (subscription.view).
	Reach access.Reach
	Now   time.Time
	// Licence asks for this one.
	Licence id.Licence
	Plans   []pricing.PlanID
	States  []State
	Holder  id.Member
	Cursor  page.Token
	// Limit is the number of licences at the most.
	Limit int
}

// LicencesPage is one page of licences.
type LicencesPage struct {
	Licences []Licence
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

// licenceRow is a licence as the statement reads it.
type licenceRow struct {
	ID           id.Licence       `db:"licence_id"`
	State        State            `db:"state"`
	Terms        pricing.Terms    `db:"detail"`
	ProofUntil   *string          `db:"valid_until"`
	Charge       *id.SeatCharge   `db:"charge_id"`
	Holder       *id.Member       `db:"holder"`
	Invitation   *id.Invitation   `db:"invitation_id"`
	Profession   pricing.Category `db:"profession"`
	PaidFrom     *string          `db:"paid_from"`
	PaidUntil    *string          `db:"paid_until"`
	PeriodCharge sums.Minor       `db:"period_charge"`
	Releasing    bool             `db:"releasing"`
	NextPlan     pricing.PlanID   `db:"next_plan"`
	ChangesOn    *string          `db:"changes_on"`
	Revision     int64            `db:"revision"`
	Place        int64            `db:"place"`
}

const selectLicences = `
select l.licence_id, %[1]s as state, l.detail, p.valid_until::text, l.charge_id, l.holder, l.invitation_id, l.profession,
       l.paid_from::text, l.paid_until::text, l.releasing, l.next_plan, l.changes_on::text, l.revision, l.place,
       coalesce((select sum(i.gross) from licences.line i join licences.charge c on c.charge_id = i.charge_id
                  where i.licence_id = l.licence_id and i.period_start = s.period_start and c.status <> 'cancelled'), 0) as period_charge
  from licences.licence l
  join licences.subscription s on s.group_id = l.group_id
  left join licences.proof p on p.group_id = l.group_id and p.proof_id = l.proof_id
 where %[2]s
 order by l.revision, l.place limit %[3]s`

// licenceOrder names the one order of licences: that of purchase.
const licenceOrder = "licences/bought"

// Licences answers a query in the order of purchase. Fault: "malformed_cursor".
func Licences(ctx context.Context, pool *pgxpool.Pool, q LicencesQuery) (p LicencesPage, err error) {
	after, err := numbers(q.Cursor, licenceOrder, 2)
	if err != nil {
		return p, err
	}
	var args reachsql.Args
	state := stateColumn(q.Now, &args)
	where := []string{reachsql.Condition(q.Reach, scope("l"), &args)}
	if !q.Licence.IsZero() {
		where = append(where, "l.licence_id = "+args.Add(q.Licence))
	}
	if len(q.Plans) > 0 {
		where = append(where, "l.plan = any("+args.Add(q.Plans)+"::text[])")
	}
	if len(q.States) > 0 {
		where = append(where, "("+state+") = any("+args.Add(q.States)+"::text[])")
	}
	if !q.Holder.IsZero() {
		where = append(where, "l.holder = "+args.Add(q.Holder))
	}
	if after != nil {
		where = append(where, "(l.revision, l.place) > ("+args.Add(after[0])+", "+args.Add(after[1])+")")
	}
	sql := fmt.Sprintf(selectLicences, state, strings.Join(where, " and "), args.Add(q.Limit+1))
	var rows []licenceRow
	if err := reading(ctx, pool, "licences", func(tx pgx.Tx) (err error) {
		rows, err = collect[licenceRow](ctx, tx, sql, args)
		return err
	}); err != nil {
		return p, err
	}
	rows, p.Next, err = page.Cut(rows, q.Limit, licenceOrder, func(last licenceRow) []string {
		return []string{strconv.FormatInt(last.Revision, 10), strconv.FormatInt(last.Place, 10)}
	})
	for _, r := range rows {
		l, err := r.licence()
		if err != nil {
			return p, err
		}
		p.Licences = append(p.Licences, l)
	}
	return p, err
}

func (r licenceRow) licence() (l Licence, err error) {
	l = Licence{
		ID: r.ID, State: r.State, Terms: r.Terms, Charge: r.Charge, Holder: r.Holder, Invitation: r.Invitation, Profession: r.Profession,
		PeriodCharge: r.PeriodCharge.Of(r.Terms.Price.Currency), Releasing: r.Releasing, NextPlan: r.NextPlan,
	}
	for _, d := range []struct {
		to   *civil.Date
		from *string
	}{{&l.ProofUntil, r.ProofUntil}, {&l.PaidFor.Start, r.PaidFrom}, {&l.PaidFor.End, r.PaidUntil}, {&l.ChangesOn, r.ChangesOn}} {
		if *d.to, err = civilDate(d.from); err != nil {
			return l, err
		}
	}
	return l, nil
}
