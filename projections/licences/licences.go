package licences

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/page"
	"praxis/projections/read"
	"praxis/projections/sums"
)

// Licence is one licence that the practice owns.
type Licence struct {
	ID    id.Licence    `db:"licence_id"`
	State State         `db:"state"`
	Terms pricing.Terms `db:"detail"`
	// ProofUntil is the last day of the proof behind the discount; zero without one.
	ProofUntil civil.Date `db:"valid_until"`
	// Charge is the charge of its purchase, Holder who holds it, Invitation whom it
	// is kept for; nil for none.
	Charge     *id.SeatCharge   `db:"charge_id"`
	Holder     *id.Member       `db:"holder"`
	Invitation *id.Invitation   `db:"invitation_id"`
	Profession pricing.Category `db:"profession"`
	// PaidFrom and PaidUntil are the period that it was last charged for; zero before.
	PaidFrom  civil.Date `db:"paid_from"`
	PaidUntil civil.Date `db:"paid_until"`
	// PeriodCharge is what it was charged in the present period, with tax.
	PeriodCharge money.Money `db:"-"`
	// Releasing and NextPlan say what happens on ChangesOn; zero for nothing.
	Releasing bool           `db:"releasing"`
	NextPlan  pricing.PlanID `db:"next_plan"`
	ChangesOn civil.Date     `db:"changes_on"`
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
	Licence
	PeriodCharge sums.Minor `db:"period_charge"`
	Revision     int64      `db:"revision"`
	Place        int64      `db:"place"`
}

var selectLicences = `
select l.licence_id, %[1]s as state, l.detail, p.valid_until, l.charge_id, l.holder, l.invitation_id, l.profession,
       l.paid_from, l.paid_until, l.releasing, l.next_plan, l.changes_on, l.revision, l.place,
       coalesce((select sum(i.gross) from ` + lineTable + ` i join ` + chargeTable + ` c on c.charge_id = i.charge_id
                  where i.licence_id = l.licence_id and i.period_start = s.period_start and c.status <> 'cancelled'), 0) as period_charge
  from ` + licenceTable + ` l
  join ` + subscriptionTable + ` s on s.group_id = l.group_id
  left join ` + proofTable + ` p on p.group_id = l.group_id and p.proof_id = l.proof_id`

// byPurchase is the one order of licences.
var byPurchase = read.Order[licenceRow]{
	Name: "licences/bought",
	Keys: []read.Key[licenceRow]{
		read.Number("l.revision", func(l licenceRow) int64 { return l.Revision }),
		read.Number("l.place", func(l licenceRow) int64 { return l.Place }),
	},
}

// Licences answers a query in the order of purchase. Fault: "malformed_cursor".
func Licences(ctx context.Context, pool *pgxpool.Pool, q LicencesQuery) (p LicencesPage, err error) {
	where := read.Within(q.Reach, scope("l"))
	state := stateColumn(q.Now, &where.Args)
	where.Filter("l.licence_id = ?", q.Licence).
		Filter("l.plan = any(?)", q.Plans).
		Filter("("+state+") = any(?)", q.States).
		Filter("l.holder = ?", q.Holder)
	rows, next, err := read.List(ctx, pool, fmt.Sprintf(selectLicences, state), where, byPurchase, q.Cursor, q.Limit)
	for _, r := range rows {
		r.Licence.PeriodCharge = r.PeriodCharge.Of(r.Terms.Price.Currency)
		p.Licences = append(p.Licences, r.Licence)
	}
	p.Next = next
	return p, err
}
