package licences

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/page"
	"praxis/projections/read"
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

// seatRow is a seat as it is kept: until the day before Until, unset for no end.
type seatRow struct {
	Licence id.Licence    `db:"licence_id"`
	From    civil.Date    `db:"from_date"`
	Until   civil.Date    `db:"until_date"`
	Holder  *id.Member    `db:"holder"`
	Pending bool          `db:"pending"`
	Terms   pricing.Terms `db:"detail"`
}

// byLicence is the one order of the ledger: licence by licence, day by day.
var byLicence = read.Order[seatRow]{
	Name: "licences/seats",
	Keys: []read.Key[seatRow]{
		read.ID("s.licence_id", func(s seatRow) id.Licence { return s.Licence }),
		read.Day("s.from_date", func(s seatRow) string { return s.From.String() }),
	},
}

// Seats answers a query. Fault: "malformed_cursor".
func Seats(ctx context.Context, pool *pgxpool.Pool, q SeatsQuery) (p SeatsPage, err error) {
	err = reading(ctx, pool, "seat ledger", func(tx pgx.Tx) (err error) {
		where := read.Within(q.Reach, scope("s")).
			And("s.from_date <= ? and (s.until_date is null or s.until_date > ?)", q.To, q.From).
			Filter("s.licence_id = ?", q.Licence).
			Filter("s.holder = ?", q.Holder)
		var rows []seatRow
		rows, p.Next, err = read.List(ctx, tx, "select licence_id, from_date, until_date, holder, pending, detail from "+seatTable+" s",
			where, byLicence, q.Cursor, q.Limit)
		if err != nil {
			return err
		}
		p.Seats, err = q.explained(ctx, tx, rows)
		return err
	})
	return p, err
}

// lineRow is a line with the charge that it is of.
type lineRow struct {
	Charge id.SeatCharge `db:"charge_id"`
	Line   pricing.Line  `db:"detail"`
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
	lines, err := read.Rows[lineRow](ctx, tx, "lines of charges", `
select l.charge_id, l.detail from `+lineTable+` l join `+chargeTable+` c on c.charge_id = l.charge_id
 where c.status <> 'cancelled' and l.licence_id = any($1) and l.from_date <= $2 and l.period_end > $3
 order by l.revision, l.place`, licences, q.To, q.From)
	if err != nil {
		return nil, err
	}
	of := map[id.Licence][]lineRow{}
	for _, l := range lines {
		of[l.Line.Licence] = append(of[l.Line.Licence], l)
	}
	seats := make([]Seat, 0, len(rows))
	for _, r := range rows {
		for _, s := range r.seat(q.From, q.To).parts(of[r.Licence]) {
			if err := s.charge(of[r.Licence]); err != nil {
				return nil, err
			}
			s.Reason = r.reason(s, subscription)
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
func (r seatRow) seat(from, to civil.Date) Seat {
	if r.From.After(from) {
		from = r.From
	}
	if last := r.Until.Add(-1); !r.Until.IsZero() && last.Before(to) {
		to = last
	}
	return Seat{Licence: r.Licence, From: from, Until: to, Holder: r.Holder, Terms: r.Terms, Cost: money.Of(0, r.Terms.Price.Currency)}
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

func (r seatRow) reason(s Seat, subscription subscriptionRow) Reason {
	began, over := subscription.TrialOn, subscription.TrialOverOn
	switch {
	case len(s.Costs) > 0:
		return Charged
	case r.Pending:
		return Unpaid
	case !began.IsZero() && !s.From.Before(began) && (over.IsZero() || s.From.Before(over)):
		return InTrial
	}
	return NotCharged
}
