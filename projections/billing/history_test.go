package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/projections"
	"praxis/projections/billing"
	"praxis/projections/page"
)

func TestHistoryOfAVoidedInvoice(t *testing.T) {
	b := newBooks(t)
	b.do(miaAna, owed(1, "2026-04-10", 10000)...)
	b.do(miaAna, pay(1, 12000))
	b.do(miaAna,
		dated(invoice.VoidInvoice{Invoice: invoiceN(1), Reason: "wrong rate", Date: civil.MustDate("2026-04-11"), ReleasePayments: true}),
		dated(invoice.VoidCharge{Charge: chargeN(1), Reason: "wrong rate", Date: civil.MustDate("2026-04-11")}))

	b.project().Then(`
		select kind, effective_date, code, description, reason, method, payer, reference, amount, debit, credit, number, actor
		from entry order by position`,
		`{"kind":"charge","effective_date":"2026-04-10","code":"90837","description":"Session","reason":"","method":"","payer":"","reference":"","amount":10000,"debit":10000,"credit":0,"number":"","actor":"`+frontDesk+`"}`,
		`{"kind":"invoice_issued","effective_date":"2026-04-10","code":"","description":"","reason":"","method":"","payer":"","reference":"","amount":10000,"debit":0,"credit":0,"number":"INV-000001","actor":"`+frontDesk+`"}`,
		`{"kind":"payment","effective_date":"2026-04-10","code":"","description":"","reason":"","method":"check","payer":"Grandmother","reference":"1042","amount":12000,"debit":0,"credit":12000,"number":"","actor":"`+frontDesk+`"}`,
		`{"kind":"application","effective_date":"2026-04-10","code":"","description":"","reason":"","method":"","payer":"","reference":"","amount":10000,"debit":0,"credit":0,"number":"INV-000001","actor":"`+frontDesk+`"}`,
		`{"kind":"unapplication","effective_date":"2026-04-11","code":"","description":"","reason":"","method":"","payer":"","reference":"","amount":10000,"debit":0,"credit":0,"number":"INV-000001","actor":"`+frontDesk+`"}`,
		`{"kind":"invoice_void","effective_date":"2026-04-11","code":"","description":"","reason":"wrong rate","method":"","payer":"","reference":"","amount":10000,"debit":0,"credit":0,"number":"INV-000001","actor":"`+frontDesk+`"}`,
		`{"kind":"charge_void","effective_date":"2026-04-11","code":"","description":"","reason":"wrong rate","method":"","payer":"","reference":"","amount":10000,"debit":0,"credit":10000,"number":"","actor":"`+frontDesk+`"}`,
	).Then("select stage, applied, balance, settlement, voided_on, void_reason from invoice",
		`{"stage":"void","applied":0,"balance":0,"settlement":null,"voided_on":"2026-04-11","void_reason":"wrong rate"}`,
	).Then("select charged, received, outstanding, unapplied, uninvoiced from ledger",
		`{"charged":0,"received":12000,"outstanding":0,"unapplied":12000,"uninvoiced":0}`)

	entries := b.history(billing.HistoryQuery{}).Entries
	require.Len(t, entries, 7)
	byKind := map[billing.Kind]billing.Entry{}
	for _, e := range entries {
		byKind[e.Kind] = e
	}

	t.Run("each correction names what it takes back", func(t *testing.T) {
		require.Equal(t, chargeN(1).String(), *byKind[billing.ChargeVoid].Corrects)
		require.Equal(t, invoiceN(1).String(), *byKind[billing.InvoiceVoid].Corrects)
		require.Equal(t, paymentN(1).String(), *byKind[billing.Unapplication].Corrects)
		for _, kind := range []billing.Kind{billing.Charge, billing.InvoiceIssued, billing.Payment, billing.Application} {
			require.Nil(t, byKind[kind].Corrects, "%s", kind)
		}
	})

	t.Run("what one command did carries its id", func(t *testing.T) {
		require.Equal(t, commandN(5), *byKind[billing.InvoiceVoid].Command)
		require.Equal(t, commandN(5), *byKind[billing.Unapplication].Command)
		require.Equal(t, commandN(6), *byKind[billing.ChargeVoid].Command)
	})

	t.Run("entries say which charge, invoice and payment they are about", func(t *testing.T) {
		applied := byKind[billing.Application]
		require.Equal(t, paymentN(1), *applied.Payment)
		require.Equal(t, invoiceN(1), *applied.Invoice)
		require.Nil(t, applied.ChargeID)
		require.Equal(t, chargeN(1), *byKind[billing.Charge].ChargeID)
	})
}

