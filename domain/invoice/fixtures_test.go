package invoice_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

var (
	now   = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)
	today = civil.MustDate("2026-04-10")
	group = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	chart = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	ana   = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben   = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")
)

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

func nth(kind byte, n int) string {
	return fmt.Sprintf("00000000-0000-4000-8000-%02x00000000%02x", kind, n)
}

// chargeN, invoiceN and paymentN are the ids that specs call by number.
func chargeN(n int) id.Charge   { return id.MustParse[id.Charge](nth(0xc0, n)) }
func invoiceN(n int) id.Invoice { return id.MustParse[id.Invoice](nth(0x10, n)) }
func paymentN(n int) id.Payment { return id.MustParse[id.Payment](nth(0xa0, n)) }

type command = estest.Decider[invoice.State, invoice.Event]

// with is a command on a ledger together with what it is decided with.
type with[C estest.FactDecider[K, invoice.State, invoice.Event], K any] = estest.With[C, K, invoice.State, invoice.Event]

// inUSD is what most specs know where something enters a ledger: no zone but UTC,
// and no birth date.
var inUSD = invoice.Intake{Currency: "USD"}

// within holds the date of a command to days.
func within[C estest.FactDecider[invoice.Days, invoice.State, invoice.Event]](days invoice.Days, c C) with[C, invoice.Days] {
	return estest.Knowing(c, days)
}

// dated is within where the practice is in UTC and the birth date is not known.
func dated[C estest.FactDecider[invoice.Days, invoice.State, invoice.Event]](c C) with[C, invoice.Days] {
	return within(invoice.Days{}, c)
}

// under issues an invoice under a number of the clinician's series.
func under(n invoice.Number, text string, c invoice.IssueInvoice) with[invoice.IssueInvoice, invoice.Numbered] {
	return estest.Knowing(c, invoice.Numbered{Number: n, Text: text, Keeping: 1})
}

func given(t testing.TB, history ...invoice.Event) estest.Spec[invoice.State, invoice.Event] {
	t.Helper()
	return estest.Given(t, invoice.Aggregate(), history...)
}

// charged is a charge of one unit.
func charged(n int, minor int64) invoice.ChargeRecorded {
	return invoice.ChargeRecorded{Charge: chargeN(n), ServiceDate: today, Code: "90837", Units: 1, UnitPrice: usd(minor), Amount: usd(minor)}
}

// draftedOn puts charges on draft n of the given date.
func draftedOn(n int, date string, terms invoice.Terms, total int64, charges ...int) invoice.Drafted {
	d := civil.MustDate(date)
	e := invoice.Drafted{Invoice: invoiceN(n), Date: d, Terms: terms, DueDate: terms.DueDate(d), Total: usd(total)}
	for _, c := range charges {
		e.Charges = append(e.Charges, chargeN(c))
	}
	return e
}

// issued is the issue of a draft under the number of the same n.
func issued(d invoice.Drafted, n int) invoice.Issued {
	return invoice.Issued{
		Invoice: d.Invoice, Sequence: invoice.Number(n), Number: invoice.Number(n).With("INV"), Version: 1,
		Date: d.Date, Terms: d.Terms, DueDate: d.DueDate, Charges: d.Charges, Total: d.Total,
	}
}

// owed is the history of a charge of the same n on an invoice of the same n.
func owed(n int, date string, minor int64) []invoice.Event {
	d := draftedOn(n, date, invoice.Terms{Kind: invoice.OnReceipt}, minor, n)
	return []invoice.Event{charged(n, minor), d, issued(d, n)}
}

func paid(n int, minor int64) invoice.PaymentRecorded {
	return invoice.PaymentRecorded{Payment: paymentN(n), Amount: usd(minor), Method: invoice.Check, ReceivedOn: today}
}

func applied(payment, inv int, minor int64) invoice.PaymentApplied {
	return invoice.PaymentApplied{Payment: paymentN(payment), Invoice: invoiceN(inv), Number: invoice.Number(inv).With("INV"), Amount: usd(minor), EffectiveDate: today}
}

// pay is a payment received today.
func pay(n int, minor int64, chosen ...invoice.Allocation) with[invoice.RecordPayment, invoice.Intake] {
	return estest.Knowing(invoice.RecordPayment{
		Payment: paymentN(n), Amount: usd(minor), Method: invoice.Check, ReceivedOn: today,
		Allocations: chosen,
	}, inUSD)
}

func toInvoice(n int, minor int64) invoice.Allocation {
	return invoice.Allocation{Invoice: invoiceN(n), Amount: usd(minor)}
}

func join(parts ...any) []invoice.Event {
	var all []invoice.Event
	for _, p := range parts {
		switch p := p.(type) {
		case invoice.Event:
			all = append(all, p)
		case []invoice.Event:
			all = append(all, p...)
		default:
			panic(fmt.Sprintf("%T is no history", p))
		}
	}
	return all
}

// ledger plays commands one after the other, as the use cases do.
type ledger struct {
	t     testing.TB
	state invoice.State
}

func newLedger(t testing.TB, history ...invoice.Event) *ledger {
	t.Helper()
	return &ledger{t: t, state: invoice.Aggregate().Fold(history...)}
}

func (l *ledger) do(c command) {
	l.t.Helper()
	events, err := c.Decide(l.state, now)
	require.NoError(l.t, err)
	for _, e := range events {
		invoice.Evolve(&l.state, e)
	}
}

func (l *ledger) refuses(code string, c command) {
	l.t.Helper()
	_, err := c.Decide(l.state, now)
	require.Error(l.t, err)
	require.Equal(l.t, code, fault.From(err).Code)
}

func (l *ledger) invoice(n int) invoice.Invoice {
	l.t.Helper()
	i, ok := l.state.Invoice(invoiceN(n))
	require.True(l.t, ok)
	return i
}

// totals returns outstanding, uninvoiced, unapplied and the balance, in cents.
func (l *ledger) totals() (outstanding, uninvoiced, unapplied, balance int64) {
	t := totalsOf(l.t, l.state)
	return t.Outstanding.Minor, t.Uninvoiced.Minor, t.Unapplied.Minor, t.Balance().Minor
}

// totalsOf returns the sums of a ledger that are in range.
func totalsOf(t require.TestingT, s invoice.State) invoice.Totals {
	totals, err := s.Totals()
	require.NoError(t, err)
	return totals
}
