package pricing_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/money"
	"praxis/domain/pricing"
)

// taxedLine is a line at full price with a tax.
func taxedLine(t require.TestingT, k pricing.LineKind, price int64, tax int, from string, p pricing.Period) pricing.Line {
	l, err := pricing.NewLine(licence, k, pricing.Terms{Plan: pricing.ERxLite, Price: usd(price), Discount: pricing.FullPrice(), Book: 1, TaxBasisPoints: tax}, day(from), p)
	require.NoError(t, err)
	return l
}

func gross(t require.TestingT, lines ...pricing.Line) int64 {
	total, err := pricing.Total(lines)
	require.NoError(t, err)
	return total.Minor
}

func TestTax(t *testing.T) {
	march := period("2024-03-01", "2024-04-01")
	t.Run("BIL-T15 the credit of an upgrade with 25 % tax is 645 and 161, together 806", func(t *testing.T) {
		l := taxedLine(t, pricing.LineUpgradeCredit, 1000, 2500, "2024-03-12", march)
		require.Equal(t, []money.Money{usd(-645), usd(-161)}, []money.Money{l.Amount, l.Tax})
		require.Equal(t, int64(-806), gross(t, l))
	})
	t.Run("BIL-T16 the next one on the same day is 968 and 242, together 1210", func(t *testing.T) {
		l := taxedLine(t, pricing.LineUpgradeCredit, 1500, 2500, "2024-03-12", march)
		require.Equal(t, []money.Money{usd(-968), usd(-242)}, []money.Money{l.Amount, l.Tax})
		require.Equal(t, int64(-1210), gross(t, l))
	})
	t.Run("BIL-T19 BIL-T20 taxes of 20 %", func(t *testing.T) {
		february := period("2025-02-01", "2025-03-01")
		require.Equal(t, int64(9000), gross(t, taxedLine(t, pricing.LinePurchase, 10000, 2000, "2025-02-08", february)))
		require.Equal(t, int64(-3000), gross(t, taxedLine(t, pricing.LineUnusedCredit, 10000, 2000, "2025-02-22", february)))
		require.Equal(t, int64(-1920), gross(t, taxedLine(t, pricing.LineUnusedCredit, 3100, 2000, "2024-10-16", period("2024-10-01", "2024-11-01"))))
	})
	t.Run("a period's price has the tax in it", func(t *testing.T) {
		price, err := pricing.Terms{Price: usd(8900), Discount: half, TaxBasisPoints: 825}.PerPeriod()
		require.NoError(t, err)
		require.Equal(t, usd(4450+367), price)
	})
	t.Run("without tax, a line is stored as it always was", func(t *testing.T) {
		stored, err := json.Marshal(taxedLine(t, pricing.LineRenewal, 8900, 0, "2024-03-01", march))
		require.NoError(t, err)
		require.NotContains(t, string(stored), "tax")
		stored, err = json.Marshal(taxedLine(t, pricing.LineRenewal, 8900, 2500, "2024-03-01", march))
		require.NoError(t, err)
		require.Contains(t, string(stored), `"taxBasisPoints":2500`)
		require.Contains(t, string(stored), `"tax":{"minor":2225,"currency":"USD"}`)
	})
}

func TestGiveBack(t *testing.T) {
	for _, c := range []struct {
		name   string
		credit int64
		shares []pricing.Share
		want   []pricing.Return
	}{
		{"BIL-T19 all paid: 3000 back", 3000, []pricing.Share{{usd(9000), usd(9000), usd(9000)}}, []pricing.Return{{usd(0), usd(3000)}}},
		{"BIL-T19 of 9000 only 7500 paid: 1500 refunded, 1500 credited", 3000, []pricing.Share{{usd(9000), usd(9000), usd(7500)}}, []pricing.Return{{usd(1500), usd(1500)}}},
		{"BIL-T19 nothing paid: 3000 credited", 3000, []pricing.Share{{usd(9000), usd(9000), usd(0)}}, []pricing.Return{{usd(3000), usd(0)}}},
		{"BIL-T20 one of two, 7440 paid: 1920 refunded", 1920, []pricing.Share{{usd(3720), usd(7440), usd(7440)}}, []pricing.Return{{usd(0), usd(1920)}}},
		{"BIL-T20 one of two, 5580 paid: 990 refunded, 930 credited", 1920, []pricing.Share{{usd(3720), usd(7440), usd(5580)}}, []pricing.Return{{usd(930), usd(990)}}},
		{"what is unpaid goes first, on whichever charge it is", 3000, []pricing.Share{{usd(4000), usd(4000), usd(4000)}, {usd(500), usd(1000), usd(0)}}, []pricing.Return{{usd(0), usd(2500)}, {usd(500), usd(0)}}},
		{"no more than the lines are", 3000, []pricing.Share{{usd(1000), usd(1000), usd(1000)}, {usd(500), usd(500), usd(0)}}, []pricing.Return{{usd(0), usd(1000)}, {usd(500), usd(0)}}},
		{"a charge of 0 gives nothing", 10, []pricing.Share{{usd(0), usd(0), usd(0)}}, []pricing.Return{{usd(0), usd(0)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := pricing.GiveBack(usd(c.credit), c.shares)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

// No cent of a credit is lost or invented between what is credited and refunded.
func TestBILT19BILT20GiveBackConservesEveryCent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var shares []pricing.Share
		var lines int64
		for range rapid.IntRange(1, 4).Draw(t, "charges") {
			charge := rapid.Int64Range(0, 100_000).Draw(t, "charge")
			line := rapid.Int64Range(0, charge).Draw(t, "line")
			lines += line
			shares = append(shares, pricing.Share{Line: usd(line), Charge: usd(charge), Paid: usd(rapid.Int64Range(0, charge).Draw(t, "paid"))})
		}
		credit := rapid.Int64Range(0, lines).Draw(t, "credit")
		back, err := pricing.GiveBack(usd(credit), shares)
		require.NoError(t, err)
		var sum int64
		for i, b := range back {
			require.GreaterOrEqual(t, b.Credit.Minor, int64(0))
			require.LessOrEqual(t, b.Credit.Minor+b.Refund.Minor, shares[i].Line.Minor, "a line gives back no more than it is")
			require.LessOrEqual(t, b.Refund.Minor, shares[i].Paid.Minor, "nothing is refunded that was not paid")
			sum += b.Credit.Minor + b.Refund.Minor
		}
		require.Equal(t, credit, sum)
	})
}
