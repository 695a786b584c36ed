package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/fault"
	"praxis/domain/money"
)

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

func TestFraction(t *testing.T) {
	for _, c := range []struct {
		name                 string
		minor, num, den, out int64
	}{
		{"BIL-T2 23 of 31 days", 8900, 23, 31, 6603},
		{"BIL-T3 22 of 30 days", 8900, 22, 30, 6527},
		{"BIL-T4 20 of 28 days", 8900, 20, 28, 6357},
		{"BIL-T5 21 of 29 days", 8900, 21, 29, 6445},
		{"BIL-T28 12 of 31 days", 8900, 12, 31, 3445},
		{"BIL-T28 1 of 31 days", 8900, 1, 31, 287},
		{"BIL-T28 the whole month", 8900, 31, 31, 8900},
		{"BIL-T29 15 of 30 days", 8900, 15, 30, 4450},
		{"BIL-T29 14 of 28 days", 8900, 14, 28, 4450},
		{"BIL-T29 15 of 29 days", 8900, 15, 29, 4603},
		{"BIL-T30 19 of 29 days", 8900, 19, 29, 5831},
		{"BIL-T30 18 of 28 days", 8900, 18, 28, 5721},
		{"BIL-T31 half", 8900, 1, 2, 4450},
		{"BIL-T31 half, then 1 of 29 days, in one fraction", 8900, 1, 2 * 29, 153},
		{"AMB-6 15 of 30 days", 8900, 15, 30, 4450},
		{"AMB-6 1 of 30 days", 8900, 1, 30, 297},
		{"AMB-6 12 of 31 days", 8900, 12, 31, 3445},
		{"AMB-6 trainee, 15 of 30 days", 8900, 15, 2 * 30, 2225},
		{"AMB-6 rounding once gives 2166, twice would give 2167", 9999, 13, 2 * 30, 2166},
		{"half a cent goes up", 1, 1, 2, 1},
		{"half a cent of a credit goes away from zero", -1, 1, 2, -1},
		{"less than half is dropped", 1, 1, 3, 0},
		{"nothing of it", 8900, 0, 31, 0},
		{"the smallest amount there is", math.MinInt64 + 1, 1, 1, math.MinInt64 + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := usd(c.minor).Fraction(c.num, c.den)
			require.NoError(t, err)
			require.Equal(t, usd(c.out), got)
		})
	}
	t.Run("refuses what is no fraction", func(t *testing.T) {
		for _, f := range [][2]int64{{1, 0}, {1, -1}, {-1, 2}} {
			_, err := usd(1).Fraction(f[0], f[1])
			require.Equal(t, "bad_fraction", fault.From(err).Code)
		}
	})
	t.Run("never wraps around to nothing", func(t *testing.T) {
		// 31 × this number / 2 is 2^64 - ½, which rounds to 2^64.
		_, err := usd(31).Fraction(1_190_112_520_884_487_201, 2)
		require.Equal(t, "amount_too_large", fault.From(err).Code)
	})
}

func TestSplit(t *testing.T) {
	t.Run("BIL-T44 10000 by three payers", func(t *testing.T) {
		require.Equal(t, []money.Money{usd(3334), usd(3333), usd(3333)}, usd(10000).Split(3))
	})
	t.Run("a credit splits alike", func(t *testing.T) {
		require.Equal(t, []money.Money{usd(-4), usd(-3), usd(-3)}, usd(-10).Split(3))
	})
	t.Run("less than one each", func(t *testing.T) {
		require.Equal(t, []money.Money{usd(1), usd(1), usd(0)}, usd(2).Split(3))
	})
}

func TestArithmetic(t *testing.T) {
	t.Run("currencies do not mix", func(t *testing.T) {
		_, err := usd(1).Plus(money.Of(1, "EUR"))
		require.Equal(t, "currency_mismatch", fault.From(err).Code)
		_, err = usd(1).Minus(money.Of(1, "EUR"))
		require.Equal(t, "currency_mismatch", fault.From(err).Code)
	})
	t.Run("the zero value is neutral on either side", func(t *testing.T) {
		for _, sum := range [][2]money.Money{{{}, usd(5)}, {usd(5), {}}} {
			got, err := sum[0].Plus(sum[1])
			require.NoError(t, err)
			require.Equal(t, usd(5), got)
		}
	})
	t.Run("prints for people", func(t *testing.T) {
		require.Equal(t, "USD 89.00", usd(8900).String())
		require.Equal(t, "USD -0.05", usd(-5).String())
		require.Equal(t, "JPY 500", money.Of(500, "JPY").String())
		require.Equal(t, "USD -92233720368547758.08", usd(math.MinInt64).String())
	})
	t.Run("knows its currencies", func(t *testing.T) {
		c, err := money.ParseCurrency("CHF")
		require.NoError(t, err)
		require.Equal(t, money.Currency("CHF"), c)
		for _, code := range []string{"", "usd", "XXX"} {
			_, err := money.ParseCurrency(code)
			require.Equal(t, "unknown_currency", fault.From(err).Code)
		}
	})
	require.True(t, usd(0).IsZero())
	require.False(t, usd(1).IsZero())
}

// amount draws any amount, the ends of the range more often.
func amount(t *rapid.T, label string) int64 {
	return rapid.OneOf(
		rapid.Int64(), rapid.Int64Range(-1_000_000, 1_000_000),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64, math.MaxInt64 - 1, 0, 1, -1}),
	).Draw(t, label)
}

