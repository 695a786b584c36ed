package licences

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/page"
	"praxis/projections/reachsql"
)

// Reason is why the days of a seat cost what they do.
type Reason string

// The reasons.
const (
	// Charged days are covered by lines of charges, whose sentences say the rest.
	Charged Reason = "charged"
	// InTrial days are free for everybody (BIL-6).
	InTrial Reason = "trial"
	// Unpaid days are those of a licence that no member can hold yet
	// (BIL-A11).
	Unpaid Reason = "unpaid"
	// NotCharged days were never charged, or their charge was cancelled.
	NotCharged Reason = "not_charged"
)

// Cost is the share that some days have in one line of a charge.
type Cost struct {
	Charge id.SeatCharge
	Line   pricing.Line
	// Share is what the days of the seat have of the line's amount with tax. The
	// shares of all days add up to it.
	Share money.Money
}

// Seat is some days of one licence, with one holder on one set of terms.
type Seat struct {
	Licence id.Licence
	// From and Until are the first and the last of the days.
	From, Until civil.Date
	Days        int
	// Holder is nil where no member held it.
	Holder *id.Member
	pricing.Terms
	Reason Reason
	// Cost is the sum of the shares in Costs.
	Cost  money.Money
	Costs []Cost
}

// SeatsQuery asks for the seat ledger between two days, both inclusive.
type SeatsQuery struct {
	// Reach is what the reader may see (subscription.view).
	Reach    access.Reach
	From, To civil.Date
	// Licence and Holder narrow it, if set.
	Licence id.Licence
	Holder  id.Member
	Cursor  page.Token
	// Limit is the number of seats at the most.
	Limit int
}

