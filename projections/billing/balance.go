package billing

import (
	"context"
	"errors"
	"fmt"

	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections"
	"praxis/projections/read"
	"praxis/projections/sums"
)

// Amounts are sums over ledgers, in minor units. What is owed on invoices, what
// waits to be invoiced and what is credit are three numbers; nothing here nets
// one patient's or one clinician's credit with another's debt but Current.
type Amounts struct {
	Charged     sums.Minor `db:"charged"`
	Received    sums.Minor `db:"received"`
	Outstanding sums.Minor `db:"outstanding"`
	Unapplied   sums.Minor `db:"unapplied"`
	Uninvoiced  sums.Minor `db:"uninvoiced"`
	// Owed is the sum of the balances of the ledgers on which the patient owes
	// the clinician, and Credit that of the ledgers on which it is the other way
	// round; one ledger is one patient with one clinician (BIL-T43).
	Owed   sums.Minor `db:"owed"`
	Credit sums.Minor `db:"credit"`
}

// Current returns the current balance: charged less received, which is owed
// less credit. It is negative when more was received than charged. Both are at
// least 0, so that their difference is in range.
func (a Amounts) Current() sums.Minor { return a.Charged - a.Received }

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
	// LeftOut are the ledgers whose sums are beyond money.MaxSum. They are no part
	// of the amounts: one wrong entry must not hide what everybody else owes.
	LeftOut []invoice.LedgerID
}

// balanceOf adds up rows of a clinician each; what follows from their sums (money is
// conserved) and the total are made of those.
const balanceOf = `
select group_id, clinician_id, sum(charged) as charged, sum(received) as received, sum(outstanding) as outstanding, sum(unapplied) as unapplied,
       sum(charged - received - outstanding + unapplied) as uninvoiced, sum(owed) as owed, sum(owed - charged + received) as credit,
       max(left_out) as left_out
  from (%s) clinician
 group by grouping sets ((group_id, clinician_id), ()) order by clinician_id`

// ofLedgers reads and adds every ledger once: those that are in range, and names the others.
const ofLedgers = `
select group_id, clinician_id, sum(charged) filter (where in_range) as charged, sum(received) filter (where in_range) as received,
       sum(outstanding) filter (where in_range) as outstanding, sum(unapplied) filter (where in_range) as unapplied,
       sum(greatest(charged - received, 0)) filter (where in_range) as owed,
       array_agg(chart_id order by chart_id) filter (where not in_range) as left_out
  from %[1]s where %[3]s group by group_id, clinician_id`

// ofTotals says the same of whole clinicians without adding up their ledgers.
const ofTotals = `
select *, (select array_agg(l.chart_id order by l.chart_id) from %[1]s l
            where l.group_id = t.group_id and l.clinician_id = t.clinician_id and l.currency = t.currency and not l.in_range) as left_out
  from %[2]s t where %[3]s`

// Balance adds up the ledgers of a selection that are in the group's one
// currency (BIL-A25). Faults: "sum_out_of_range"; "ledger_out_of_range" where the
// selection is one ledger that is.
func Balance(ctx context.Context, from projections.Tables, s Selection, currency money.Currency) (Balances, error) {
	where := s.where().And("currency = ?", currency)
	clinicians := ofLedgers
	if s.ofWholeClinicians() {
		clinicians = ofTotals
	}
	statement := fmt.Sprintf(balanceOf, fmt.Sprintf(clinicians, from.Of(Projector{}, "ledger"), from.Of(Projector{}, "total"), where))
	rows, err := read.Rows[struct {
		// Group and Clinician are nil in the row of the total.
		Group     *id.Group  `db:"group_id"`
		Clinician *id.Member `db:"clinician_id"`
		Amounts
		LeftOut []id.Chart `db:"left_out"`
	}](ctx, from, "billing balance", statement, where.Args.Values...)
	switch {
	case errors.Is(err, money.ErrSum): // Where it was met is of no use to anybody.
		return Balances{}, money.ErrSum
	case err != nil:
		return Balances{}, err
	}
	var b Balances
	for _, r := range rows {
		if r.Clinician == nil {
			b.Total = r.Amounts
			continue
		}
		b.Clinicians = append(b.Clinicians, ClinicianBalance{*r.Clinician, r.Amounts})
		for _, chart := range r.LeftOut {
			b.LeftOut = append(b.LeftOut, invoice.LedgerID{Group: *r.Group, Chart: chart, Clinician: *r.Clinician})
		}
	}
	if len(b.LeftOut) == 1 && !s.Chart.IsZero() && len(s.Merged) == 0 && len(s.Clinicians) == 1 {
		return Balances{}, OutOfRange(b.LeftOut[0])
	}
	return b, nil
}

// OutOfRange is the problem of one ledger, which it names.
func OutOfRange(l invoice.LedgerID) error {
	return invoice.ErrOutOfRange.With("chart", l.Chart.String()).With("clinician", l.Clinician.String())
}
