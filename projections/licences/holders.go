package licences

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/projections/read"
)

// Holding is a time in which one member, or none, held a licence.
type Holding struct {
	Licence id.Licence `db:"licence_id"`
	From    civil.Date `db:"from_date"`
	// Until is the first day after it, unset while it lasts.
	Until  civil.Date `db:"until_date"`
	Holder *id.Member `db:"holder"`
}

// Holds reports whether the day lies in the time.
func (h Holding) Holds(day civil.Date) bool {
	return !day.Before(h.From) && (h.Until.IsZero() || day.Before(h.Until))
}

// Holders returns who held some licences on days from one to another, both inclusive, for
// those who may see the subscription.
func Holders(ctx context.Context, pool *pgxpool.Pool, reach access.Reach, of []id.Licence, from, to civil.Date) ([]Holding, error) {
	where := read.Within(reach, scope("s")).
		And("s.licence_id in (select unnest(?::uuid[]))", of).
		And("s.from_date <= ? and (s.until_date is null or s.until_date > ?)", to, from)
	return read.Rows[Holding](ctx, pool, "holders of licences", `
select licence_id, from_date, until_date, holder from `+seatTable+` s
 where `+where.String()+" order by licence_id, from_date", where.Args.Values...)
}
