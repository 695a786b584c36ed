package invoice_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

// anyCommand draws a command over a handful of charges, invoices and payments
// and over amounts of a few cents, so that commands meet, repeat, contradict each
// other and hit balances exactly or miss them by one.
func anyCommand() *rapid.Generator[command] {
	few := rapid.IntRange(1, 4)
	amount := rapid.Int64Range(0, 6)
	day := rapid.Custom(func(t *rapid.T) civil.Date {
		return civil.MustDate("2026-03-01").Add(rapid.IntRange(0, 40).Draw(t, "day"))
	})
	chosen := rapid.Custom(func(t *rapid.T) []invoice.Allocation {
		if rapid.Bool().Draw(t, "default") {
			return nil
		}
		list := []invoice.Allocation{}
		for range rapid.IntRange(0, 2).Draw(t, "allocations") {
			list = append(list, toInvoice(few.Draw(t, "invoice"), amount.Draw(t, "amount")))
		}
		return list
	})
	return rapid.Custom(func(t *rapid.T) command {
		switch rapid.IntRange(0, 12).Draw(t, "kind") {
		case 0, 1:
			return estest.Knowing(invoice.RecordCharge{
				Charge: chargeN(few.Draw(t, "charge")), ServiceDate: day.Draw(t, "date"), Code: "90837",
				Units: rapid.Int64Range(0, 3).Draw(t, "units"), UnitPrice: usd(amount.Draw(t, "price")),
			}, inUSD)
		case 2:
			return dated(invoice.VoidCharge{Charge: chargeN(few.Draw(t, "charge")), Reason: "wrong", Date: day.Draw(t, "date")})
		case 3, 4:
			c := invoice.DraftInvoice{Invoice: invoiceN(few.Draw(t, "invoice")), Date: day.Draw(t, "date"), Terms: net30}
			for range rapid.IntRange(1, 2).Draw(t, "charges") {
				c.Charges = append(c.Charges, chargeN(few.Draw(t, "charge")))
			}
			return dated(c)
		case 5:
			return invoice.DiscardDraft{Invoice: invoiceN(few.Draw(t, "invoice"))}
		case 6, 7, 8:
			n := few.Draw(t, "invoice")
			return under(invoice.Number(n), invoice.Number(n).With("INV"), invoice.IssueInvoice{Invoice: invoiceN(n)})
		case 9:
			return dated(invoice.VoidInvoice{Invoice: invoiceN(few.Draw(t, "invoice")), Reason: "wrong", Date: day.Draw(t, "date"), ReleasePayments: rapid.Bool().Draw(t, "release")})
		case 10:
			return dated(invoice.ApplyPayment{Payment: paymentN(few.Draw(t, "payment")), Date: day.Draw(t, "date"), Allocations: chosen.Draw(t, "chosen")})
		}
		return pay(few.Draw(t, "payment"), amount.Draw(t, "amount"), chosen.Draw(t, "chosen")...)
	})
}

// books adds up the same events a second time, by other means than the State.
type books struct {
	charges  map[id.Charge]int64
	holders  map[id.Charge]map[id.Invoice]bool
	totals   map[id.Invoice]int64
	issued   map[id.Invoice]bool
	payments map[id.Payment]int64
	applied  map[id.Payment]map[id.Invoice]int64
}

func newBooks() *books {
	return &books{
		charges: map[id.Charge]int64{}, holders: map[id.Charge]map[id.Invoice]bool{}, totals: map[id.Invoice]int64{},
		issued: map[id.Invoice]bool{}, payments: map[id.Payment]int64{}, applied: map[id.Payment]map[id.Invoice]int64{},
	}
}

func (b *books) post(e invoice.Event) {
	switch e := e.(type) {
	case invoice.ChargeRecorded:
		b.charges[e.Charge], b.holders[e.Charge] = e.Amount.Minor, map[id.Invoice]bool{}
	case invoice.ChargeVoided:
		delete(b.charges, e.Charge)
	case invoice.Drafted:
		b.totals[e.Invoice] = e.Total.Minor
		for _, c := range e.Charges {
			b.holders[c][e.Invoice] = true
		}
	case invoice.DraftDiscarded:
		b.drop(e.Invoice)
	case invoice.NumberWithdrawn:
	case invoice.Issued:
		b.issued[e.Invoice] = true
	case invoice.Voided:
		b.drop(e.Invoice)
	case invoice.PaymentRecorded:
		b.payments[e.Payment], b.applied[e.Payment] = e.Amount.Minor, map[id.Invoice]int64{}
	case invoice.PaymentApplied:
		b.applied[e.Payment][e.Invoice] += e.Amount.Minor
	case invoice.PaymentUnapplied:
		b.applied[e.Payment][e.Invoice] -= e.Amount.Minor
	}
}

func (b *books) drop(i id.Invoice) {
	delete(b.issued, i)
	for _, holders := range b.holders {
		delete(holders, i)
	}
}

