package billing

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/projections/reachsql"
)

// Amounts are sums over ledgers, in minor units. What is owed on invoices, what
// waits to be invoiced and what is credit are three numbers; nothing here nets
// one patient's or one clinician's credit with another's debt but Current.
type Amounts struct {
	Charged     int64 `db:"charged"`
	Received    int64 `db:"received"`
	Outstanding int64 `db:"outstanding"`
	Unapplied   int64 `db:"unapplied"`
	Uninvoiced  int64 `db:"uninvoiced"`
	// Owed is the sum of the balances of the ledgers on which the patient owes
	// the clinician, and Credit that of the ledgers on which it is the other way
	// round; one ledger is one patient with one clinician (BIL-T43).
	Owed   int64 `db:"owed"`
	Credit int64 `db:"credit"`
}

// Current returns the current balance: charged less received, which is owed
// less credit. It is negative when more was received than charged.
func (a Amounts) Current() int64 { return a.Charged - a.Received }

func (a Amounts) plus(b Amounts) Amounts {
	return Amounts{
		Charged: a.Charged + b.Charged, Received: a.Received + b.Received,
		Outstanding: a.Outstanding + b.Outstanding, Unapplied: a.Unapplied + b.Unapplied, Uninvoiced: a.Uninvoiced + b.Uninvoiced,
		Owed: a.Owed + b.Owed, Credit: a.Credit + b.Credit,
	}
}

// ClinicianBalance is what of a balance is one clinician's.
type ClinicianBalance struct {
	Clinician id.Member
	Amounts
}

// Balances is the answer to a selection: the whole group's, some clinicians',
// one patient's, or one patient's with one clinician (BIL-15, BIL-A26).
type Balances struct {
	Total Amounts
	// Clinicians are those with a ledger in the selection, by id; they add up to Total.
	Clinicians []ClinicianBalance
}

const sums = `sum(charged)::bigint as charged, sum(received)::bigint as received, sum(outstanding)::bigint as outstanding,
       sum(unapplied)::bigint as unapplied, sum(uninvoiced)::bigint as uninvoiced,
       sum(greatest(charged - received, 0))::bigint as owed, sum(greatest(received - charged, 0))::bigint as credit`

// Balance adds up the ledgers of a selection that are in the group's one
// currency (BIL-A25).
func Balance(ctx context.Context, pool *pgxpool.Pool, s Selection, currency money.Currency) (Balances, error) {
	var args reachsql.Args
	where := append(s.conditions(&args), "currency = "+args.Add(string(currency)))
	sql := "select clinician_id, " + sums + " from billing.ledger where " + strings.Join(where, " and ") + " group by clinician_id order by clinician_id"
	rows, err := pool.Query(ctx, sql, args.Values...)
	if err != nil {
		return Balances{}, fmt.Errorf("billing balance: %w", err)
	}
	type row struct {
		Clinician id.Member `db:"clinician_id"`
		Amounts
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return Balances{}, fmt.Errorf("billing balance: %w", err)
	}
	var b Balances
	for _, r := range list {
		b.Clinicians = append(b.Clinicians, ClinicianBalance(r))
		b.Total = b.Total.plus(r.Amounts)
	}
	return b, nil
}