func TestHistory(t *testing.T) {
	b := newBooks(t)
	b.do(miaAna, owed(1, "2026-04-01", 30000)...)
	b.do(miaBen, owed(2, "2026-04-20", 12000)...)
	b.do(noahAna, charge(3, 500))
	late := charge(4, 700)
	late.Command.ServiceDate = civil.MustDate("2026-03-01")
	b.do(noahAna, late)
	b.do(miaAna, pay(1, 10000))
	b.project()

	type line struct {
		on        string
		kind      billing.Kind
		clinician id.Member
	}
	lines := func(q billing.HistoryQuery) []line {
		got := []line{}
		for _, e := range b.history(q).Entries {
			got = append(got, line{e.EffectiveDate, e.Kind, e.Clinician})
		}
		return got
	}
	all := []line{
		{"2026-04-20", billing.InvoiceIssued, ben},
		{"2026-04-10", billing.Application, ana},
		{"2026-04-10", billing.Payment, ana},
		{"2026-04-10", billing.Charge, ana},
		{"2026-04-10", billing.Charge, ben},
		{"2026-04-01", billing.InvoiceIssued, ana},
		{"2026-04-01", billing.Charge, ana},
		{"2026-03-01", billing.Charge, ana},
	}

	t.Run("BIL-16 (B-2) it is the whole group's, newest first, and each entry names its clinician", func(t *testing.T) {
		require.Equal(t, all, lines(billing.HistoryQuery{}))
	})

	t.Run("of one clinician", func(t *testing.T) {
		q := billing.HistoryQuery{}
		q.Clinicians = []id.Member{ben}
		require.Equal(t, []line{all[0], all[4]}, lines(q))
	})

	t.Run("of several clinicians", func(t *testing.T) {
		q := billing.HistoryQuery{}
		q.Clinicians = []id.Member{ana, ben}
		require.Equal(t, all, lines(q))
	})

	t.Run("of one patient across clinicians", func(t *testing.T) {
		q := billing.HistoryQuery{}
		q.Chart = mia
		require.Equal(t, []line{all[0], all[1], all[2], all[4], all[5], all[6]}, lines(q))
	})

	t.Run("of some kinds", func(t *testing.T) {
		require.Equal(t, []line{all[1], all[2]}, lines(billing.HistoryQuery{Kinds: []billing.Kind{billing.Payment, billing.Application}}))
	})

	t.Run("of a range of effective days, both inclusive", func(t *testing.T) {
		require.Equal(t, all[1:7], lines(billing.HistoryQuery{From: civil.MustDate("2026-04-01"), To: civil.MustDate("2026-04-10")}))
		require.Empty(t, lines(billing.HistoryQuery{From: civil.MustDate("2026-04-21")}))
		require.Equal(t, all[7:], lines(billing.HistoryQuery{To: civil.MustDate("2026-03-31")}))
	})

	t.Run("of another practice is empty", func(t *testing.T) {
		q := billing.HistoryQuery{}
		q.Reach = everything(id.New[id.Group]())
		require.Empty(t, lines(q))
	})

	t.Run("what is recorded between two pages neither repeats nor hides entries", func(t *testing.T) {
		first := b.history(billing.HistoryQuery{Limit: 3})
		require.Len(t, first.Entries, 3)
		between := charge(9, 100)
		between.Command.ServiceDate = civil.MustDate("2026-05-01")
		b.do(noahAna, between)
		b.project()
		rest := b.history(billing.HistoryQuery{Cursor: first.Next})
		require.Empty(t, rest.Next)
		var got []line
		for _, e := range append(first.Entries, rest.Entries...) {
			got = append(got, line{e.EffectiveDate, e.Kind, e.Clinician})
		}
		require.Equal(t, all, got)
	})

	t.Run("a cursor that was not handed out is refused", func(t *testing.T) {
		for _, keys := range [][]string{{"yesterday", "1", "1"}, {"2026-04-10", "x", "1"}, {"2026-04-10", "1", "9223372036854775808"}} {
			forged, err := page.Cursor{Order: "billing/history", Keys: keys}.Token()
			require.NoError(t, err)
			for _, cursor := range []page.Token{forged, "?"} {
				q := billing.HistoryQuery{Cursor: cursor, Limit: 1}
				_, err := billing.History(t.Context(), projections.Live(b.pool), q)
				require.Equal(t, "malformed_cursor", fault.From(err).Code)
			}
		}
	})
}
