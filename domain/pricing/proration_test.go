package pricing_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/fault"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

func TestProrationByAnchor(t *testing.T) {
	full := pricing.FullPrice()
	for _, c := range []struct {
		name   string
		anchor pricing.Anchor
		price  int64
		d      pricing.Discount
		from   string
		days   int
		of     int
		want   int64
	}{
		{"BIL-T2 anchor 15 in June", 15, 8900, full, "2023-05-23", 23, 31, 6603},
		{"BIL-T3 anchor 15 in July", 15, 8900, full, "2023-06-23", 22, 30, 6527},
		{"BIL-T4 anchor 15 over a short February", 15, 8900, full, "2023-02-23", 20, 28, 6357},
		{"BIL-T5 anchor 15 over a leap February", 15, 8900, full, "2024-02-23", 21, 29, 6445},
		{"BIL-T7 the first half of a leap February is 14 days", 15, 8900, full, "2012-02-01", 14, 31, 4019},
		{"BIL-T8 anchor 31: both ends from the anchor, 14/28 and not 14/31", 31, 8900, full, "2011-02-14", 14, 28, 4450},
		{"BIL-T9 anchor 15, the leading part", 15, 1000, full, "2011-09-01", 14, 31, 452},
		{"BIL-T10 the unused part", 15, 1995, full, "2013-07-01", 14, 30, 931},
		{"BIL-T13 by day, not by second", 14, 1000, full, "2017-03-03", 11, 28, 393},
		{"BIL-T14 calendar month", 1, 1000, full, "2024-03-05", 27, 31, 871},
		{"BIL-T15 the plan after", 1, 1500, full, "2024-03-12", 20, 31, 968},
		{"BIL-T16 the plan after that", 1, 1900, full, "2024-03-12", 20, 31, 1226},
		{"BIL-T17 a large price", 1, 5_000_000, full, "2024-03-15", 17, 31, 2_741_935},
		{"BIL-T18 after a trial of three days", 1, 100, full, "2024-03-04", 28, 31, 90},
		{"BIL-T18 from the middle", 1, 100, full, "2024-03-15", 17, 31, 55},
		{"BIL-T18 both", 1, 100, full, "2024-03-18", 14, 31, 45},
		{"BIL-T19 21 of 28 days", 1, 10000, full, "2025-02-08", 21, 28, 7500},
		{"BIL-T20 16 unused days of October", 1, 3100, full, "2024-10-16", 16, 31, 1600},
		{"BIL-T21 the last day of a month", 29, 1000, full, "2023-09-28", 1, 31, 32},
		{"BIL-T22 from the first day", 9, 8900, full, "2022-07-09", 31, 31, 8900},
		{"BIL-T22 from day 11", 9, 8900, full, "2022-07-19", 21, 31, 6029},
		{"BIL-T22 from day 16", 9, 8900, full, "2022-07-24", 16, 31, 4594},
		{"BIL-T24 one day", 9, 8900, full, "2022-08-08", 1, 31, 287},
		{"BIL-T28 in January", 1, 8900, full, "2024-01-20", 12, 31, 3445},
		{"BIL-T28 on the last day", 1, 8900, full, "2024-01-31", 1, 31, 287},
		{"BIL-T23 BIL-T28 on the first day", 1, 8900, full, "2024-01-01", 31, 31, 8900},
		{"BIL-T25 a day of February 2022", 1, 8900, full, "2022-02-28", 1, 28, 318},
		{"BIL-T25 a day of February 2020", 1, 8900, full, "2020-02-29", 1, 29, 307},
		{"BIL-T29 in April", 1, 8900, full, "2024-04-16", 15, 30, 4450},
		{"BIL-T29 in February", 1, 8900, full, "2023-02-15", 14, 28, 4450},
		{"BIL-T29 in a leap February", 1, 8900, full, "2024-02-15", 15, 29, 4603},
		{"BIL-T30 anchor 31 in a leap February", 31, 8900, full, "2024-02-10", 19, 29, 5831},
		{"BIL-T30 anchor 31 in February", 31, 8900, full, "2023-02-10", 18, 28, 5721},
		{"BIL-T31 BIL-11 a prescriber trainee, whole month", 1, 8900, half, "2024-02-01", 29, 29, 4450},
		{"BIL-T31 BIL-A4 discount first: 153, not 154", 1, 8900, half, "2024-02-29", 1, 29, 153},
		{"BIL-T32 BIL-10 a line at 0 is a line", 1, 8900, free, "2024-02-15", 15, 29, 0},
		{"AMB-6 half a month", 1, 8900, full, "2024-06-16", 15, 30, 4450},
		{"AMB-6 one day", 1, 8900, full, "2024-06-30", 1, 30, 297},
		{"AMB-6 twelve days", 1, 8900, full, "2024-01-20", 12, 31, 3445},
		{"AMB-6 a trainee", 1, 8900, half, "2024-06-16", 15, 30, 2225},
		{"AMB-6 rounded once: 2166, not 2167", 1, 9999, half, "2024-06-18", 13, 30, 2166},
		{"AMB-5 BIL-A1 from the 10th to the 14th are 5 days", 15, 3000, full, "2024-06-10", 5, 31, 484},
		{"AMB-5 BIL-A1 the 16th of 30 days is half", 1, 30000, full, "2024-06-16", 15, 30, 15000},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := line(t, c.price, c.d, c.from, c.anchor.PeriodAt(day(c.from)))
			require.Equal(t, [2]int{c.days, c.of}, [2]int{l.Days, l.PeriodDays})
			require.Equal(t, usd(c.want), l.Amount)
		})
	}
	t.Run("BIL-A2 the same three days are parts of the actual days of their period, never of a fixed 30", func(t *testing.T) {
		for first, want := range map[string][2]int64{
			"2023-02-01": {28, 954}, "2024-02-01": {29, 921}, "2024-04-01": {30, 890}, "2024-05-01": {31, 861},
		} {
			p := pricing.Anchor(1).PeriodAt(day(first))
			l := line(t, 8900, full, p.End.Add(-3).String(), p)
			require.Equal(t, want, [2]int64{int64(l.PeriodDays), l.Amount.Minor}, "%s", first)
		}
	})
	t.Run("BIL-T6 BIL-A2 there is no fixed month of 30 days", func(t *testing.T) {
		l := line(t, 8900, full, "2023-02-23", pricing.Anchor(15).PeriodAt(day("2023-02-23")))
		require.Equal(t, [2]int{20, 28}, [2]int{l.Days, l.PeriodDays}, "not 22 of 30")
		require.Equal(t, usd(6357), l.Amount, "not 6527")
	})
	t.Run("BIL-T7 14 of the 29 days of a calendar February", func(t *testing.T) {
		amount, err := pricing.Prorate(usd(8900), full, 14, 29)
		require.NoError(t, err)
		require.Equal(t, usd(4297), amount)
	})
	t.Run("BIL-T21 a year has 366 days if it holds a leap day", func(t *testing.T) {
		amount, err := pricing.Prorate(usd(12000), full, 275, 366)
		require.NoError(t, err)
		require.Equal(t, usd(9016), amount)
	})
	t.Run("BIL-T9 BIL-T10 BIL-T22 BIL-T24 parts add up", func(t *testing.T) {
		require.Equal(t, int64(1452), 1000+line(t, 1000, full, "2011-09-01", period("2011-08-15", "2011-09-15")).Amount.Minor)
		used, err := pricing.Prorate(usd(1995), full, 16, 30)
		require.NoError(t, err)
		require.Equal(t, int64(1995), used.Minor+931)
		seats, err := pricing.Total([]pricing.Line{
			line(t, 8900, full, "2022-07-09", period("2022-07-09", "2022-08-09")), line(t, 8900, full, "2022-07-19", period("2022-07-09", "2022-08-09")),
		})
		require.NoError(t, err)
		require.Equal(t, usd(14929), seats)
		require.Equal(t, int64(861), 3*line(t, 8900, full, "2022-08-08", period("2022-07-09", "2022-08-09")).Amount.Minor)
	})
	t.Run("BIL-T1 L-2 two licences are the sum of two", func(t *testing.T) {
		l := line(t, 8900, full, "2024-06-01", period("2024-06-01", "2024-07-01"))
		total, err := pricing.Total([]pricing.Line{l, l})
		require.NoError(t, err)
		require.Equal(t, usd(17800), total)
	})
}

