package billing_test

import (
	"cmp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections/billing"
	"praxis/projections/sums"
)

// anyCommand draws a command over a handful of charges, invoices and payments
// and over amounts of a few cents, so that commands meet and contradict each other.
func anyCommand(number func() invoice.Number) *rapid.Generator[decider] {
	few := rapid.IntRange(1, 5)
	amount := rapid.Int64Range(0, 6)
	day := rapid.Custom(func(t *rapid.T) civil.Date {
		return civil.MustDate("2026-03-20").Add(rapid.IntRange(0, 20).Draw(t, "day"))
	})
	terms := rapid.SampledFrom([]invoice.Terms{onReceipt, {Kind: invoice.Net, Days: 10}, {Kind: invoice.NoDueDate}})
	return rapid.Custom(func(t *rapid.T) decider {
		switch rapid.IntRange(0, 12).Draw(t, "kind") {
		case 0, 1, 2:
			c := charge(few.Draw(t, "charge"), amount.Draw(t, "price"))
			c.Command.ServiceDate, c.Command.Units = day.Draw(t, "date"), rapid.Int64Range(1, 3).Draw(t, "units")
			return c
		case 3:
			return dated(invoice.VoidCharge{Charge: chargeN(few.Draw(t, "charge")), Reason: "wrong", Date: day.Draw(t, "date")})
		case 4, 5:
			c := draft(few.Draw(t, "invoice"), day.Draw(t, "date").String(), terms.Draw(t, "terms"), few.Draw(t, "charge"))
			if rapid.Bool().Draw(t, "two") {
				c.Command.Charges = append(c.Command.Charges, chargeN(few.Draw(t, "charge")))
			}
			return c
		case 6:
			return invoice.DiscardDraft{Invoice: invoiceN(few.Draw(t, "invoice"))}
		case 7, 8:
			return under(number(), invoice.IssueInvoice{Invoice: invoiceN(few.Draw(t, "invoice"))})
		case 9:
			return dated(invoice.VoidInvoice{Invoice: invoiceN(few.Draw(t, "invoice")), Reason: "wrong", Date: day.Draw(t, "date"), ReleasePayments: true})
		case 10:
			return dated(invoice.ApplyPayment{Payment: paymentN(few.Draw(t, "payment")), Date: day.Draw(t, "date")})
		}
		c := pay(few.Draw(t, "payment"), amount.Draw(t, "amount"))
		c.Command.ReceivedOn = day.Draw(t, "date")
		if rapid.Bool().Draw(t, "keep as credit") {
			c.Command.Allocations = []invoice.Allocation{}
		}
		return c
	})
}

func amountsOf(totals ...invoice.Totals) (a billing.Amounts) {
	for _, t := range totals {
		a.Charged += sums.Minor(t.Charged.Minor)
		a.Received += sums.Minor(t.Received.Minor)
		a.Outstanding += sums.Minor(t.Outstanding.Minor)
		a.Unapplied += sums.Minor(t.Unapplied.Minor)
		a.Uninvoiced += sums.Minor(t.Uninvoiced.Minor)
		a.Owed += sums.Minor(max(t.Balance().Minor, 0))
		a.Credit += sums.Minor(max(-t.Balance().Minor, 0))
	}
	return a
}

// Random commands on four ledgers of a practice: every answer of the read model
// is what the ledgers themselves say, every page is a part of the whole, and a
// rebuild gives the rows of the live run.
func TestReadModelSaysWhatTheLedgersSay(t *testing.T) {
	b := newBooks(t)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		g := id.Derive[id.Group]("practice", strconv.Itoa(round))
		b.decided = nil
		var ledgers []invoice.LedgerID
		for _, c := range []id.Chart{mia, noah} {
			for _, m := range []id.Member{ana, ben} {
				ledgers = append(ledgers, invoice.LedgerID{Group: g, Chart: c, Clinician: m})
			}
		}
		var last invoice.Number
		commands := anyCommand(func() invoice.Number { last++; return last })
		for range rapid.IntRange(10, 60).Draw(t, "commands") {
			// A refusal leads to no event, and there is nothing to project.
			_ = b.try(rapid.SampledFrom(ledgers).Draw(t, "ledger"), commands.Draw(t, "command"))
		}
		decided := len(b.decided)
		b.project()

		requireBalances(t, b, g, ledgers)
		requireHistory(t, b, g, decided)
		requireInvoices(t, b, g, ledgers)
	})
	b.spec.Then("select * from ledger where charged - received <> outstanding + uninvoiced - unapplied")
	b.spec.Then(`select * from total full join (
  select group_id, clinician_id, currency, sum(charged) as charged, sum(received) as received, sum(outstanding) as outstanding,
         sum(unapplied) as unapplied, sum(greatest(charged - received, 0)) as owed from ledger group by group_id, clinician_id, currency
) added using (group_id, clinician_id, currency, charged, received, outstanding, unapplied, owed) where total is null or added is null`)
}

