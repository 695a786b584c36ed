package pricing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

var (
	now     = time.Date(2024, 6, 16, 15, 0, 0, 0, time.UTC)
	licence = id.Derive[id.Licence]("licence")
	proof   = id.Derive[id.TraineeProof]("proof")
	half    = pricing.Discount{Num: 1, Den: 2, Proof: proof}
	free    = pricing.Discount{Num: 0, Den: 1, Proof: proof}
)

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

func day(s string) civil.Date { return civil.MustDate(s) }

func period(start, end string) pricing.Period {
	return pricing.Period{Start: day(start), End: day(end)}
}

// line charges a price from a day to the end of the period.
func line(t testing.TB, price int64, d pricing.Discount, from string, p pricing.Period) pricing.Line {
	t.Helper()
	l, err := pricing.NewLine(licence, pricing.LinePurchase, pricing.Terms{
		Plan: pricing.ERxLite, Price: usd(price), Discount: d, Book: 1,
	}, day(from), p)
	require.NoError(t, err)
	return l
}
