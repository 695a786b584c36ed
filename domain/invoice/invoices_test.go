package invoice_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

var net30 = invoice.Terms{Kind: invoice.Net, Days: 30}

func TestDraftInvoice(t *testing.T) {
	draft := func(change ...func(*invoice.DraftInvoice)) command {
		c := invoice.DraftInvoice{Invoice: invoiceN(1), Date: today, Terms: net30, Charges: []id.Charge{chargeN(1), chargeN(2)}}
		for _, f := range change {
			f(&c)
		}
		return dated(c)
	}
	history := []invoice.Event{charged(1, 10000), charged(2, 5000)}
	t.Run("BIL-19 an invoice holds charges of one patient with one clinician", func(t *testing.T) {
		given(t, history...).When(draft(), now).Then(draftedOn(1, "2026-04-10", net30, 15000, 1, 2))
		given(t, charged(1, 10000)).When(draft(), now).ThenRejected("charge_not_in_ledger")
	})
	t.Run("a draft owes nothing and its charges are still uninvoiced", func(t *testing.T) {
		given(t, history...).When(draft(), now).ThenState(func(t testing.TB, s invoice.State) {
			require.Equal(t, usd(0), totalsOf(t, s).Outstanding)
			require.Equal(t, usd(15000), totalsOf(t, s).Uninvoiced)
		})
	})
	t.Run("a live charge is on at most one live invoice", func(t *testing.T) {
		d := draftedOn(2, "2026-04-10", net30, 10000, 1)
		f := given(t, join(history, d)...).When(draft(), now).ThenRejected("charge_already_invoiced")
		require.Equal(t, "Charge "+chargeN(1).String()+" is already on a draft.", f.Message)
		f = given(t, join(history, d, issued(d, 7))...).When(draft(), now).ThenRejected("charge_already_invoiced")
		require.Equal(t, "Charge "+chargeN(1).String()+" is already on invoice INV-000007.", f.Message)
	})
	t.Run("terms that lead beyond the years that can be read again are refused", func(t *testing.T) {
		given(t, history...).When(draft(func(c *invoice.DraftInvoice) {
			c.Date = civil.MustDate("9999-12-31")
		}), time.Date(9999, 12, 31, 12, 0, 0, 0, time.UTC)).ThenRejected("due_date_out_of_range")
	})
	t.Run("BIL-A14 a fixed due date may not lie before the invoice date", func(t *testing.T) {
		fixed := func(day string) func(*invoice.DraftInvoice) {
			return func(c *invoice.DraftInvoice) {
				c.Terms = invoice.Terms{Kind: invoice.FixedDate, Date: civil.MustDate(day)}
			}
		}
		f := given(t, history...).When(draft(fixed("2026-04-09")), now).ThenRejected("due_before_invoice_date")
		require.Equal(t, "Due date is before the invoice date.", f.Message)
		given(t, history...).When(draft(fixed("2026-04-10")), now).ThenState(func(t testing.TB, s invoice.State) {
			i, _ := s.Invoice(invoiceN(1))
			require.Equal(t, today, i.DueDate)
		})
	})
	t.Run("refusals", func(t *testing.T) {
		voided := invoice.ChargeVoided{Charge: chargeN(1), Amount: usd(10000), EffectiveDate: today, Reason: "x"}
		given(t, join(history, voided)...).When(draft(), now).ThenRejected("charge_void")
		given(t, join(history, draftedOn(1, "2026-04-10", net30, 10000, 1))...).When(draft(), now).ThenRejected("invoice_exists")
		given(t, history...).When(draft(func(c *invoice.DraftInvoice) { c.Charges = nil }), now).ThenRejected("no_charges")
		given(t, history...).When(draft(func(c *invoice.DraftInvoice) { c.Charges[1] = c.Charges[0] }), now).ThenRejected("charge_repeated")
		given(t, history...).When(draft(func(c *invoice.DraftInvoice) { c.Date = civil.Date{} }), now).ThenRejected("date_required")
		given(t, history...).When(draft(func(c *invoice.DraftInvoice) { c.Terms = invoice.Terms{} }), now).ThenRejected("malformed_terms")
	})
}

func TestDiscardDraft(t *testing.T) {
	d := draftedOn(1, "2026-04-10", net30, 10000, 1)
	discarded := invoice.DraftDiscarded{Invoice: invoiceN(1), ReleasedCharges: []id.Charge{chargeN(1)}}
	discard := invoice.DiscardDraft{Invoice: invoiceN(1)}
	t.Run("BIL-A15 a draft is discarded and its charges wait again", func(t *testing.T) {
		given(t, charged(1, 10000), d).When(discard, now).Then(discarded)
		given(t, charged(1, 10000), d, discarded).
			When(dated(invoice.DraftInvoice{Invoice: invoiceN(2), Date: today, Terms: net30, Charges: []id.Charge{chargeN(1)}}), now).
			Then(draftedOn(2, "2026-04-10", net30, 10000, 1))
	})
	t.Run("it is final", func(t *testing.T) {
		given(t, charged(1, 10000), d, discarded).When(discard, now).ThenRejected("draft_discarded")
		given(t, charged(1, 10000), d, discarded).When(under(1, "INV-000001", invoice.IssueInvoice{Invoice: invoiceN(1)}), now).ThenRejected("draft_discarded")
		given(t, charged(1, 10000), d, discarded).When(dated(invoice.VoidInvoice{Invoice: invoiceN(1), Reason: "x", Date: today}), now).ThenRejected("draft_discarded")
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(discard, now).ThenRejected("invoice_not_found")
		given(t, charged(1, 10000), d, issued(d, 1)).When(discard, now).ThenRejected("invoice_already_issued")
	})
}

