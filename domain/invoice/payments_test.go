package invoice_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

func TestRecordPayment(t *testing.T) {
	t.Run("BIL-A18 money without an invoice is credit", func(t *testing.T) {
		given(t).When(pay(1, 5000), now).Then(paid(1, 5000))
		given(t).When(pay(1, 5000), now).ThenState(func(t testing.TB, s invoice.State) {
			require.Equal(t, usd(5000), totalsOf(t, s).Unapplied)
			require.Equal(t, usd(-5000), totalsOf(t, s).Balance())
		})
	})
	t.Run("everything known about the payment is kept", func(t *testing.T) {
		c := pay(1, 5000)
		c.Command.Method, c.Command.PayerName, c.Command.ExternalRef = invoice.BankTransfer, "A. Lovelace", "TX-9"
		want := paid(1, 5000)
		want.Method, want.PayerName, want.ExternalRef = invoice.BankTransfer, "A. Lovelace", "TX-9"
		given(t).When(c, now).Then(want)
	})
	t.Run("BIL-A18 what is beyond the balance stays credit", func(t *testing.T) {
		given(t, owed(1, "2026-04-10", 10000)...).When(pay(1, 12000), now).Then(paid(1, 12000), applied(1, 1, 10000))
	})
	t.Run("BIL-A19 an explicit choice wins over the default order", func(t *testing.T) {
		history := join(owed(1, "2026-03-01", 10000), owed(2, "2026-04-01", 6000))
		given(t, history...).When(pay(1, 8000, toInvoice(2, 6000)), now).Then(paid(1, 8000), applied(1, 2, 6000))
	})
	t.Run("BIL-A19 an empty choice leaves everything as credit", func(t *testing.T) {
		c := pay(1, 8000)
		c.Command.Allocations = []invoice.Allocation{}
		given(t, owed(1, "2026-03-01", 10000)...).When(c, now).Then(paid(1, 8000))
	})
	t.Run("never more than the balance; the refusal names both numbers", func(t *testing.T) {
		f := given(t, owed(1, "2026-04-10", 1000)...).When(pay(1, 5000, toInvoice(1, 3000)), now).ThenRejected("exceeds_balance")
		require.Equal(t, "Invoice INV-000001 owes USD 10.00; USD 30.00 was requested.", f.Message)
		require.Equal(t, map[string]string{"invoice": invoiceN(1).String(), "owed": "USD 10.00", "requested": "USD 30.00"}, f.Details)
	})
	t.Run("never more than the payment; the refusal names both numbers", func(t *testing.T) {
		history := join(owed(1, "2026-04-10", 2000), owed(2, "2026-04-10", 2000))
		f := given(t, history...).When(pay(1, 2000, toInvoice(1, 1500), toInvoice(2, 1500)), now).ThenRejected("exceeds_payment")
		require.Equal(t, "Payment "+paymentN(1).String()+" has USD 20.00 left to apply; USD 30.00 was requested.", f.Message)
	})
	t.Run("an application takes effect when both money and invoice are there", func(t *testing.T) {
		late := applied(1, 1, 5000)
		late.EffectiveDate = civil.MustDate("2026-04-20")
		given(t, owed(1, "2026-04-20", 5000)...).When(pay(1, 5000), now).Then(paid(1, 5000), late)
	})
	t.Run("a payment is recorded once", func(t *testing.T) {
		given(t, paid(1, 5000)).When(pay(1, 5000), now).ThenRejected("payment_exists")
	})
	t.Run("sums beyond 64 bits are refused, not wrapped", func(t *testing.T) {
		given(t, paid(2, math.MaxInt64)).When(pay(1, 1), now).ThenRejected("ledger_out_of_range")
		history := join(owed(1, "2026-04-10", math.MaxInt64-10), owed(2, "2026-04-10", 10))
		given(t, history...).When(pay(1, 11, toInvoice(1, math.MaxInt64-10), toInvoice(2, 10)), now).ThenRejected("exceeds_payment")
	})
	for _, tc := range []struct {
		code   string
		change func(*invoice.RecordPayment)
	}{
		{"amount_not_positive", func(c *invoice.RecordPayment) { c.Amount = usd(0) }},
		{"amount_not_positive", func(c *invoice.RecordPayment) { c.Amount = usd(-1) }},
		{"currency_mismatch", func(c *invoice.RecordPayment) { c.Amount.Currency = "EUR" }},
		{"unknown_method", func(c *invoice.RecordPayment) { c.Method = "gold" }},
		{"date_required", func(c *invoice.RecordPayment) { c.ReceivedOn = civil.Date{} }},
		{"received_in_future", func(c *invoice.RecordPayment) { c.ReceivedOn = civil.MustDate("2026-04-12") }},
		{"text_too_long", func(c *invoice.RecordPayment) { c.PayerName = strings.Repeat("x", 201) }},
		{"malformed_text", func(c *invoice.RecordPayment) { c.ExternalRef = "a\nb" }},
		{"invoice_not_found", func(c *invoice.RecordPayment) { c.Allocations = []invoice.Allocation{toInvoice(9, 1)} }},
		{"invoice_is_draft", func(c *invoice.RecordPayment) { c.Allocations = []invoice.Allocation{toInvoice(2, 1)} }},
		{"amount_not_positive", func(c *invoice.RecordPayment) { c.Allocations = []invoice.Allocation{toInvoice(1, 0)} }},
		{"allocation_repeated", func(c *invoice.RecordPayment) {
			c.Allocations = []invoice.Allocation{toInvoice(1, 1), toInvoice(1, 1)}
		}},
		{"currency_mismatch", func(c *invoice.RecordPayment) {
			c.Allocations = []invoice.Allocation{toInvoice(1, 1)}
			c.Allocations[0].Amount.Currency = "EUR"
		}},
	} {
		t.Run("refuses: "+tc.code, func(t *testing.T) {
			c := pay(1, 5000)
			tc.change(&c.Command)
			history := join(owed(1, "2026-04-10", 10000), charged(2, 100), draftedOn(2, "2026-04-10", net30, 100, 2))
			given(t, history...).When(c, now).ThenRejected(tc.code)
		})
	}
	t.Run("one payment settles at most what fits in one append; the rest is credit", func(t *testing.T) {
		var history []invoice.Event
		for n := 1; n <= 120; n++ {
			history = append(history, owed(n, "2026-04-10", 100)...)
		}
		events, err := pay(200, 12000).Decide(invoice.Aggregate().Fold(history...), now)
		require.NoError(t, err)
		require.Len(t, events, 100)
	})
}

