package invoice_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/invoice"
)

func TestDueDate(t *testing.T) {
	for _, tc := range []struct{ rule, terms, date, due string }{
		{"BIL-T34 on receipt", "on_receipt", "2026-04-10", "2026-04-10"},
		{"BIL-T34 net 30", "net_30", "2026-04-10", "2026-05-10"},
		{"BIL-T34 end of month", "eom", "2026-04-10", "2026-04-30"},
		{"BIL-T34 30 after end of month", "30_after_eom", "2026-04-10", "2026-05-30"},
		{"BIL-T35 August, net 30", "net_30", "2026-08-01", "2026-08-31"},
		{"BIL-T35 August, net 15", "net_15", "2026-08-01", "2026-08-16"},
		{"BIL-T35 over a leap February", "net_30", "2024-01-31", "2024-03-01"},
		{"BIL-T35 over a common February", "net_30", "2023-01-31", "2023-03-02"},
		{"BIL-A14 end of a leap February", "eom", "2024-02-01", "2024-02-29"},
		{"BIL-A14 fixed date", "fixed_2026-06-15", "2026-04-10", "2026-06-15"},
		{"BIL-A14 none", "none", "2026-04-10", ""},
		{"BIL-A14 net 0 is on receipt", "net_0", "2026-04-10", "2026-04-10"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			terms, err := invoice.ParseTerms(tc.terms)
			require.NoError(t, err)
			due := terms.DueDate(civil.MustDate(tc.date))
			require.Equal(t, tc.due == "", due.IsZero())
			if tc.due != "" {
				require.Equal(t, tc.due, due.String())
			}
		})
	}
}

func TestTermsAreOneWordInJSON(t *testing.T) {
	data, err := json.Marshal(net30)
	require.NoError(t, err)
	require.Equal(t, `"net_30"`, string(data))
	var back invoice.Terms
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, net30, back)
	require.Error(t, json.Unmarshal([]byte(`"net_30.5"`), &back))
	require.Equal(t, net30, back, "a refused word changes nothing")
}

func TestParseTermsRefuses(t *testing.T) {
	for _, word := range []string{"", "net", "net_", "net_-1", "net_030", "net_+5", "net_3651", "eom_30", "_after_eom", "fixed_", "fixed_2026-02-30", "fixed", "after_eom", "later"} {
		t.Run(word, func(t *testing.T) {
			_, err := invoice.ParseTerms(word)
			require.Equal(t, "malformed_terms", fault.From(err).Code)
		})
	}
}

// Whatever the terms, an invoice is never due before its date, unless a fixed
// date was agreed: that is refused when drafting.
func TestDueDatesNeverLieBeforeTheInvoiceDate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date := civil.MustDate("2020-01-01").Add(rapid.IntRange(0, 5000).Draw(t, "day"))
		kind := rapid.SampledFrom([]invoice.TermsKind{invoice.Net, invoice.AfterEndOfMonth}).Draw(t, "kind")
		days := rapid.IntRange(0, 3650).Draw(t, "days")
		due := invoice.Terms{Kind: kind, Days: days}.DueDate(date)
		require.False(t, due.Before(date))
		start := date
		if kind == invoice.AfterEndOfMonth {
			start = date.EndOfMonth()
		}
		require.Equal(t, days, start.DaysUntil(due))
	})
}

// FuzzParseTerms: what is accepted has one spelling, which reads back the same.
func FuzzParseTerms(f *testing.F) {
	for _, seed := range []string{"on_receipt", "net_30", "eom", "30_after_eom", "fixed_2026-06-15", "none", "net_", "net_99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, word string) {
		terms, err := invoice.ParseTerms(word)
		if err != nil {
			require.Equal(t, invoice.Terms{}, terms)
			return
		}
		require.Equal(t, word, terms.String())
		again, err := invoice.ParseTerms(terms.String())
		require.NoError(t, err)
		require.Equal(t, terms, again)
	})
}