func TestIssueInvoice(t *testing.T) {
	d := draftedOn(1, "2026-04-10", net30, 10000, 1)
	issue := under(42, "INV-000042", invoice.IssueInvoice{Invoice: invoiceN(1)})
	t.Run("BIL-A22 the event carries number, dates, terms, charges and total", func(t *testing.T) {
		given(t, charged(1, 10000), d).When(issue, now).Then(invoice.Issued{
			Invoice: invoiceN(1), Sequence: 42, Number: "INV-000042", Version: 1,
			Date: today, Terms: net30, DueDate: civil.MustDate("2026-05-10"), Charges: []id.Charge{chargeN(1)}, Total: usd(10000),
		})
	})
	t.Run("what is issued is owed", func(t *testing.T) {
		given(t, charged(1, 10000), d).When(issue, now).ThenState(func(t testing.TB, s invoice.State) {
			require.Equal(t, usd(10000), totalsOf(t, s).Outstanding)
			require.Equal(t, usd(0), totalsOf(t, s).Uninvoiced)
		})
	})
	t.Run("an invoice over nothing is paid at issue", func(t *testing.T) {
		free := draftedOn(1, "2026-04-10", net30, 0, 1)
		given(t, charged(1, 0), free).When(issue, now).ThenState(func(t testing.TB, s invoice.State) {
			i, _ := s.Invoice(invoiceN(1))
			require.Equal(t, invoice.Paid, i.Settlement())
			require.Empty(t, s.Payable())
		})
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(issue, now).ThenRejected("invoice_not_found")
		given(t, charged(1, 10000), d, issued(d, 42)).When(issue, now).ThenRejected("invoice_already_issued")
		given(t, charged(1, 10000), d).When(under(0, "", invoice.IssueInvoice{Invoice: invoiceN(1)}), now).ThenRejected("number_required")
		given(t, join(owed(42, "2026-04-10", 1), charged(1, 10000), d)...).When(issue, now).ThenRejected("number_taken")
	})
}

func TestWithdrawNumber(t *testing.T) {
	d := draftedOn(1, "2026-04-10", net30, 10000, 1)
	kept := invoice.Numbered{Number: 42, Text: "INV-000042", Keeping: 3}
	withdraw := estest.Knowing(invoice.WithdrawNumber{Invoice: invoiceN(1)}, kept)
	withdrawn := invoice.NumberWithdrawn{Invoice: invoiceN(1), Sequence: 42, Number: "INV-000042", Keeping: 3}
	t.Run("BIL-A22 a draft is not issued under a number that was given back, and under the next one it is", func(t *testing.T) {
		given(t, charged(1, 10000), d).When(withdraw, now).Then(withdrawn)
		issue := estest.Knowing(invoice.IssueInvoice{Invoice: invoiceN(1)}, kept)
		given(t, charged(1, 10000), d, withdrawn).When(issue, now).ThenRejected("number_withdrawn")
		issue.Facts.Keeping = 4
		given(t, charged(1, 10000), d, withdrawn).When(issue, now).Then(issued(d, 42))
	})
	t.Run("what was issued first stays issued", func(t *testing.T) {
		given(t, charged(1, 10000), d, issued(d, 42)).When(withdraw, now).ThenNothing()
	})
	t.Run("twice, for a discarded draft, for none, and without a number it changes nothing", func(t *testing.T) {
		given(t, charged(1, 10000), d, withdrawn).When(withdraw, now).ThenNothing()
		given(t, charged(1, 10000), d, invoice.DraftDiscarded{Invoice: invoiceN(1)}).When(withdraw, now).ThenNothing()
		given(t).When(withdraw, now).ThenNothing()
		given(t, charged(1, 10000), d).When(estest.Knowing(withdraw.Command, invoice.Numbered{}), now).ThenNothing()
	})
}