func TestApplyPayment(t *testing.T) {
	history := join(paid(1, 8000), owed(1, "2026-04-10", 5000))
	apply := func(chosen ...invoice.Allocation) with[invoice.ApplyPayment, invoice.Days] {
		return dated(invoice.ApplyPayment{Payment: paymentN(1), Date: today, Allocations: chosen})
	}
	t.Run("existing credit settles invoices in the default order", func(t *testing.T) {
		given(t, history...).When(apply(), now).Then(applied(1, 1, 5000))
	})
	t.Run("or as chosen", func(t *testing.T) {
		given(t, history...).When(apply(toInvoice(1, 2000)), now).Then(applied(1, 1, 2000))
	})
	t.Run("never more than is left; the refusal names both numbers", func(t *testing.T) {
		h := join(history, applied(1, 1, 5000), owed(2, "2026-04-10", 6000))
		f := given(t, h...).When(apply(toInvoice(2, 4000)), now).ThenRejected("exceeds_payment")
		require.Equal(t, "Payment "+paymentN(1).String()+" has USD 30.00 left to apply; USD 40.00 was requested.", f.Message)
	})
	t.Run("it takes effect no earlier than the money was received", func(t *testing.T) {
		c := apply()
		c.Command.Date = civil.MustDate("2026-04-01")
		given(t, history...).When(c, now).Then(applied(1, 1, 5000))
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(apply(), now).ThenRejected("payment_not_found")
		given(t, paid(1, 8000)).When(apply(), now).ThenRejected("nothing_to_apply")
		given(t, history...).When(dated(invoice.ApplyPayment{Payment: paymentN(1)}), now).ThenRejected("date_required")
		empty := dated(invoice.ApplyPayment{Payment: paymentN(1), Date: today, Allocations: []invoice.Allocation{}})
		given(t, history...).When(empty, now).ThenRejected("nothing_to_apply")
	})
}

func TestParseMethod(t *testing.T) {
	for _, name := range []string{"cash", "check", "card", "bank_transfer", "other"} {
		m, err := invoice.ParseMethod(name)
		require.NoError(t, err)
		require.Equal(t, name, string(m))
	}
}

func TestRequireOneClinician(t *testing.T) {
	t.Run("one selected clinician is taken", func(t *testing.T) {
		m, err := invoice.RequireOneClinician(invoice.ToRecordPayment, []id.Member{ana})
		require.NoError(t, err)
		require.Equal(t, ana, m)
		m, err = invoice.RequireOneClinician(invoice.ToRecordPayment, []id.Member{ana, ana})
		require.NoError(t, err)
		require.Equal(t, ana, m)
	})
	for _, tc := range []struct {
		to      invoice.Action
		message string
	}{
		{invoice.ToRecordPayment, "Select exactly one clinician to record a payment."},
		{invoice.ToGenerateStatement, "Select exactly one clinician to generate a statement."},
		{invoice.ToDraftInvoice, "Select exactly one clinician to create an invoice."},
	} {
		for name, selected := range map[string][]id.Member{
			"none, which means all": nil,
			"two":                   {ana, ben},
			"one of three is two":   {ana, ben, ana},
			"no real one":           {{}},
			"one and no real one":   {ana, {}},
		} {
			t.Run("BIL-17 BIL-18 BIL-19 (B-3 B-4) "+name+": "+tc.message, func(t *testing.T) {
				_, err := invoice.RequireOneClinician(tc.to, selected)
				f := fault.From(err)
				require.Equal(t, "select_one_clinician", f.Code)
				require.Equal(t, fault.Rejected, f.Kind)
				require.Equal(t, tc.message, f.Message)
			})
		}
	}
}
