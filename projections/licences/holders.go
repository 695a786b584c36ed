package licences

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/projections/reachsql"
)

// Holding is a time in which one member, or none, held a licence.
type Holding struct {
	Licence id.Licence `db:"licence_id"`
	From    string     `db:"from_date"`
	Until   *string    `db:"until_date"`
	Holder  *id.Member `db:"holder"`
}

// Holds reports whether the day lies in the time.
func (h Holding) Holds(day civil.Date) bool {
	on := day.String()
	return h.From <= on && (h.Until == nil || on < *h.Until)
}

// Holders returns who held some licences when, for those who may see the
// subscription.
func Holders(ctx context.Context, pool *pgxpool.Pool, reach access.Reach, of []id.Licence) (list []Holding, err error) {
	err = reading(ctx, pool, "holders of licences", func(tx pgx.Tx) error {
		var args reachsql.Args
		list, err = collect[Holding](ctx, tx, `
select licence_id, from_date::text, until_date::text, holder from licences.seat s
 where `+reachsql.Condition(reach, scope("s"), &args)+" and licence_id = any("+args.Add(of)+") order by licence_id, from_date", args)
		return err
	})
	return list, err
}
