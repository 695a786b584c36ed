package invoice_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// TestFoundM4_NothingIsDatedWhereItCannotBe goes through every command that takes
// a date, one day at a time: only due dates lie ahead.
func TestFoundM4_NothingIsDatedWhereItCannotBe(t *testing.T) {
	tomorrow, longAgo, born := today.Add(1), civil.MustDate("1900-01-01"), civil.MustDate("2020-02-29")
	days := invoice.Days{Zone: time.UTC, Born: born}
	charge := func(on civil.Date) command {
		c := record(func(c *invoice.RecordCharge) { c.Charge, c.ServiceDate = chargeN(9), on })
		c.Facts.Days = days
		return c
	}
	void := func(on civil.Date) command {
		return within(days, invoice.VoidCharge{Charge: chargeN(1), Reason: "A slip.", Date: on})
	}
	draft := func(on civil.Date) command {
		return within(days, invoice.DraftInvoice{Invoice: invoiceN(9), Date: on, Terms: net30, Charges: draftedOn(9, "2026-04-10", net30, 100, 1).Charges})
	}

	t.Run("a charge: from the patient's birth until today", func(t *testing.T) {
		given(t).When(charge(tomorrow), now).ThenRejected("date_in_future")
		given(t).When(charge(civil.MustDate("9999-12-31")), now).ThenRejected("date_in_future")
		given(t).When(charge(born.Add(-1)), now).ThenRejected("service_before_birth")
		for _, on := range []civil.Date{born, today} {
			given(t).When(charge(on), now).ThenState(func(t testing.TB, s invoice.State) {
				c, ok := s.Charge(chargeN(9))
				require.True(t, ok)
				require.Equal(t, on, c.ServiceDate)
			})
		}
	})
	t.Run("taking a charge back: from its own day until today", func(t *testing.T) {
		given(t, charged(1, 100)).When(void(tomorrow), now).ThenRejected("date_in_future")
		given(t, charged(1, 100)).When(void(today.Add(-1)), now).ThenRejected("date_before_charge")
	})
	t.Run("an invoice: from the last of its services until today", func(t *testing.T) {
		given(t, charged(1, 100)).When(draft(tomorrow), now).ThenRejected("date_in_future")
		given(t, charged(1, 100)).When(draft(today.Add(-1)), now).ThenRejected("date_before_charge")
	})
	t.Run("taking an invoice back, and settling it", func(t *testing.T) {
		history := owed(1, "2026-04-10", 100)
		given(t, history...).When(within(days, invoice.VoidInvoice{Invoice: invoiceN(1), Reason: "A slip.", Date: today.Add(730)}), now).ThenRejected("date_in_future")
		given(t, join(paid(1, 100), history)...).When(within(days, invoice.ApplyPayment{Payment: paymentN(1), Date: tomorrow}), now).ThenRejected("date_in_future")
	})
	t.Run("nothing before the patient's birth, and where that is not known not before 1900", func(t *testing.T) {
		early := charged(1, 100)
		early.ServiceDate = civil.MustDate("1900-01-01")
		before1900 := civil.Date{Year: 1899, Month: time.December, Day: 31}
		for name, c := range map[string]struct {
			history []invoice.Event
			on      func(civil.Date, invoice.Days) command
			early   string // the code before the birth
		}{
			"a service": {early: "service_before_birth", on: func(on civil.Date, d invoice.Days) command {
				c := record(func(c *invoice.RecordCharge) { c.Charge, c.ServiceDate = chargeN(9), on })
				c.Facts.Days = d
				return c
			}},
			"a payment": {on: func(on civil.Date, d invoice.Days) command {
				received := pay(9, 100)
				received.Command.ReceivedOn, received.Facts.Days = on, d
				return received
			}},
			"an invoice": {history: []invoice.Event{early}, on: func(on civil.Date, d invoice.Days) command {
				return within(d, invoice.DraftInvoice{Invoice: invoiceN(9), Date: on, Terms: net30, Charges: []id.Charge{chargeN(1)}})
			}},
			"taking a charge back": {history: []invoice.Event{early}, on: func(on civil.Date, d invoice.Days) command {
				return within(d, invoice.VoidCharge{Charge: chargeN(1), Reason: "A slip.", Date: on})
			}},
			"taking an invoice back": {history: owed(1, "1900-01-01", 100), on: func(on civil.Date, d invoice.Days) command {
				return within(d, invoice.VoidInvoice{Invoice: invoiceN(1), Reason: "A slip.", Date: on})
			}},
			"settling an invoice": {history: join(paid(1, 100), owed(1, "1900-01-01", 100)), on: func(on civil.Date, d invoice.Days) command {
				return within(d, invoice.ApplyPayment{Payment: paymentN(1), Date: on})
			}},
		} {
			t.Run(name, func(t *testing.T) {
				refused := given(t, c.history...).When(c.on(born.Add(-1), days), now).ThenRejected(cmp.Or(c.early, "date_before_birth"))
				require.NotContains(t, refused.Message, born.String(), "a birth date is the patient's")
				given(t, c.history...).When(c.on(born, days), now).ThenState(func(testing.TB, invoice.State) {})
				given(t, c.history...).When(c.on(before1900, invoice.Days{}), now).ThenRejected("date_too_early")
				given(t, c.history...).When(c.on(longAgo, invoice.Days{}), now).ThenState(func(testing.TB, invoice.State) {})
				given(t, c.history...).When(c.on(civil.Date{}, days), now).ThenRejected("date_required")
			})
		}
	})
	t.Run("what an earlier release let be dated ahead is corrected today", func(t *testing.T) {
		ahead := charged(1, 100)
		ahead.ServiceDate = civil.MustDate("9999-12-31")
		given(t, ahead).When(void(today), now).Then(invoice.ChargeVoided{Charge: chargeN(1), Amount: usd(100), EffectiveDate: today, Reason: "A slip."})
	})
}

