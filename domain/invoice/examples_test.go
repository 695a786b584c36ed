package invoice_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/id"
	"praxis/domain/invoice"
)

// BIL-A12, BIL-A18: part of an invoice is paid, then more than the rest.
func TestPartialThenOverpaid(t *testing.T) {
	l := newLedger(t, owed(1, "2026-04-10", 15000)...)

	l.do(pay(1, 5000))
	require.Equal(t, invoice.Partial, l.invoice(1).Settlement())
	require.Equal(t, usd(10000), l.invoice(1).Balance())

	l.do(pay(2, 12000))
	require.Equal(t, invoice.Paid, l.invoice(1).Settlement())
	require.Equal(t, usd(0), l.invoice(1).Balance())
	require.Equal(t, usd(2000), totalsOf(t, l.state).Unapplied)
}

// BIL-T38, BIL-A23: two payments meet on one invoice; none is lost, nothing is owed twice.
func TestExampleT38TwoPaymentsForOneInvoice(t *testing.T) {
	l := newLedger(t, owed(1, "2026-04-10", 10000)...)

	l.do(pay(1, 10000))
	l.do(pay(2, 10000)) // The loser of the race decides again on what the winner left.

	first, _ := l.state.Payment(paymentN(1))
	credit, _ := l.state.Payment(paymentN(2))
	require.Equal(t, usd(10000), first.Applied)
	require.Equal(t, usd(0), credit.Applied)
	require.Equal(t, usd(10000), credit.Unapplied())
	require.Equal(t, usd(0), l.invoice(1).Balance(), "never −10000")
}

// BIL-T39, BIL-A19: the oldest invoice is settled first, in part if need be.
func TestExampleT39OldestFirst(t *testing.T) {
	l := newLedger(t, join(owed(2, "2026-04-25", 6000), owed(1, "2026-04-20", 10000))...)

	l.do(pay(1, 10000))

	require.Equal(t, invoice.Paid, l.invoice(1).Settlement())
	require.Equal(t, invoice.Unpaid, l.invoice(2).Settlement())
	require.Equal(t, usd(0), totalsOf(t, l.state).Unapplied)
}

// BIL-T40: voiding gives used credit back.
func TestExampleT40VoidWithCreditUsed(t *testing.T) {
	l := newLedger(t, paid(1, 20000))
	for _, e := range join(owed(1, "2026-04-10", 10000), owed(2, "2026-04-10", 5000)) {
		invoice.Evolve(&l.state, e)
	}
	l.do(dated(invoice.ApplyPayment{Payment: paymentN(1), Date: today}))
	outstanding, _, unapplied, balance := l.totals()
	require.Equal(t, []int64{0, 5000, -5000}, []int64{outstanding, unapplied, balance})

	l.do(dated(invoice.VoidInvoice{Invoice: invoiceN(1), Reason: "wrong date", Date: today, ReleasePayments: true}))
	l.do(dated(invoice.VoidCharge{Charge: chargeN(1), Reason: "wrong date", Date: today}))
	outstanding, uninvoiced, unapplied, balance := l.totals()
	require.Equal(t, []int64{0, 0, 15000, -15000}, []int64{outstanding, uninvoiced, unapplied, balance})
}

// BIL-A16: a paid invoice is voided once its money is released.
func TestVoidOfAPaidInvoice(t *testing.T) {
	l := newLedger(t, owed(1, "2026-04-10", 10000)...)
	l.do(pay(1, 10000))
	void := dated(invoice.VoidInvoice{Invoice: invoiceN(1), Reason: "wrong clinician", Date: today})

	l.refuses("payments_applied", void)

	void.Command.ReleasePayments = true
	l.do(void)
	outstanding, uninvoiced, unapplied, balance := l.totals()
	require.Equal(t, []int64{0, 10000, 10000, 0}, []int64{outstanding, uninvoiced, unapplied, balance})

	l.refuses("invoice_void", void)
	// The charge goes on a new invoice, and the credit settles it.
	l.do(dated(invoice.DraftInvoice{Invoice: invoiceN(2), Date: today, Terms: net30, Charges: []id.Charge{chargeN(1)}}))
	l.do(under(2, "INV-000002", invoice.IssueInvoice{Invoice: invoiceN(2)}))
	l.do(dated(invoice.ApplyPayment{Payment: paymentN(1), Date: today}))
	require.Equal(t, invoice.Paid, l.invoice(2).Settlement())
	outstanding, uninvoiced, unapplied, balance = l.totals()
	require.Equal(t, []int64{0, 0, 0, 0}, []int64{outstanding, uninvoiced, unapplied, balance})
}

// BIL-T43: what one clinician is owed does not hide what another owes.
func TestExampleT43TwoClinicians(t *testing.T) {
	a := newLedger(t, owed(1, "2026-04-10", 30000)...)
	a.do(pay(1, 10000))
	b := newLedger(t, owed(1, "2026-04-10", 12000)...)
	b.do(pay(2, 15000))

	ofA, ofB := totalsOf(t, a.state), totalsOf(t, b.state)
	require.Equal(t, usd(20000), ofA.Balance())
	require.Equal(t, usd(-3000), ofB.Balance())
	group, err := ofA.Balance().Plus(ofB.Balance())
	require.NoError(t, err)
	require.Equal(t, usd(17000), group, "BIL-15 the balance of the whole group")
	require.Equal(t, usd(20000), ofA.Outstanding, "shown as 20000 owed")
	require.Equal(t, usd(3000), ofB.Unapplied, "and 3000 credit, never netted away")
}