// requireExact requires that got is want, or that it was refused because want
// does not fit.
func requireExact(t *rapid.T, want *big.Int, got money.Money, err error) {
	t.Helper()
	if err == nil {
		require.Equal(t, want.String(), big.NewInt(got.Minor).String())
		require.Equal(t, money.Currency("USD"), got.Currency)
		return
	}
	require.Equal(t, "amount_too_large", fault.From(err).Code)
	// Amounts at the very end of the range may be refused; nothing inside is.
	limit := new(big.Int).SetInt64(math.MaxInt64)
	require.Positive(t, new(big.Int).Abs(want).Cmp(new(big.Int).Sub(limit, big.NewInt(1))))
}

func TestSumIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sum money.Sum
		want := new(big.Int)
		for range rapid.IntRange(0, 40).Draw(t, "amounts") {
			minor := amount(t, "minor")
			if rapid.Bool().Draw(t, "minus") {
				sum = sum.Minus(minor)
				want.Sub(want, big.NewInt(minor))
			} else {
				sum = sum.Plus(minor)
				want.Add(want, big.NewInt(minor))
			}
		}
		got, fits := sum.Minor()
		require.Equal(t, want.IsInt64(), fits)
		if fits {
			require.Equal(t, want.Int64(), got)
		}
		require.Equal(t, want.CmpAbs(big.NewInt(money.MaxSum)) <= 0, sum.InRange())
	})
}

func TestCap(t *testing.T) {
	require.NoError(t, usd(money.Max).Check())
	require.NoError(t, usd(-money.Max).Check())
	for _, beyond := range []int64{money.Max + 1, -money.Max - 1, math.MaxInt64, math.MinInt64} {
		require.Equal(t, "amount_too_large", fault.From(usd(beyond).Check()).Code)
	}
}

func TestFoldingEndsWhereTheRangeDoes(t *testing.T) {
	require.Equal(t, usd(3), usd(1).UpTo(usd(2)))
	require.Equal(t, usd(math.MaxInt64), usd(math.MaxInt64).UpTo(usd(1)))
	require.Equal(t, usd(math.MinInt64), usd(math.MinInt64).UpTo(usd(-1)))
	require.Equal(t, usd(math.MaxInt64), usd(math.MinInt64).Negated())
	require.Equal(t, usd(-7), usd(7).Negated())
}

func TestArithmeticIsExactOrRefused(t *testing.T) {
	t.Run("Plus", rapid.MakeCheck(func(t *rapid.T) {
		a, b := amount(t, "a"), amount(t, "b")
		got, err := usd(a).Plus(usd(b))
		requireExact(t, new(big.Int).Add(big.NewInt(a), big.NewInt(b)), got, err)
	}))
	t.Run("Minus", rapid.MakeCheck(func(t *rapid.T) {
		a, b := amount(t, "a"), amount(t, "b")
		if b == math.MinInt64 {
			b++
		}
		got, err := usd(a).Minus(usd(b))
		requireExact(t, new(big.Int).Sub(big.NewInt(a), big.NewInt(b)), got, err)
	}))
	t.Run("Times", rapid.MakeCheck(func(t *rapid.T) {
		a, b := amount(t, "a"), amount(t, "b")
		got, err := usd(a).Times(b)
		requireExact(t, new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), got, err)
	}))
	t.Run("Fraction rounds half up once", rapid.MakeCheck(func(t *rapid.T) {
		a := amount(t, "a")
		num := rapid.OneOf(rapid.Int64Range(0, math.MaxInt64), rapid.Int64Range(0, 400)).Draw(t, "num")
		den := rapid.OneOf(rapid.Int64Range(1, math.MaxInt64), rapid.Int64Range(1, 400)).Draw(t, "den")
		got, err := usd(a).Fraction(num, den)
		// floor((2·|a|·num + den) / (2·den)) is |a|·num/den, half up.
		want := new(big.Int).Mul(new(big.Int).Abs(big.NewInt(a)), big.NewInt(num))
		want.Lsh(want, 1).Add(want, big.NewInt(den)).Div(want, new(big.Int).Lsh(big.NewInt(den), 1))
		if a < 0 {
			want.Neg(want)
		}
		requireExact(t, want, got, err)
	}))
	t.Run("Split sums to the whole, larger parts first, at most one apart", rapid.MakeCheck(func(t *rapid.T) {
		a, n := amount(t, "a"), rapid.IntRange(1, 50).Draw(t, "n")
		parts := usd(a).Split(n)
		require.Len(t, parts, n)
		sum := new(big.Int)
		for i, p := range parts {
			require.Equal(t, money.Currency("USD"), p.Currency)
			sum.Add(sum, big.NewInt(p.Minor))
			size := new(big.Int).Abs(big.NewInt(p.Minor))
			largest := new(big.Int).Abs(big.NewInt(parts[0].Minor))
			require.LessOrEqual(t, new(big.Int).Sub(largest, size).Int64(), int64(1))
			require.False(t, i > 0 && size.Cmp(new(big.Int).Abs(big.NewInt(parts[i-1].Minor))) > 0)
		}
		require.Equal(t, big.NewInt(a).String(), sum.String())
	}))
}