// TestFoundM5_ThePracticesZoneDecidesWhatTodayIs looks at one instant from three
// zones: no other day than the practice's own is today.
func TestFoundM5_ThePracticesZoneDecidesWhatTodayIs(t *testing.T) {
	instant := time.Date(2026, 4, 10, 23, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		zone string
		last string
	}{{"America/New_York", "2026-04-10"}, {"UTC", "2026-04-10"}, {"Pacific/Kiritimati", "2026-04-11"}, {"Pacific/Pago_Pago", "2026-04-10"}} {
		t.Run(c.zone, func(t *testing.T) {
			zone, err := civil.Zone(c.zone).Load()
			require.NoError(t, err)
			received := pay(1, 100)
			received.Facts.Days.Zone = zone
			received.Command.ReceivedOn = civil.MustDate(c.last).Add(1)
			given(t).When(received, instant).ThenRejected("received_in_future")
			received.Command.ReceivedOn = civil.MustDate(c.last)
			given(t).When(received, instant).ThenState(func(t testing.TB, s invoice.State) {
				p, _ := s.Payment(paymentN(1))
				require.Equal(t, c.last, p.ReceivedOn.String())
			})
		})
	}
}

func TestPossibleDuplicates(t *testing.T) {
	unnamed := func(n int, minor int64) with[invoice.RecordPayment, invoice.Intake] {
		c := pay(n, minor)
		c.Command.MayRepeat = true
		return c
	}
	t.Run("a payment of one amount by one method on one day", func(t *testing.T) {
		f := given(t, paid(1, 5000)).When(unnamed(2, 5000), now).ThenRejected("possible_duplicate_payment")
		require.Equal(t, paymentN(1).String(), f.Details["payment"])
		given(t, paid(1, 5000)).When(pay(2, 5000), now).ThenState(func(t testing.TB, s invoice.State) { require.Equal(t, usd(10000), totalsOf(t, s).Received) })
		for _, other := range []func(*invoice.RecordPayment){
			func(c *invoice.RecordPayment) { c.Amount = usd(5001) },
			func(c *invoice.RecordPayment) { c.Method = invoice.Cash },
			func(c *invoice.RecordPayment) { c.ReceivedOn = today.Add(-1) },
		} {
			differs := unnamed(2, 5000)
			other(&differs.Command)
			given(t, paid(1, 5000)).When(differs, now).ThenState(func(testing.TB, invoice.State) {})
		}
	})
	t.Run("a payment with one reference, whatever the rest says", func(t *testing.T) {
		first := paid(1, 5000)
		first.ExternalRef = "1042"
		second := unnamed(2, 700)
		second.Command.ExternalRef = " 1042"
		given(t, first).When(second, now).ThenRejected("possible_duplicate_payment")
	})
	t.Run("a charge for one service on one day", func(t *testing.T) {
		again := record(func(c *invoice.RecordCharge) { c.Charge, c.MayRepeat = chargeN(2), true })
		f := given(t, charged(1, 15000)).When(again, now).ThenRejected("possible_duplicate_charge")
		require.Equal(t, chargeN(1).String(), f.Details["charge"])
		given(t, charged(1, 15000), invoice.ChargeVoided{Charge: chargeN(1), Amount: usd(15000)}).When(again, now).ThenState(func(testing.TB, invoice.State) {})
		again.Command.Modifiers = []string{"95"}
		given(t, charged(1, 15000)).When(again, now).ThenState(func(testing.TB, invoice.State) {})
	})
}
