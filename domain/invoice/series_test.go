package invoice_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/es/estest"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

func series(t testing.TB, history ...invoice.SeriesEvent) estest.Spec[invoice.Series, invoice.SeriesEvent] {
	t.Helper()
	return estest.Given(t, invoice.SeriesAggregate(), history...)
}

func numbered(n invoice.Number, inv int) invoice.NumberAssigned {
	return invoice.NumberAssigned{Sequence: n, Number: n.With("INV"), Invoice: invoiceN(inv)}
}

func freed(n invoice.Number, inv int) invoice.NumberReleased {
	return invoice.NumberReleased{Sequence: n, Number: n.With("INV"), Invoice: invoiceN(inv)}
}

// prefixed assigns a number under the prefix of the clinician.
func prefixed(prefix string, c invoice.AssignNumber) estest.Decider[invoice.Series, invoice.SeriesEvent] {
	return estest.Knowing(c, invoice.Keeping{Prefix: prefix})
}

// draftIsDiscarded is the ledger's word that an invoice can never be issued.
var draftIsDiscarded = invoice.Fence{Discarded: true}

func TestNumberFormat(t *testing.T) {
	require.Equal(t, "INV-000001", invoice.Number(1).With("INV"))
	require.Equal(t, "INV-999999", invoice.Number(999999).With("INV"))
	require.Equal(t, "INV-1000000", invoice.Number(1000000).With("INV"))
}

func TestAssignNumber(t *testing.T) {
	t.Run("BIL-A22 numbers start at 1 and go up by 1", func(t *testing.T) {
		series(t).When(prefixed("INV", invoice.AssignNumber{Invoice: invoiceN(1)}), now).Then(numbered(1, 1))
		series(t, numbered(1, 1)).When(prefixed("INV", invoice.AssignNumber{Invoice: invoiceN(2)}), now).Then(numbered(2, 2))
	})
	t.Run("an invoice that has a number keeps it", func(t *testing.T) {
		series(t, numbered(1, 1)).When(prefixed("INV", invoice.AssignNumber{Invoice: invoiceN(1)}), now).ThenNothing()
		n, ok := invoice.SeriesAggregate().Fold(numbered(1, 1)).NumberOf(invoiceN(1))
		require.True(t, ok)
		require.Equal(t, invoice.Numbered{Number: 1, Text: "INV-000001", Keeping: 1}, n)
	})
	t.Run("a released number is taken first, the lowest of them", func(t *testing.T) {
		history := []invoice.SeriesEvent{numbered(1, 1), numbered(2, 2), numbered(3, 3), freed(2, 2), freed(1, 1)}
		series(t, history...).When(prefixed("INV", invoice.AssignNumber{Invoice: invoiceN(4)}), now).Then(numbered(1, 4))
		series(t, append(history, numbered(1, 4))...).When(prefixed("INV", invoice.AssignNumber{Invoice: invoiceN(5)}), now).Then(numbered(2, 5))
	})
}

func TestReleaseNumber(t *testing.T) {
	release := estest.Knowing(invoice.ReleaseNumber{Invoice: invoiceN(1)}, draftIsDiscarded)
	t.Run("BIL-A15 a discarded draft burns no number", func(t *testing.T) {
		series(t, numbered(1, 1)).When(release, now).Then(freed(1, 1))
	})
	t.Run("an invoice without a number releases none", func(t *testing.T) {
		series(t).When(release, now).ThenNothing()
		series(t, numbered(1, 1), freed(1, 1)).When(release, now).ThenNothing()
	})
	t.Run("an invoice that may still be issued keeps its number", func(t *testing.T) {
		series(t, numbered(1, 1)).When(estest.Knowing(invoice.ReleaseNumber{Invoice: invoiceN(1)}, invoice.Fence{}), now).ThenRejected("draft_not_discarded")
	})
	t.Run("BIL-A22 a keeping that the ledger withdrew is given back, a later one is not", func(t *testing.T) {
		withdrawn := estest.Knowing(invoice.ReleaseNumber{Invoice: invoiceN(1)}, invoice.Fence{Withdrawn: 1})
		series(t, numbered(1, 1)).When(withdrawn, now).Then(freed(1, 1))
		series(t, numbered(1, 1), freed(1, 1), numbered(1, 1)).When(withdrawn, now).ThenRejected("draft_not_discarded")
	})
}

// BIL-A22: however assignments, crashes between assignment and issue, retries
// and discards interleave, issued invoices carry distinct numbers, and once
// nothing is under way the numbers run from 1 without a gap, except those that
// a discard gave back, which the next invoices take.
func TestNumbersAreFreeOfGapsUnderInterleaving(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := invoice.SeriesAggregate().New()
		do := func(c estest.Decider[invoice.Series, invoice.SeriesEvent]) {
			events, err := c.Decide(s, now)
			require.NoError(t, err)
			for _, e := range events {
				invoice.EvolveSeries(&s, e)
			}
		}
		issued := map[int]invoice.Number{}
		discarded := map[int]bool{}
		assign := func(n int) { do(prefixed("INV", invoice.AssignNumber{Invoice: invoiceN(n)})) }
		release := func(n int) { do(estest.Knowing(invoice.ReleaseNumber{Invoice: invoiceN(n)}, draftIsDiscarded)) }
		issue := func(n int) {
			if number, ok := s.NumberOf(invoiceN(n)); ok && !discarded[n] {
				issued[n] = number.Number
			}
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			n := rapid.IntRange(1, 12).Draw(t, "invoice")
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				assign(n)
			case 1:
				issue(n)
			case 2:
				if _, done := issued[n]; !done {
					discarded[n] = true
				}
			case 3:
				if discarded[n] {
					release(n)
				}
			}
			holders := map[invoice.Number]int{}
			for inv, number := range issued {
				require.Zero(t, holders[number], "two issued invoices share a number")
				holders[number] = inv
				kept, ok := s.NumberOf(invoiceN(inv))
				require.True(t, ok)
				require.Equal(t, number, kept.Number, "the number of an issued invoice never changes")
			}
		}
		// Everything under way comes to its end; then as many new invoices are issued as numbers were given back.
		for n := 1; n <= 12; n++ {
			if discarded[n] {
				release(n)
			}
			issue(n)
		}
		for n := 13; invoice.Number(len(s.Held())) < s.Last; n++ {
			assign(n)
			issue(n)
		}
		for i, number := range s.Held() {
			require.Equal(t, invoice.Number(i+1), number)
		}
		require.Len(t, issued, len(s.Held()), "every number is that of an issued invoice")
	})
}

func TestAssignNumberForManyInvoices(t *testing.T) {
	s := invoice.SeriesAggregate().New()
	for range 1000 {
		events, err := prefixed("INV", invoice.AssignNumber{Invoice: id.New[id.Invoice]()}).Decide(s, now)
		require.NoError(t, err)
		invoice.EvolveSeries(&s, events[0])
	}
	held := s.Held()
	require.Equal(t, invoice.Number(1), held[0])
	require.Equal(t, invoice.Number(1000), held[999])
	require.Len(t, held, 1000)
}
