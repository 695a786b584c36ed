package invoice_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/invoice"
)

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

func chicago(t *testing.T) *time.Location {
	t.Helper()
	zone, err := civil.Zone("America/Chicago").Load()
	require.NoError(t, err)
	return zone
}

func TestOverdue(t *testing.T) {
	due := newLedger(t, owed(1, "2026-03-10", 1)...).invoice(1)
	t.Run("BIL-T36 an invoice is overdue when its due day has ended in the practice's zone", func(t *testing.T) {
		require.False(t, invoice.Overdue(due, instant(t, "2026-03-11T04:59:59Z"), chicago(t)))
		require.True(t, invoice.Overdue(due, instant(t, "2026-03-11T05:00:00Z"), chicago(t)))
	})
	t.Run("BIL-A13 in another zone the day ends at another instant", func(t *testing.T) {
		require.True(t, invoice.Overdue(due, instant(t, "2026-03-11T04:59:59Z"), time.UTC))
		require.False(t, invoice.Overdue(due, instant(t, "2026-03-10T23:59:59Z"), time.UTC))
	})
	t.Run("BIL-A13 nothing owed is never overdue", func(t *testing.T) {
		settled := newLedger(t, join(owed(1, "2026-03-10", 1), paid(1, 1), applied(1, 1, 1))...).invoice(1)
		require.False(t, invoice.Overdue(settled, now, time.UTC))
	})
	t.Run("BIL-A13 a draft is never overdue", func(t *testing.T) {
		d := draftedOn(1, "2026-03-10", invoice.Terms{Kind: invoice.OnReceipt}, 1, 1)
		require.False(t, invoice.Overdue(newLedger(t, charged(1, 1), d).invoice(1), now, time.UTC))
	})
	t.Run("BIL-A14 an invoice without a due date is never overdue", func(t *testing.T) {
		d := draftedOn(1, "2020-01-01", invoice.Terms{Kind: invoice.NoDueDate}, 1, 1)
		require.False(t, invoice.Overdue(newLedger(t, charged(1, 1), d, issued(d, 1)).invoice(1), now, time.UTC))
	})
}

func TestStatus(t *testing.T) {
	past, future := owed(1, "2026-03-10", 100), owed(1, "2026-04-20", 100)
	d := draftedOn(1, "2026-03-10", net30, 100, 1)
	half := []invoice.Event{paid(1, 50), applied(1, 1, 50)}
	whole := []invoice.Event{paid(1, 100), applied(1, 1, 100)}
	voided := invoice.Voided{Invoice: invoiceN(1), Number: "INV-000001", EffectiveDate: today, Total: usd(100), ReleasedCredit: usd(0), Reason: "x"}
	for _, tc := range []struct {
		name       string
		history    []invoice.Event
		status     invoice.Status
		settlement invoice.Settlement
		overdue    bool
	}{
		{"unpaid before it is due", future, invoice.ShowUnpaid, invoice.Unpaid, false},
		{"partial before it is due", join(future, half), invoice.ShowPartial, invoice.Partial, false},
		{"overdue wins over unpaid", past, invoice.ShowOverdue, invoice.Unpaid, true},
		{"overdue wins over partial, and both axes stay visible", join(past, half), invoice.ShowOverdue, invoice.Partial, true},
		{"paid wins over overdue", join(past, whole), invoice.ShowPaid, invoice.Paid, false},
		{"void wins over all", join(past, voided), invoice.ShowVoid, invoice.Unpaid, false},
		{"draft", join(charged(1, 100), d), invoice.ShowDraft, invoice.Unpaid, false},
		{"discarded", join(charged(1, 100), d, invoice.DraftDiscarded{Invoice: invoiceN(1)}), invoice.ShowDiscarded, invoice.Unpaid, false},
	} {
		t.Run("BIL-A12 BIL-24 "+tc.name, func(t *testing.T) {
			i := newLedger(t, tc.history...).invoice(1)
			require.Equal(t, tc.status, invoice.StatusOf(i, now, time.UTC))
			require.Equal(t, tc.settlement, i.Settlement())
			require.Equal(t, tc.overdue, invoice.Overdue(i, now, time.UTC))
		})
	}
}

func TestPayableOrder(t *testing.T) {
	onDate := func(n int, date, terms string) []invoice.Event {
		parsed, err := invoice.ParseTerms(terms)
		require.NoError(t, err)
		d := draftedOn(n, date, parsed, 100, n)
		return []invoice.Event{charged(n, 100), d, issued(d, n)}
	}
	l := newLedger(t, join(
		onDate(1, "2026-01-01", "none"),
		onDate(7, "2025-12-31", "none"),
		onDate(6, "2026-04-01", "on_receipt"),
		onDate(5, "2026-04-01", "on_receipt"),
		onDate(2, "2026-04-01", "net_0"),
		onDate(3, "2026-03-02", "net_30"),
		onDate(4, "2026-05-01", "net_30"),
	)...)
	var order []invoice.Number
	for _, i := range l.state.Payable() {
		order = append(order, i.Sequence)
	}
	require.Equal(t, []invoice.Number{3, 2, 5, 6, 4, 7, 1}, order, "BIL-A19 oldest due date, then invoice date, then number; never due comes last")
}
