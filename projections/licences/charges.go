package licences

import (
	"context"
	"strconv"
	"strings"
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
	"praxis/projections/reachsql"
	"praxis/projections/sums"
)

// Moved is one movement of a charge's money.
type Moved struct {
	Kind   Movement
	Amount money.Money
	// On is the day of it, zero where the event names none; At is when it was
	// recorded, UTC.
	On      civil.Date
	At      time.Time
	Attempt int
	// Refund is nil where the movement is about none.
	Refund *id.Refund
	// Reason is the processor's code of a failure, or why money goes back.
	Reason string
	// Mode says whether money really moved when it was collected.
	Mode string
	// Line is the credit that it is of; nil for none.
	Line *pricing.Line
}

// Charge is one charge of the subscription with all movements of its money.
type Charge struct {
	ID     id.SeatCharge
	Kind   group.ChargeKind
	On     civil.Date
	Period pricing.Period
	Status group.ChargeStatus
	// Lines add up to Total, with their taxes.
	Lines []pricing.Line
	Total money.Money
	Amounts
	Movements []Moved
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
const chargeSums = `
  select c.*, c.total::numeric as charged, m.collected, m.credited, m.refunds_due, m.refunded,
         case when c.status = 'cancelled' then c.total - m.collected - m.credited else 0 end as cancelled,
         case when c.status = 'cancelled' then 0 else c.total - m.collected - m.credited end as due
    from licences.charge c cross join lateral (
      select coalesce(sum(amount) filter (where kind = 'collected'), 0) as collected,
             coalesce(sum(amount) filter (where kind = 'credited'), 0) as credited,
             coalesce(sum(amount) filter (where kind = 'refund_due'), 0) as refunds_due,
             coalesce(sum(amount) filter (where kind = 'refunded'), 0) as refunded
        from licences.movement m where m.charge_id = c.charge_id) m`

const amountColumns = `charged, collected, credited, cancelled, due, refunds_due, refunded`

type chargeRow struct {
	ID       id.SeatCharge      `db:"charge_id"`
	Kind     group.ChargeKind   `db:"kind"`
	On       string             `db:"on_date"`
	Start    string             `db:"period_start"`
	End      string             `db:"period_end"`
	Status   group.ChargeStatus `db:"status"`
	Currency money.Currency     `db:"currency"`
	Revision int64              `db:"revision"`
	Amounts
}

type lineRow struct {
	Charge id.SeatCharge `db:"charge_id"`
	Line   pricing.Line  `db:"detail"`
}

type movementRow struct {
	Charge  id.SeatCharge `db:"charge_id"`
	Kind    Movement      `db:"kind"`
	Amount  int64         `db:"amount"`
	On      *string       `db:"on_date"`
	At      time.Time     `db:"at"`
	Attempt int           `db:"attempt"`
	Refund  *id.Refund    `db:"refund_id"`
	Reason  string        `db:"reason"`
	Mode    string        `db:"mode"`
	Line    *pricing.Line `db:"detail"`
}

// chargeOrder names the one order of charges: the oldest first.
const chargeOrder = "licences/charged"

// Charges answers a query, the oldest first. Fault: "malformed_cursor".
func Charges(ctx context.Context, pool *pgxpool.Pool, q ChargesQuery) (p ChargesPage, err error) {
	after, err := numbers(q.Cursor, chargeOrder, 1)
	if err != nil {
		return p, err
	}
	err = reading(ctx, pool, "subscription charges", func(tx pgx.Tx) error {
		var args reachsql.Args
		where := q.conditions(&args)
		totals, err := collect[Amounts](ctx, tx, `
select coalesce(sum(charged), 0) as charged, coalesce(sum(collected), 0) as collected, coalesce(sum(credited), 0) as credited,
       coalesce(sum(cancelled), 0) as cancelled, coalesce(sum(due), 0) as due,
       coalesce(sum(refunds_due), 0) as refunds_due, coalesce(sum(refunded), 0) as refunded
  from (`+chargeSums+") c where "+strings.Join(where, " and "), args)
		if err != nil {
			return err
		}
		p.Totals = totals[0]
		if after != nil {
			where = append(where, "c.revision > "+args.Add(after[0]))
		}
		rows, err := collect[chargeRow](ctx, tx, `
select charge_id, kind, on_date::text, period_start::text, period_end::text, status, currency, revision, `+amountColumns+`
  from (`+chargeSums+") c where "+strings.Join(where, " and ")+" order by revision limit "+args.Add(q.Limit+1), args)
		if err != nil {
			return err
		}
		rows, p.Next, err = page.Cut(rows, q.Limit, chargeOrder, func(last chargeRow) []string {
			return []string{strconv.FormatInt(last.Revision, 10)}
		})
		if err != nil {
			return err
		}
		p.Charges, err = details(ctx, tx, rows)
		return err
	})
	return p, err
}

func (q ChargesQuery) conditions(args *reachsql.Args) []string {
	where := []string{reachsql.Condition(q.Reach, scope("c"), args)}
	if !q.Charge.IsZero() {
		where = append(where, "c.charge_id = "+args.Add(q.Charge))
	}
	if len(q.Kinds) > 0 {
		where = append(where, "c.kind = any("+args.Add(q.Kinds)+"::text[])")
	}
	if len(q.Statuses) > 0 {
		where = append(where, "c.status = any("+args.Add(q.Statuses)+"::text[])")
	}
	if !q.From.IsZero() {
		where = append(where, "c.on_date >= "+args.Add(q.From.String())+"::text::date")
	}
	if !q.To.IsZero() {
		where = append(where, "c.on_date <= "+args.Add(q.To.String())+"::text::date")
	}
	if !q.Within.IsZero() {
		day := args.Add(q.Within.String()) + "::text::date"
		where = append(where, "c.period_start <= "+day+" and c.period_end > "+day)
	}
	return where
}

// details reads the lines and the movements of charges.
func details(ctx context.Context, tx pgx.Tx, rows []chargeRow) ([]Charge, error) {
	charges, place := make([]Charge, 0, len(rows)), map[id.SeatCharge]int{}
	var args reachsql.Args
	ids := make([]id.SeatCharge, 0, len(rows))
	for i, r := range rows {
		c, err := r.charge()
		if err != nil {
			return nil, err
		}
		charges, ids = append(charges, c), append(ids, r.ID)
		place[r.ID] = i
	}
	of := " where charge_id = any(" + args.Add(ids) + ") order by revision"
	lines, err := collect[lineRow](ctx, tx, "select charge_id, detail from licences.line"+of+", place", args)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		c := &charges[place[l.Charge]]
		c.Lines = append(c.Lines, l.Line)
	}
	movements, err := collect[movementRow](ctx, tx, "select charge_id, kind, amount, on_date::text, at, attempt, refund_id, reason, mode, detail from licences.movement"+of, args)
	if err != nil {
		return nil, err
	}
	for _, m := range movements {
		c := &charges[place[m.Charge]]
		on, err := civilDate(m.On)
		if err != nil {
			return nil, err
		}
		c.Movements = append(c.Movements, Moved{
			Kind: m.Kind, Amount: money.Of(m.Amount, c.Total.Currency), On: on, At: m.At.UTC(), Attempt: m.Attempt, Refund: m.Refund, Reason: m.Reason, Mode: m.Mode, Line: m.Line,
		})
	}
	return charges, nil
}

func (r chargeRow) charge() (c Charge, err error) {
	c = Charge{ID: r.ID, Kind: r.Kind, Status: r.Status, Total: r.Charged.Of(r.Currency), Amounts: r.Amounts}
	if c.On, err = civil.ParseDate(r.On); err != nil {
		return c, err
	}
	if c.Period.Start, err = civil.ParseDate(r.Start); err != nil {
		return c, err
	}
	c.Period.End, err = civil.ParseDate(r.End)
	return c, err
}