func TestVoidInvoice(t *testing.T) {
	void := dated(invoice.VoidInvoice{Invoice: invoiceN(1), Reason: " wrong patient ", Date: today})
	voided := invoice.Voided{
		Invoice: invoiceN(1), Number: "INV-000001", EffectiveDate: today, Total: usd(10000),
		ReleasedCharges: []id.Charge{chargeN(1)}, ReleasedCredit: usd(0), Reason: "wrong patient",
	}
	t.Run("BIL-A15 the number is kept and the charges wait again", func(t *testing.T) {
		given(t, owed(1, "2026-04-10", 10000)...).When(void, now).Then(voided)
		given(t, owed(1, "2026-04-10", 10000)...).When(void, now).ThenState(func(t testing.TB, s invoice.State) {
			i, _ := s.Invoice(invoiceN(1))
			require.Equal(t, "INV-000001", i.Number)
			require.Equal(t, usd(0), i.Balance())
			require.Equal(t, usd(10000), totalsOf(t, s).Uninvoiced)
		})
	})
	t.Run("BIL-A15 a reason is mandatory", func(t *testing.T) {
		f := given(t, owed(1, "2026-04-10", 10000)...).When(dated(invoice.VoidInvoice{Invoice: invoiceN(1), Date: today}), now).ThenRejected("reason_required")
		require.Equal(t, "A reason is required to void an issued invoice.", f.Message)
	})
	history := join(owed(1, "2026-04-10", 10000), paid(1, 5000), applied(1, 1, 5000))
	t.Run("BIL-A16 payments applied are in the way by default", func(t *testing.T) {
		f := given(t, history...).When(void, now).ThenRejected("payments_applied")
		require.Equal(t, "Invoice INV-000001 has USD 50.00 applied. Repeat with releasePayments set to true: the money then becomes credit of the patient.", f.Message)
	})
	t.Run("BIL-A16 on demand they become credit in the same append", func(t *testing.T) {
		release, credit := void, voided
		release.Command.ReleasePayments, credit.ReleasedCredit = true, usd(5000)
		given(t, history...).When(release, now).Then(
			invoice.PaymentUnapplied{Payment: paymentN(1), Invoice: invoiceN(1), Number: "INV-000001", Amount: usd(5000), EffectiveDate: today, Cause: invoice.InvoiceWasVoided},
			credit,
		)
		given(t, history...).When(release, now).ThenState(func(t testing.TB, s invoice.State) {
			p, _ := s.Payment(paymentN(1))
			require.Equal(t, usd(5000), p.Unapplied())
		})
	})
	t.Run("BIL-A16 the money of several payments is released payment by payment", func(t *testing.T) {
		release, credit := void, voided
		release.Command.ReleasePayments, credit.ReleasedCredit = true, usd(8000)
		released := func(n int, minor int64) invoice.PaymentUnapplied {
			return invoice.PaymentUnapplied{Payment: paymentN(n), Invoice: invoiceN(1), Number: "INV-000001", Amount: usd(minor), EffectiveDate: today, Cause: invoice.InvoiceWasVoided}
		}
		more := join(history, paid(2, 9000), applied(2, 1, 1000), applied(2, 1, 2000))
		given(t, more...).When(release, now).Then(released(1, 5000), released(2, 3000), credit)
	})
	t.Run("BIL-A16 money is released no earlier than it was received", func(t *testing.T) {
		early, credit := void, voided
		early.Command.ReleasePayments, credit.ReleasedCredit = true, usd(5000)
		early.Command.Date, credit.EffectiveDate = today.Add(-3), today.Add(-3)
		late := paid(1, 5000)
		late.ReceivedOn = today.Add(-1)
		given(t, join(owed(1, today.Add(-5).String(), 10000), late, applied(1, 1, 5000))...).When(early, now).Then(
			invoice.PaymentUnapplied{Payment: paymentN(1), Invoice: invoiceN(1), Number: "INV-000001", Amount: usd(5000), EffectiveDate: today.Add(-1), Cause: invoice.InvoiceWasVoided},
			credit,
		)
	})
	t.Run("void is final", func(t *testing.T) {
		history := join(owed(1, "2026-04-10", 10000), voided)
		f := given(t, history...).When(void, now).ThenRejected("invoice_void")
		require.Equal(t, "Invoice INV-000001 is void.", f.Message)
		given(t, history...).When(invoice.DiscardDraft{Invoice: invoiceN(1)}, now).ThenRejected("invoice_void")
		given(t, history...).When(pay(1, 100, toInvoice(1, 100)), now).ThenRejected("invoice_void")
		given(t, history...).When(under(2, "INV-000002", invoice.IssueInvoice{Invoice: invoiceN(1)}), now).ThenRejected("invoice_void")
	})
	t.Run("refusals", func(t *testing.T) {
		d := draftedOn(1, "2026-04-10", net30, 10000, 1)
		given(t).When(void, now).ThenRejected("invoice_not_found")
		given(t, charged(1, 10000), d).When(void, now).ThenRejected("invoice_is_draft")
		given(t, owed(1, "2026-04-10", 10000)...).When(dated(invoice.VoidInvoice{Invoice: invoiceN(1), Reason: "x"}), now).ThenRejected("date_required")
		before := void
		before.Command.Date = civil.MustDate("2026-04-09")
		given(t, owed(1, "2026-04-10", 10000)...).When(before, now).ThenRejected("date_before_invoice")
	})
}
