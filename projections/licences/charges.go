package licences

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/page"
	"praxis/projections/read"
	"praxis/projections/sums"
)

// Moved is one movement of a charge's money.
type Moved struct {
	Kind   Movement    `json:"kind"`
	Amount money.Money `json:"amount"`
	// On is the day of it, zero where the event names none; At is when it was
	// recorded, UTC.
	On      civil.Date `json:"on,omitzero"`
	At      time.Time  `json:"at"`
	Attempt int        `json:"attempt,omitempty"`
	// Refund is nil where the movement is about none.
	Refund *id.Refund `json:"refund,omitempty"`
	// Reason is the processor's code of a failure, or why money goes back.
	Reason string `json:"reason,omitempty"`
	// Mode says whether money really moved when it was collected.
	Mode string `json:"mode,omitempty"`
	// Line is the credit that it is of; nil for none.
	Line *pricing.Line `json:"line,omitempty"`
}

// Charge is one charge of the subscription with all movements of its money.
type Charge struct {
	ID     id.SeatCharge      `db:"charge_id"`
	Kind   group.ChargeKind   `db:"kind"`
	On     civil.Date         `db:"on_date"`
	Period pricing.Period     `db:"period"`
	Status group.ChargeStatus `db:"status"`
	// Lines add up to Total, with their taxes; none unless they were asked for.
	Lines     []pricing.Line `db:"lines"`
	LineCount int            `db:"line_count"`
	Total     money.Money    `db:"total"`
	Amounts
	Movements []Moved `db:"movements"`
	// Revision is the order of charging.
	Revision int64 `db:"revision"`
}

// Amounts are the sums of charges and their movements, in minor units. What was
// charged is what was collected, credited, cancelled and is still due.
type Amounts struct {
	Charged   sums.Minor `db:"charged"`
	Collected sums.Minor `db:"collected"`
	Credited  sums.Minor `db:"credited"`
	Cancelled sums.Minor `db:"cancelled"`
	Due       sums.Minor `db:"due"`
	// RefundsDue is what had or has to go back, and Refunded what of it did.
	RefundsDue sums.Minor `db:"refunds_due"`
	Refunded   sums.Minor `db:"refunded"`
}

// ChargesQuery is one question about charges; zero filters do not narrow it.
type ChargesQuery struct {
	// Reach is what the reader may see (subscription.view).
	Reach access.Reach
	// Charge asks for this one.
	Charge   id.SeatCharge
	Kinds    []group.ChargeKind
	Statuses []group.ChargeStatus
	// From and To bound the day of the charge, both inclusive.
	From, To civil.Date
	// Within asks for the charges of the period that contains the day.
	Within civil.Date
	// Lines asks for the lines of each charge, which are as many as the practice has licences.
	Lines  bool
	Cursor page.Token
	// Limit is the number of charges at the most.
	Limit int
}

// ChargesPage is one page of charges.
type ChargesPage struct {
	Charges []Charge
	// Totals add up every charge that the query is about, of all pages.
	Totals Amounts
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

// chargeSums are the amounts of each charge c.
var chargeSums = `
  select c.*, c.total::numeric as charged, m.collected, m.credited, m.refunds_due, m.refunded,
         case when c.status = 'cancelled' then c.total - m.collected - m.credited else 0 end as cancelled,
         case when c.status = 'cancelled' then 0 else c.total - m.collected - m.credited end as due
    from ` + chargeTable + ` c cross join lateral (
      select coalesce(sum(amount) filter (where kind = 'collected'), 0) as collected,
             coalesce(sum(amount) filter (where kind = 'credited'), 0) as credited,
             coalesce(sum(amount) filter (where kind = 'refund_due'), 0) as refunds_due,
             coalesce(sum(amount) filter (where kind = 'refunded'), 0) as refunded
        from ` + movementTable + ` m where m.charge_id = c.charge_id) m`

// packedLines are json, because making a jsonb of many lines only to write it out takes
// several times as long.
var packedLines = `(select json_agg(l.detail order by l.revision, l.place) from ` + lineTable + ` l where l.charge_id = c.charge_id)`

// selectCharges packs the movements of each charge, and what is asked for of its lines.
var selectCharges = `
select charge_id, kind, on_date, jsonb_build_object('start', period_start, 'end', period_end) as period, status, revision,
       jsonb_build_object('minor', total, 'currency', currency) as total, charged, collected, credited, cancelled, due, refunds_due, refunded, line_count,
       %s as lines,
       (select json_agg(json_build_object('kind', m.kind, 'amount', json_build_object('minor', m.amount, 'currency', c.currency), 'on', m.on_date,
                         'at', m.at, 'attempt', m.attempt, 'refund', m.refund_id, 'reason', m.reason, 'mode', m.mode, 'line', m.detail) order by m.revision)
          from ` + movementTable + ` m where m.charge_id = c.charge_id) as movements
  from (` + chargeSums + `) c`

var selectTotals = `
select coalesce(sum(charged), 0) as charged, coalesce(sum(collected), 0) as collected, coalesce(sum(credited), 0) as credited,
       coalesce(sum(cancelled), 0) as cancelled, coalesce(sum(due), 0) as due,
       coalesce(sum(refunds_due), 0) as refunds_due, coalesce(sum(refunded), 0) as refunded
  from (` + chargeSums + `) c where `

// byCharging is the one order of charges: the oldest first.
var byCharging = read.Order[Charge]{
	Name: "licences/charged",
	Keys: []read.Key[Charge]{read.Number("c.revision", func(c Charge) int64 { return c.Revision })},
}

// Charges answers a query, the oldest first. Fault: "malformed_cursor".
func Charges(ctx context.Context, pool *pgxpool.Pool, q ChargesQuery) (p ChargesPage, err error) {
	err = reading(ctx, pool, "subscription charges", func(tx pgx.Tx) error {
		where := read.Within(q.Reach, scope("c")).
			Filter("c.charge_id = ?", q.Charge).
			Filter("c.kind = any(?)", q.Kinds).
			Filter("c.status = any(?)", q.Statuses).
			Filter("c.on_date >= ?", q.From).
			Filter("c.on_date <= ?", q.To).
			Filter("c.period_start <= ? and c.period_end > ?", q.Within)
		totals, err := read.Rows[Amounts](ctx, tx, "totals", selectTotals+where.String(), where.Args.Values...)
		if err != nil {
			return err
		}
		p.Totals = totals[0]
		lines := "null::json"
		if q.Lines {
			lines = packedLines
		}
		p.Charges, p.Next, err = read.List(ctx, tx, fmt.Sprintf(selectCharges, lines), where, byCharging, q.Cursor, q.Limit)
		return err
	})
	return p, err
}
