package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections"
	"praxis/projections/billing"
	"praxis/projections/projtest"
)

func TestExampleT43TwoClinicians(t *testing.T) {
	ofA := billing.Amounts{Charged: 30000, Received: 10000, Owed: 20000}
	ofB := billing.Amounts{Charged: 12000, Received: 15000, Credit: 3000}
	ofGroup := billing.Amounts{Charged: 42000, Received: 25000, Owed: 20000, Credit: 3000}

	check := func(t *testing.T, b *practiceBooks, a, bb, group billing.Amounts) {
		t.Helper()
		got := b.balance(billing.Selection{})
		require.Equal(t, group, got.Total)
		require.EqualValues(t, 17000, got.Total.Current(), "BIL-15 (B-1) the current balance is that of the whole group")
		require.Equal(t, []billing.ClinicianBalance{{Clinician: ana, Amounts: a}, {Clinician: ben, Amounts: bb}}, got.Clinicians)
		require.EqualValues(t, 20000, got.Clinicians[0].Current())
		require.EqualValues(t, -3000, got.Clinicians[1].Current())
	}

	t.Run("BIL-T43 on invoices: 20000 owed and 3000 credit, never only 17000", func(t *testing.T) {
		b := newBooks(t)
		b.do(miaAna, owed(1, "2026-04-10", 30000)...)
		b.do(miaAna, pay(1, 10000))
		b.do(miaBen, owed(2, "2026-04-10", 12000)...)
		b.do(miaBen, pay(2, 15000))
		b.project()
		a, bb, group := ofA, ofB, ofGroup
		a.Outstanding, bb.Unapplied = 20000, 3000
		group.Outstanding, group.Unapplied = 20000, 3000
		check(t, b, a, bb, group)
	})

	t.Run("BIL-T43 before anything is invoiced: the same, and waiting apart from credit", func(t *testing.T) {
		b := newBooks(t)
		b.do(miaAna, charge(1, 30000), pay(1, 10000))
		b.do(miaBen, charge(2, 12000), pay(2, 15000))
		b.project()
		a, bb, group := ofA, ofB, ofGroup
		a.Uninvoiced, a.Unapplied = 30000, 10000
		bb.Uninvoiced, bb.Unapplied = 12000, 15000
		group.Uninvoiced, group.Unapplied = 42000, 25000
		check(t, b, a, bb, group)
	})
}

func TestBalance(t *testing.T) {
	b := newBooks(t)
	b.do(miaAna, owed(1, "2026-04-10", 15000)...)
	b.do(miaAna, pay(1, 5000))
	b.do(miaBen, charge(2, 700))
	b.do(noahAna, pay(3, 900))
	b.project()

	t.Run("BIL-A26 of the practice, of a patient, and of a patient with one clinician", func(t *testing.T) {
		group := b.balance(billing.Selection{}).Total
		require.Equal(t, billing.Amounts{Charged: 15700, Received: 5900, Outstanding: 10000, Unapplied: 900, Uninvoiced: 700, Owed: 10700, Credit: 900}, group)
		patient := b.balance(billing.Selection{Chart: mia}).Total
		require.Equal(t, billing.Amounts{Charged: 15700, Received: 5000, Outstanding: 10000, Uninvoiced: 700, Owed: 10700}, patient)
		one := b.balance(billing.Selection{Chart: mia, Clinicians: []id.Member{ben}}).Total
		require.Equal(t, billing.Amounts{Charged: 700, Uninvoiced: 700, Owed: 700}, one)
		require.EqualValues(t, 9800, group.Current())
	})

	t.Run("of one clinician, whose patients' credit and debt stay apart", func(t *testing.T) {
		got := b.balance(billing.Selection{Clinicians: []id.Member{ana}})
		want := billing.Amounts{Charged: 15000, Received: 5900, Outstanding: 10000, Unapplied: 900, Owed: 10000, Credit: 900}
		require.Equal(t, billing.Balances{Total: want, Clinicians: []billing.ClinicianBalance{{Clinician: ana, Amounts: want}}}, got)
	})

	t.Run("BIL-A25 in a currency that is not the group's is nothing", func(t *testing.T) {
		got, err := billing.Balance(t.Context(), projections.Live(b.pool), billing.Selection{Reach: everything(practice)}, "EUR")
		require.NoError(t, err)
		require.Equal(t, billing.Balances{}, got)
	})

	t.Run("of nobody is nothing", func(t *testing.T) {
		require.Equal(t, billing.Balances{}, b.balance(billing.Selection{Reach: everything(id.New[id.Group]())}))
	})
}

