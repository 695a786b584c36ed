package billing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/projections/billing"
	"praxis/projections/page"
)

func zone(t *testing.T, name civil.Zone) *time.Location {
	t.Helper()
	z, err := name.Load()
	require.NoError(t, err)
	return z
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

// BIL-T36 in SQL.
func TestExampleT36OverdueInThePracticesZone(t *testing.T) {
	b := newBooks(t)
	b.do(miaAna, owed(1, "2026-03-10", 1)...)
	b.project()
	chicago, yes := zone(t, "America/Chicago"), true
	for at, overdue := range map[string]bool{
		"2026-03-10T12:00:00Z": false, "2026-03-11T04:59:59Z": false,
		"2026-03-11T05:00:00Z": true, "2027-01-01T00:00:00Z": true,
	} {
		t.Run("BIL-A13 at "+at, func(t *testing.T) {
			q := billing.InvoiceQuery{Now: instant(t, at), Zone: chicago}
			list := b.invoices(q).Invoices
			require.Len(t, list, 1)
			require.Equal(t, overdue, list[0].Overdue)
			q.Overdue = &yes
			require.Len(t, b.invoices(q).Invoices, map[bool]int{true: 1}[overdue], "the filter and the flag agree")
		})
	}
}

func TestInvoices(t *testing.T) {
	b := newBooks(t)
	net30, never := invoice.Terms{Kind: invoice.Net, Days: 30}, invoice.Terms{Kind: invoice.NoDueDate}
	add := func(l invoice.LedgerID, n int, date string, terms invoice.Terms) {
		given := charge(n, 1000)
		given.Command.ServiceDate = civil.MustDate("2026-01-01")
		b.do(l, given, draft(n, date, terms, n))
	}
	add(miaAna, 1, "2026-03-01", onReceipt) // overdue, paid in part
	b.do(miaAna, issue(1), pay(1, 400))
	add(miaAna, 2, "2026-03-01", net30) // due 03-31: overdue, unpaid
	b.do(miaAna, issue(2))
	add(miaBen, 3, "2026-04-10", onReceipt) // due today: not overdue
	b.do(miaBen, issue(3))
	add(miaBen, 4, "2026-01-01", never) // never due
	b.do(miaBen, issue(4))
	add(noahAna, 5, "2026-02-01", onReceipt) // paid
	b.do(noahAna, issue(5), pay(5, 1000))
	add(noahAna, 6, "2026-02-02", onReceipt) // void
	b.do(noahAna, issue(6), dated(invoice.VoidInvoice{Invoice: invoiceN(6), Reason: "twice", Date: today}))
	add(noahAna, 7, "2026-02-03", onReceipt) // draft
	add(noahAna, 8, "2026-02-04", onReceipt) // discarded
	b.do(noahAna, invoice.DiscardDraft{Invoice: invoiceN(8)})
	b.project()

	found := func(q billing.InvoiceQuery) (ns []int) {
		for _, i := range b.invoices(q).Invoices {
			for n := 1; n <= 8; n++ {
				if i.ID == invoiceN(n) {
					ns = append(ns, n)
				}
			}
		}
		return ns
	}
	yes, no := true, false

	t.Run("BIL-20 the practice's list is ordered by due date, what is never due last, without discarded drafts", func(t *testing.T) {
		require.Equal(t, []int{5, 6, 7, 1, 2, 3, 4}, found(billing.InvoiceQuery{}))
	})

	t.Run("BIL-20 the chart's list is the same with one patient", func(t *testing.T) {
		require.Equal(t, []int{1, 2, 3, 4}, found(billing.InvoiceQuery{Selection: billing.Selection{Chart: mia}}))
	})

	t.Run("BIL-23 of one clinician", func(t *testing.T) {
		require.Equal(t, []int{3, 4}, found(billing.InvoiceQuery{Selection: billing.Selection{Clinicians: []id.Member{ben}}}))
	})

	t.Run("BIL-24 each shows one word, void before paid before overdue before partial before unpaid", func(t *testing.T) {
		status := map[id.Invoice]invoice.Status{}
		for _, i := range b.invoices(billing.InvoiceQuery{Stages: []invoice.Stage{invoice.Draft, invoice.Open, invoice.Void, invoice.Discarded}}).Invoices {
			status[i.ID] = i.Status
		}
		require.Equal(t, map[id.Invoice]invoice.Status{
			invoiceN(1): invoice.ShowOverdue, invoiceN(2): invoice.ShowOverdue, invoiceN(3): invoice.ShowUnpaid, invoiceN(4): invoice.ShowUnpaid,
			invoiceN(5): invoice.ShowPaid, invoiceN(6): invoice.ShowVoid, invoiceN(7): invoice.ShowDraft, invoiceN(8): invoice.ShowDiscarded,
		}, status)
	})

	t.Run("BIL-A12 what is overdue and paid in part is found under both", func(t *testing.T) {
		require.Equal(t, []int{1}, found(billing.InvoiceQuery{Settlements: []invoice.Settlement{invoice.Partial}}))
		require.Equal(t, []int{1, 2}, found(billing.InvoiceQuery{Overdue: &yes}))
		require.Equal(t, []int{1}, found(billing.InvoiceQuery{Overdue: &yes, Settlements: []invoice.Settlement{invoice.Partial}}))
	})

	t.Run("BIL-23 what is not overdue", func(t *testing.T) {
		require.Equal(t, []int{5, 6, 7, 3, 4}, found(billing.InvoiceQuery{Overdue: &no}))
	})

	t.Run("settlement is of issued invoices: drafts and void ones are not unpaid", func(t *testing.T) {
		require.Equal(t, []int{2, 3, 4}, found(billing.InvoiceQuery{Settlements: []invoice.Settlement{invoice.Unpaid}}))
		require.Equal(t, []int{5, 1, 2, 3, 4}, found(billing.InvoiceQuery{Settlements: []invoice.Settlement{invoice.Unpaid, invoice.Partial, invoice.Paid}}))
	})

	t.Run("BIL-23 of a stage", func(t *testing.T) {
		require.Equal(t, []int{8}, found(billing.InvoiceQuery{Stages: []invoice.Stage{invoice.Discarded}}))
	})

	t.Run("BIL-23 by part of the number, whatever its case, and never as a pattern", func(t *testing.T) {
		require.Equal(t, []int{3}, found(billing.InvoiceQuery{Number: " inv-000003 "}))
		require.Equal(t, []int{4}, found(billing.InvoiceQuery{Number: "4"}))
		require.Empty(t, found(billing.InvoiceQuery{Number: "%"}))
		require.Empty(t, found(billing.InvoiceQuery{Number: "INV_000003"}))
	})

	t.Run("a row tells the whole invoice", func(t *testing.T) {
		i := b.invoices(billing.InvoiceQuery{Number: "000002"}).Invoices[0]
		issuedAt := i.ChangedAt
		due, settlement, sequence := civil.MustDate("2026-03-31"), invoice.Unpaid, int64(2)
		require.Equal(t, billing.Invoice{
			ID: invoiceN(2), Chart: mia, Clinician: ana, Stage: invoice.Open, Number: "INV-000002", Version: 1,
			Date: civil.MustDate("2026-03-01"), Terms: "net_30", DueDate: due, Charges: []id.Charge{chargeN(2)}, Currency: "USD",
			Total: 1000, Balance: 1000, Settlement: &settlement, Overdue: true, Status: invoice.ShowOverdue,
			IssuedAt: &issuedAt, ChangedAt: issuedAt, Revision: 7, Sequence: &sequence,
		}, i)
	})

	t.Run("a void invoice keeps its number and says why", func(t *testing.T) {
		i := b.invoices(billing.InvoiceQuery{Stages: []invoice.Stage{invoice.Void}}).Invoices[0]
		require.Equal(t, "INV-000006", i.Number)
		require.Equal(t, "twice", i.VoidReason)
		require.Equal(t, today, i.VoidedOn)
		require.Nil(t, i.Settlement)
	})

	t.Run("a cursor that was not handed out is refused", func(t *testing.T) {
		good := []string{"infinity", "1", ana.String(), mia.String(), invoiceN(1).String()}
		for i := range good {
			keys := append([]string{}, good...)
			keys[i] = "now()"
			cursor, err := page.Cursor{Order: "billing/invoices", Keys: keys}.Token()
			require.NoError(t, err)
			_, err = billing.Invoices(t.Context(), b.pool, billing.InvoiceQuery{Cursor: cursor, Limit: 1, Now: now, Zone: time.UTC})
			require.Equal(t, "malformed_cursor", fault.From(err).Code)
		}
	})
}

// One Idempotency-Key used for two ledgers gives both drafts the same id; each
// is its own ledger's.
func TestInvoicesAreNamedWithinTheirLedger(t *testing.T) {
	b := newBooks(t)
	b.do(miaAna, charge(1, 100), draft(1, "2026-04-10", onReceipt, 1))
	b.do(noahAna, charge(1, 300), draft(1, "2026-04-10", onReceipt, 1), issue(1), pay(1, 300))
	b.project().Then("select chart_id, stage, applied from invoice order by chart_id",
		`{"chart_id":"`+mia.String()+`","stage":"draft","applied":0}`,
		`{"chart_id":"`+noah.String()+`","stage":"open","applied":300}`)

	var seen []id.Chart
	for cursor, more := page.Token(""), true; more; {
		page := b.invoices(billing.InvoiceQuery{Cursor: cursor, Limit: 1})
		seen = append(seen, page.Invoices[0].Chart)
		cursor, more = page.Next, page.Next != ""
	}
	require.Equal(t, []id.Chart{noah, mia}, seen)
}