func TestUpgradePair(t *testing.T) {
	pair := func(t *testing.T, before, after int64, from string, p pricing.Period) []pricing.Line {
		t.Helper()
		credit, err := pricing.NewLine(licence, pricing.LineUpgradeCredit, pricing.Terms{Price: usd(before), Discount: pricing.FullPrice()}, day(from), p)
		require.NoError(t, err)
		charge, err := pricing.NewLine(licence, pricing.LineUpgradeCharge, pricing.Terms{Price: usd(after), Discount: pricing.FullPrice()}, day(from), p)
		require.NoError(t, err)
		return []pricing.Line{credit, charge}
	}
	for _, c := range []struct {
		name              string
		before, after     int64
		from              string
		p                 pricing.Period
		credit, plus, net int64
	}{
		{"BIL-T11 halfway", 1000, 2000, "2024-06-16", period("2024-06-01", "2024-07-01"), -500, 1000, 500},
		{"BIL-T12 by days", 10000, 20000, "2024-05-15", period("2024-05-01", "2024-06-01"), -5484, 10968, 5484},
		{"BIL-T15 before tax", 1000, 1500, "2024-03-12", period("2024-03-01", "2024-04-01"), -645, 968, 323},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := pair(t, c.before, c.after, c.from, c.p)
			require.Equal(t, []money.Money{usd(c.credit), usd(c.plus)}, []money.Money{lines[0].Amount, lines[1].Amount})
			total, err := pricing.Total(lines)
			require.NoError(t, err)
			require.Equal(t, usd(c.net), total)
		})
	}
}

// Prorate is compared with exact rational arithmetic, rounded half up once.
func TestBILA3ProrateRoundsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Int64Range(0, 100_000_000).Draw(t, "price")
		of := rapid.IntRange(28, 31).Draw(t, "of")
		days := rapid.IntRange(0, of).Draw(t, "days")
		d := rapid.SampledFrom([]pricing.Discount{pricing.FullPrice(), half, free}).Draw(t, "discount")
		got, err := pricing.Prorate(usd(price), d, days, of)
		require.NoError(t, err)
		exact := new(big.Rat).Mul(big.NewRat(price, 1), big.NewRat(d.Num*int64(days), d.Den*int64(of)))
		doubled := new(big.Rat).Add(new(big.Rat).Mul(exact, big.NewRat(2, 1)), big.NewRat(1, 1))
		want := new(big.Int).Div(doubled.Num(), new(big.Int).Mul(doubled.Denom(), big.NewInt(2)))
		require.Equal(t, want.Int64(), got.Minor)
		require.LessOrEqual(t, got.Minor, price, "a part never costs more than the whole")
	})
}

func TestTotalRefusesMixedCurrencies(t *testing.T) {
	_, err := pricing.Total([]pricing.Line{{Amount: usd(1)}, {Amount: money.Of(1, "EUR")}})
	require.Equal(t, "currency_mismatch", fault.From(err).Code)
}