// recorded is a charge as the log has it, whatever the rules of today say of its amount.
func recorded(l invoice.LedgerID, n int, minor int64) projtest.Event {
	return projtest.Event{Stream: l.Stream(), Meta: es.Metadata{Actor: frontDesk, Command: commandN(n)}, Event: invoice.ChargeRecorded{
		Charge: chargeN(n), ServiceDate: today, Code: "90837", Units: 1, UnitPrice: usd(minor), Amount: usd(minor),
	}}
}

func TestTheLargestSumIsInRangeAndOneMoreIsNot(t *testing.T) {
	b := newBooks(t)
	b.decided = []projtest.Event{recorded(miaAna, 1, money.MaxSum), recorded(miaBen, 2, money.MaxSum), recorded(miaBen, 3, 1)}
	b.project()
	// Who may not see one other chart is answered out of the ledgers, everybody else out of what they add up to.
	butOne := everything(practice)
	butOne.Parts[0].Except.Charts = []id.Chart{noah}
	for name, reach := range map[string]access.Reach{"everything": everything(practice), "everything but a chart": butOne} {
		t.Run(name, func(t *testing.T) {
			got := b.balance(billing.Selection{Reach: reach})
			require.Equal(t, billing.Amounts{Charged: money.MaxSum, Uninvoiced: money.MaxSum, Owed: money.MaxSum}, got.Total)
			require.Equal(t, []billing.ClinicianBalance{{Clinician: ana, Amounts: got.Total}, {Clinician: ben}}, got.Clinicians)
			require.Equal(t, []invoice.LedgerID{{Group: practice, Chart: mia, Clinician: ben}}, got.LeftOut)
		})
	}

	t.Run("and what comes back into range counts again", func(t *testing.T) {
		b.decided = []projtest.Event{{Stream: miaBen.Stream(), Meta: es.Metadata{Actor: frontDesk}, Event: invoice.ChargeVoided{
			Charge: chargeN(2), Amount: usd(money.MaxSum), Reason: "wrong", EffectiveDate: today,
		}}}
		b.project()
		got := b.balance(billing.Selection{})
		require.Empty(t, got.LeftOut)
		require.Equal(t, billing.ClinicianBalance{Clinician: ben, Amounts: billing.Amounts{Charged: 1, Uninvoiced: 1, Owed: 1}}, got.Clinicians[1])
	})
}

// BIL-A12, BIL-A18: part of an invoice is paid, then more than the rest.
func TestPartialThenOverpaid(t *testing.T) {
	b := newBooks(t)
	b.do(miaAna, owed(1, "2026-04-10", 15000)...)
	b.do(miaAna, pay(1, 5000))
	b.project().Then("select settlement, applied, balance from invoice", `{"settlement":"partial","applied":5000,"balance":10000}`)

	b.do(miaAna, pay(2, 12000))
	b.project().Then("select settlement, applied, balance from invoice", `{"settlement":"paid","applied":15000,"balance":0}`)
	total := b.balance(billing.Selection{}).Total
	require.EqualValues(t, 2000, total.Unapplied)
	require.EqualValues(t, 0, total.Outstanding)
	require.EqualValues(t, -2000, total.Current())
}

func TestDraftsAreStillWaiting(t *testing.T) {
	b := newBooks(t)
	b.do(miaAna, charge(1, 100), charge(2, 50), draft(1, "2026-04-10", onReceipt, 1))
	b.project().Then("select outstanding, uninvoiced from ledger", `{"outstanding":0,"uninvoiced":150}`)
	b.do(miaAna, invoice.DiscardDraft{Invoice: invoiceN(1)})
	b.project().Then("select stage, number, settlement from invoice", `{"stage":"discarded","number":"","settlement":null}`)
	b.do(miaAna, draft(2, "2026-04-10", onReceipt, 1, 2), issue(2))
	b.project().Then("select outstanding, uninvoiced from ledger", `{"outstanding":150,"uninvoiced":0}`)
}