func (b *books) check(t *rapid.T, s invoice.State) {
	var charged, received, outstanding, uninvoiced, unapplied int64
	settled := map[id.Invoice]int64{}
	for p, amount := range b.payments {
		received += amount
		left := amount
		for i, part := range b.applied[p] {
			require.GreaterOrEqual(t, part, int64(0))
			settled[i] += part
			left -= part
		}
		require.GreaterOrEqual(t, left, int64(0), "applied ≤ payment")
		unapplied += left
	}
	for i, part := range settled {
		require.LessOrEqual(t, part, b.totals[i], "applied ≤ total")
		require.True(t, part == 0 || b.issued[i], "money settles live issued invoices only")
	}
	for i := range b.issued {
		outstanding += b.totals[i] - settled[i]
	}
	for c, amount := range b.charges {
		charged += amount
		require.LessOrEqual(t, len(b.holders[c]), 1, "a live charge is on at most one live invoice")
		invoiced := false
		for i := range b.holders[c] {
			invoiced = b.issued[i]
		}
		if !invoiced {
			uninvoiced += amount
		}
	}
	for c, holders := range b.holders {
		charge, _ := s.Charge(c)
		require.Equal(t, len(holders) == 0, charge.Invoice.IsZero(), "a charge that no live invoice holds is free again")
		_, live := b.charges[c]
		require.True(t, live || len(holders) == 0, "a void charge is on no live invoice")
	}
	require.Equal(t, charged-received, outstanding+uninvoiced-unapplied, "money is conserved")

	totals := totalsOf(t, s)
	for _, pair := range []struct {
		want int64
		got  money.Money
	}{
		{charged, totals.Charged},
		{received, totals.Received},
		{outstanding, totals.Outstanding},
		{uninvoiced, totals.Uninvoiced},
		{unapplied, totals.Unapplied},
	} {
		require.Equal(t, pair.want, pair.got.Minor, "the ledger's totals are those of its events")
	}
}

// The invariants of a ledger hold after every single event, not only after
// whole commands; a refusal never comes with events.
func TestInvariantsHoldInEveryRevision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, b := invoice.Aggregate().New(), newBooks()
		for range rapid.IntRange(20, 120).Draw(t, "commands") {
			events, err := anyCommand().Draw(t, "command").Decide(s, now)
			if err != nil {
				require.Empty(t, events)
				continue
			}
			require.NotEmpty(t, events)
			for _, e := range events {
				invoice.Evolve(&s, e)
				b.post(e)
				b.check(t, s)
			}
		}
	})
}

// BIL-A19: the default order is the same as choosing the payable invoices by
// hand, one after the other, each in full while the money lasts.
func TestDefaultAllocationIsTheChoiceByHand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var history []invoice.Event
		for n := range rapid.IntRange(1, 6).Draw(t, "invoices") {
			day := civil.MustDate("2026-01-01").Add(rapid.IntRange(0, 5).Draw(t, "day"))
			history = append(history, owed(n+1, day.String(), rapid.Int64Range(1, 100).Draw(t, "total"))...)
		}
		s := invoice.Aggregate().Fold(history...)
		received := rapid.Int64Range(1, 400).Draw(t, "received")
		byHand, left := []invoice.Allocation{}, received
		for _, i := range s.Payable() {
			if part := min(left, i.Balance().Minor); part > 0 {
				byHand = append(byHand, invoice.Allocation{Invoice: i.ID, Amount: usd(part)})
				left -= part
			}
		}
		want, err := pay(1, received, byHand...).Decide(s, now)
		require.NoError(t, err)
		got, err := pay(1, received).Decide(s, now)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// A choice of allocations is taken exactly when every part is more than nothing
// and at most what its invoice owes, no invoice is named twice, and the sum is at
// most the payment.
func TestChosenAllocationsAreTakenExactlyWithinTheLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const invoices = 3
		var history []invoice.Event
		owing := map[int]int64{}
		for n := 1; n <= invoices; n++ {
			owing[n] = rapid.Int64Range(1, 4).Draw(t, "total")
			history = append(history, owed(n, "2026-04-10", owing[n])...)
		}
		received := rapid.Int64Range(1, 6).Draw(t, "received")
		chosen, within, sum, named := []invoice.Allocation{}, true, int64(0), map[int]bool{}
		for range rapid.IntRange(1, invoices).Draw(t, "allocations") {
			n, part := rapid.IntRange(1, invoices).Draw(t, "invoice"), rapid.Int64Range(0, 5).Draw(t, "part")
			chosen = append(chosen, toInvoice(n, part))
			within = within && part > 0 && part <= owing[n] && !named[n]
			named[n] = true
			sum += part
		}
		s := invoice.Aggregate().Fold(history...)
		_, err := pay(1, received, chosen...).Decide(s, now)
		require.Equal(t, within && sum <= received, err == nil, "%v", err)
	})
}
