package invoice_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/invoice"
)

func record(change ...func(*invoice.RecordCharge)) with[invoice.RecordCharge, invoice.Intake] {
	c := invoice.RecordCharge{Charge: chargeN(1), ServiceDate: today, Code: "90837", Units: 1, UnitPrice: usd(15000)}
	for _, f := range change {
		f(&c)
	}
	return estest.Knowing(c, inUSD)
}

func TestRecordCharge(t *testing.T) {
	t.Run("the amount is units × unit price, exactly", func(t *testing.T) {
		c := record(func(c *invoice.RecordCharge) {
			c.Units, c.UnitPrice = 3, usd(3333)
			c.Modifiers, c.ICD10, c.Description = []string{"95"}, []string{"F41.1"}, "Psychotherapy, 60 minutes"
		})
		given(t).When(c, now).Then(invoice.ChargeRecorded{
			Charge: chargeN(1), ServiceDate: today, Code: "90837", Modifiers: []string{"95"}, ICD10: []string{"F41.1"},
			Description: "Psychotherapy, 60 minutes", Units: 3, UnitPrice: usd(3333), Amount: usd(9999),
		})
	})
	t.Run("a free session is a charge over nothing", func(t *testing.T) {
		given(t).When(record(func(c *invoice.RecordCharge) { c.UnitPrice = usd(0) }), now).Then(charged(1, 0))
	})
	t.Run("a charge is recorded once", func(t *testing.T) {
		given(t, charged(1, 15000)).When(record(), now).ThenRejected("charge_exists")
	})
	t.Run("BIL-A25 one currency per group", func(t *testing.T) {
		f := given(t).When(record(func(c *invoice.RecordCharge) { c.UnitPrice.Currency = "EUR" }), now).ThenRejected("currency_mismatch")
		require.Equal(t, "Currency EUR does not match account currency USD.", f.Message)
		none := record(func(c *invoice.RecordCharge) { c.UnitPrice.Currency = "" })
		none.Facts.Currency = ""
		given(t).When(none, now).ThenRejected("currency_mismatch")
	})
	t.Run("sums beyond 64 bits are refused, not wrapped", func(t *testing.T) {
		given(t).When(record(func(c *invoice.RecordCharge) { c.Units, c.UnitPrice = 2, usd(math.MaxInt64) }), now).ThenRejected("amount_too_large")
		given(t, charged(2, math.MaxInt64)).When(record(), now).ThenRejected("ledger_out_of_range")
	})
	for _, tc := range []struct {
		code   string
		change func(*invoice.RecordCharge)
	}{
		{"date_required", func(c *invoice.RecordCharge) { c.ServiceDate = civil.Date{} }},
		{"malformed_code", func(c *invoice.RecordCharge) { c.Code = "" }},
		{"malformed_code", func(c *invoice.RecordCharge) { c.Code = "90-837" }},
		{"malformed_code", func(c *invoice.RecordCharge) { c.Code = "12345678901" }},
		{"malformed_modifier", func(c *invoice.RecordCharge) { c.Modifiers = []string{"9"} }},
		{"malformed_modifier", func(c *invoice.RecordCharge) { c.Modifiers = []string{"95", "95", "95", "95", "95"} }},
		{"malformed_diagnosis", func(c *invoice.RecordCharge) { c.ICD10 = []string{"anxiety"} }},
		{"malformed_diagnosis", func(c *invoice.RecordCharge) { c.ICD10 = []string{"F41."} }},
		{"malformed_diagnosis", func(c *invoice.RecordCharge) { c.ICD10 = []string{"F41.12345"} }},
		{"malformed_diagnosis", func(c *invoice.RecordCharge) { c.ICD10 = make([]string, 13) }},
		{"text_too_long", func(c *invoice.RecordCharge) { c.Description = strings.Repeat("x", 501) }},
		{"malformed_text", func(c *invoice.RecordCharge) { c.Description = "a\x1b[31m" }},
		{"units_out_of_range", func(c *invoice.RecordCharge) { c.Units = 0 }},
		{"units_out_of_range", func(c *invoice.RecordCharge) { c.Units = 1001 }},
		{"negative_price", func(c *invoice.RecordCharge) { c.UnitPrice = usd(-1) }},
	} {
		t.Run("refuses: "+tc.code, func(t *testing.T) {
			given(t).When(record(tc.change), now).ThenRejected(tc.code)
		})
	}
	for _, code := range []string{"F41", "F41.1", "Z00.129", "S72.001A"} {
		t.Run("takes the diagnosis "+code, func(t *testing.T) {
			given(t).When(record(func(c *invoice.RecordCharge) { c.ICD10 = []string{code} }), now).ThenState(func(t testing.TB, s invoice.State) {
				_, ok := s.Charge(chargeN(1))
				require.True(t, ok)
			})
		})
	}
}

func TestVoidCharge(t *testing.T) {
	void := dated(invoice.VoidCharge{Charge: chargeN(1), Reason: " entered twice ", Date: today})
	voided := invoice.ChargeVoided{Charge: chargeN(1), Amount: usd(15000), EffectiveDate: today, Reason: "entered twice"}
	t.Run("a correction names what it corrects, and the charge counts no more", func(t *testing.T) {
		given(t, charged(1, 15000)).When(void, now).Then(voided)
		given(t, charged(1, 15000)).When(void, now).ThenState(func(t testing.TB, s invoice.State) {
			require.Equal(t, invoice.Totals{Charged: usd(0), Received: usd(0), Outstanding: usd(0), Uninvoiced: usd(0), Unapplied: usd(0)}, totalsOf(t, s))
			c, _ := s.Charge(chargeN(1))
			require.True(t, c.Void)
		})
	})
	t.Run("once", func(t *testing.T) {
		given(t, charged(1, 15000), voided).When(void, now).ThenRejected("charge_void")
	})
	t.Run("a charge on a live invoice or draft is released first", func(t *testing.T) {
		d := draftedOn(1, "2026-04-10", invoice.Terms{Kind: invoice.OnReceipt}, 15000, 1)
		f := given(t, charged(1, 15000), d).When(void, now).ThenRejected("charge_already_invoiced")
		require.Equal(t, "Charge "+chargeN(1).String()+" is already on a draft.", f.Message)
		f = given(t, owed(1, "2026-04-10", 15000)...).When(void, now).ThenRejected("charge_already_invoiced")
		require.Equal(t, "Charge "+chargeN(1).String()+" is already on invoice INV-000001.", f.Message)
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(void, now).ThenRejected("charge_not_found")
		given(t, charged(1, 1)).When(dated(invoice.VoidCharge{Charge: chargeN(1), Date: today}), now).ThenRejected("reason_required")
		given(t, charged(1, 1)).When(dated(invoice.VoidCharge{Charge: chargeN(1), Date: today, Reason: strings.Repeat("x", 501)}), now).ThenRejected("text_too_long")
		given(t, charged(1, 1)).When(dated(invoice.VoidCharge{Charge: chargeN(1), Reason: "x"}), now).ThenRejected("date_required")
	})
}