func requireBalances(t *rapid.T, b *practiceBooks, g id.Group, ledgers []invoice.LedgerID) {
	var all []invoice.Totals
	for _, l := range ledgers {
		totals, err := b.state(l).Totals()
		require.NoError(t, err)
		all = append(all, totals)
		got := b.balance(billing.Selection{Reach: everything(g), Chart: l.Chart, Clinicians: []id.Member{l.Clinician}})
		require.Equal(t, amountsOf(totals), got.Total, "BIL-A26 one patient with one clinician")
	}
	group := b.balance(billing.Selection{Reach: everything(g)})
	require.Equal(t, amountsOf(all...), group.Total, "BIL-15 the whole group")
	require.Equal(t, group.Total.Owed-group.Total.Credit, group.Total.Current())
	butNoChart := everything(g)
	butNoChart.Parts[0].Except.Charts = []id.Chart{id.New[id.Chart]()}
	require.Equal(t, group, b.balance(billing.Selection{Reach: butNoChart}), "the same, added up out of the ledgers")
	require.Equal(t, amountsOf(all[:2]...), b.balance(billing.Selection{Reach: everything(g), Chart: mia}).Total, "BIL-A26 one patient")
	require.Equal(t, amountsOf(all[0], all[2]), b.balance(billing.Selection{Reach: everything(g), Clinicians: []id.Member{ana}}).Total, "one clinician")
}

func requireHistory(t *rapid.T, b *practiceBooks, g id.Group, decided int) {
	q := billing.HistoryQuery{Selection: billing.Selection{Reach: everything(g)}}
	whole := b.history(q).Entries
	require.LessOrEqual(t, len(whole), decided)
	var net int64
	for _, e := range whole {
		net += e.Debit - e.Credit
	}
	require.EqualValues(t, b.balance(q.Selection).Total.Current(), net, "debits less credits are the current balance")
	require.True(t, slices.IsSortedFunc(whole, func(a, b billing.Entry) int {
		return cmp.Or(cmp.Compare(b.EffectiveDate, a.EffectiveDate), cmp.Compare(b.Position, a.Position))
	}), "newest first")

	q.Limit = rapid.IntRange(1, 7).Draw(t, "limit")
	var paged []billing.Entry
	for more := true; more; more = q.Cursor != "" {
		page := b.history(q)
		require.LessOrEqual(t, len(page.Entries), q.Limit)
		require.LessOrEqual(t, len(paged), len(whole), "paging ends")
		paged, q.Cursor = append(paged, page.Entries...), page.Next
	}
	require.Len(t, paged, len(whole))
	for i := range whole {
		require.Equal(t, whole[i], paged[i], "the pages are the whole, in its order")
	}
}

func requireInvoices(t *rapid.T, b *practiceBooks, g id.Group, ledgers []invoice.LedgerID) {
	q := billing.InvoiceQuery{
		Selection: billing.Selection{Reach: everything(g)}, Now: now, Zone: time.UTC,
		Stages: []invoice.Stage{invoice.Draft, invoice.Discarded, invoice.Open, invoice.Void},
	}
	whole := b.invoices(q).Invoices
	rows := map[invoice.LedgerID]map[id.Invoice]billing.Invoice{}
	for _, i := range whole {
		l := invoice.LedgerID{Group: g, Chart: i.Chart, Clinician: i.Clinician}
		if rows[l] == nil {
			rows[l] = map[id.Invoice]billing.Invoice{}
		}
		rows[l][i.ID] = i
	}
	count := 0
	for _, l := range ledgers {
		for n := 1; n <= 5; n++ {
			want, exists := b.state(l).Invoice(invoiceN(n))
			got, found := rows[l][invoiceN(n)]
			require.Equal(t, exists, found)
			if !exists {
				continue
			}
			count++
			require.Equal(t, want.Balance(), money.Of(got.Balance, got.Currency))
			require.Equal(t, want.Applied, money.Of(got.Applied, got.Currency))
			require.Equal(t, want.Charges, got.Charges)
			require.Equal(t, want.Number, got.Number)
			require.Equal(t, invoice.StatusOf(want, now, time.UTC), got.Status)
			require.Equal(t, invoice.Overdue(want, now, time.UTC), got.Overdue)
			if want.Stage == invoice.Open {
				require.Equal(t, want.Settlement(), *got.Settlement)
			} else {
				require.Nil(t, got.Settlement)
			}
		}
	}
	require.Len(t, whole, count)

	for _, overdue := range []bool{true, false} {
		filtered := q
		filtered.Overdue = &overdue
		for _, i := range b.invoices(filtered).Invoices {
			require.Equal(t, overdue, i.Overdue, "the filter is the domain's rule")
			count--
		}
	}
	require.Zero(t, count, "every invoice is overdue or not")

	q.Limit = rapid.IntRange(1, 4).Draw(t, "limit")
	paged := []billing.Invoice{}
	for more := true; more; more = q.Cursor != "" {
		page := b.invoices(q)
		require.LessOrEqual(t, len(paged), len(whole), "paging ends")
		paged, q.Cursor = append(paged, page.Invoices...), page.Next
	}
	require.Equal(t, whole, paged, "the pages are the whole, in its order")
}