// SeatsPage is one page of the seat ledger.
type SeatsPage struct {
	Seats []Seat
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

type seatRow struct {
	Licence id.Licence    `db:"licence_id"`
	From    string        `db:"from_date"`
	Until   *string       `db:"until_date"`
	Holder  *id.Member    `db:"holder"`
	Pending bool          `db:"pending"`
	Terms   pricing.Terms `db:"detail"`
}

// seatOrder names the one order of the ledger: licence by licence, day by day.
const seatOrder = "licences/seats"

// Seats answers a query. Fault: "malformed_cursor".
func Seats(ctx context.Context, pool *pgxpool.Pool, q SeatsQuery) (p SeatsPage, err error) {
	var args reachsql.Args
	where, err := q.conditions(&args)
	if err != nil {
		return p, err
	}
	err = reading(ctx, pool, "seat ledger", func(tx pgx.Tx) error {
		rows, err := collect[seatRow](ctx, tx, `
select licence_id, from_date::text, until_date::text, holder, pending, detail
  from licences.seat s where `+strings.Join(where, " and ")+" order by licence_id, from_date limit "+args.Add(q.Limit+1), args)
		if err != nil {
			return err
		}
		rows, p.Next, err = page.Cut(rows, q.Limit, seatOrder, func(last seatRow) []string {
			return []string{last.Licence.String(), last.From}
		})
		if err != nil {
			return err
		}
		p.Seats, err = q.explained(ctx, tx, rows)
		return err
	})
	return p, err
}

func (q SeatsQuery) conditions(args *reachsql.Args) ([]string, error) {
	where := []string{
		reachsql.Condition(q.Reach, scope("s"), args),
		"s.from_date <= " + args.Add(q.To.String()) + "::text::date",
		"(s.until_date is null or s.until_date > " + args.Add(q.From.String()) + "::text::date)",
	}
	if !q.Licence.IsZero() {
		where = append(where, "s.licence_id = "+args.Add(q.Licence))
	}
	if !q.Holder.IsZero() {
		where = append(where, "s.holder = "+args.Add(q.Holder))
	}
	cursor, err := page.Parse(q.Cursor, seatOrder, 2)
	if err != nil || cursor == nil {
		return where, err
	}
	licence, errLicence := id.Parse[id.Licence](cursor.Keys[0])
	from, errFrom := civil.ParseDate(cursor.Keys[1])
	if errLicence != nil || errFrom != nil {
		return nil, page.ErrMalformed
	}
	return append(where, "(s.licence_id, s.from_date) > ("+args.Add(licence)+", "+args.Add(from.String())+"::text::date)"), nil
}

// explained clips seats to the days that are asked about and says what they cost.
func (q SeatsQuery) explained(ctx context.Context, tx pgx.Tx, rows []seatRow) ([]Seat, error) {
	subscription, err := subscriptionOf(ctx, tx, q.Reach)
	if err != nil {
		return nil, err
	}
	licences := make([]id.Licence, 0, len(rows))
	for _, r := range rows {
		licences = append(licences, r.Licence)
	}
	var args reachsql.Args
	lines, err := collect[lineRow](ctx, tx, `
select l.charge_id, l.detail from licences.line l join licences.charge c on c.charge_id = l.charge_id
 where c.status <> 'cancelled' and l.licence_id = any(`+args.Add(licences)+`)
   and l.from_date <= `+args.Add(q.To.String())+`::text::date and l.period_end > `+args.Add(q.From.String())+`::text::date
 order by l.revision, l.place`, args)
	if err != nil {
		return nil, err
	}
	of := map[id.Licence][]lineRow{}
	for _, l := range lines {
		of[l.Line.Licence] = append(of[l.Line.Licence], l)
	}
	seats := make([]Seat, 0, len(rows))
	for _, r := range rows {
		whole, err := r.seat(q.From, q.To)
		if err != nil {
			return nil, err
		}
		for _, s := range whole.parts(of[r.Licence]) {
			if err := s.charge(of[r.Licence]); err != nil {
				return nil, err
			}
			if s.Reason, err = r.reason(s, subscription); err != nil {
				return nil, err
			}
			seats = append(seats, s)
		}
	}
	return seats, nil
}

// parts divides the days where lines begin to cover them or cease to, so that days
// that were charged never stand in one row with days that were not.
func (s Seat) parts(lines []lineRow) []Seat {
	covered := func(day civil.Date) bool {
		return slices.ContainsFunc(lines, func(l lineRow) bool {
			return !day.Before(l.Line.From) && day.Before(l.Line.Period.End)
		})
	}
	var edges []civil.Date
	for _, l := range lines {
		for _, edge := range []civil.Date{l.Line.From, l.Line.Period.End} {
			if edge.After(s.From) && !edge.After(s.Until) && covered(edge.Add(-1)) != covered(edge) {
				edges = append(edges, edge)
			}
		}
	}
	slices.SortFunc(edges, func(a, b civil.Date) int { return b.DaysUntil(a) })
	var parts []Seat
	for _, edge := range slices.Compact(edges) {
		part := s
		part.Until = edge.Add(-1)
		part.Days = part.From.DaysUntil(edge)
		s.From, parts = edge, append(parts, part)
	}
	s.Days = s.From.DaysUntil(s.Until) + 1
	return append(parts, s)
}

// seat is the part of the row that lies between two days.
func (r seatRow) seat(from, to civil.Date) (Seat, error) {
	begins, err := civil.ParseDate(r.From)
	if err != nil {
		return Seat{}, err
	}
	last := to
	if r.Until != nil {
		until, err := civil.ParseDate(*r.Until)
		if err != nil {
			return Seat{}, err
		}
		if end := until.Add(-1); end.Before(last) {
			last = end
		}
	}
	if begins.Before(from) {
		begins = from
	}
	return Seat{
		Licence: r.Licence, From: begins, Until: last, Days: begins.DaysUntil(last) + 1, Holder: r.Holder, Terms: r.Terms,
		Cost: money.Of(0, r.Terms.Price.Currency),
	}, nil
}

// charge adds the shares that the days have in the lines that cover them.
func (s *Seat) charge(lines []lineRow) error {
	for _, l := range lines {
		first, end := s.From, s.Until.Add(1)
		if first.Before(l.Line.From) {
			first = l.Line.From
		}
		if l.Line.Period.End.Before(end) {
			end = l.Line.Period.End
		}
		if !first.Before(end) {
			continue
		}
		share, err := share(l.Line, first, end)
		if err != nil {
			return err
		}
		if s.Cost, err = s.Cost.Plus(share); err != nil {
			return err
		}
		s.Costs = append(s.Costs, Cost{l.Charge, l.Line, share})
	}
	return nil
}

// share is what the days from first to before end have of a line: the difference
// of two sums from its first day on, so that parts always add up to the whole.
func share(l pricing.Line, first, end civil.Date) (money.Money, error) {
	gross, err := pricing.Total([]pricing.Line{l})
	if err != nil {
		return money.Money{}, err
	}
	days := int64(l.From.DaysUntil(l.Period.End))
	upTo := func(d civil.Date) (money.Money, error) { return gross.Fraction(int64(l.From.DaysUntil(d)), days) }
	after, err := upTo(end)
	if err != nil {
		return money.Money{}, err
	}
	before, err := upTo(first)
	if err != nil {
		return money.Money{}, err
	}
	return after.Minus(before)
}

func (r seatRow) reason(s Seat, subscription subscriptionRow) (Reason, error) {
	if len(s.Costs) > 0 {
		return Charged, nil
	}
	if r.Pending {
		return Unpaid, nil
	}
	began, err := civilDate(subscription.TrialOn)
	if err != nil {
		return "", err
	}
	over, err := civilDate(subscription.TrialOverOn)
	if err != nil {
		return "", err
	}
	if !began.IsZero() && !s.From.Before(began) && (over.IsZero() || s.From.Before(over)) {
		return InTrial, nil
	}
	return NotCharged, nil
}
