// Package money is exact money: int64 minor units (cents) with an ISO 4217
// currency, checked arithmetic, one rounding rule. It imports the standard
// library and fault only.
package money

import (
	"fmt"
	"math"
	"math/bits"

	"praxis/domain/fault"
)

// Currency is an upper-case ISO 4217 code such as "USD".
type Currency string

// digits lists the currencies Praxis accepts and their number of minor digits.
var digits = map[Currency]int{"USD": 2, "EUR": 2, "GBP": 2, "CAD": 2, "AUD": 2, "NZD": 2, "CHF": 2, "JPY": 0}

// ParseCurrency returns the currency for a code, or an Invalid fault with code "unknown_currency".
func ParseCurrency(code string) (Currency, error) {
	c := Currency(code)
	if _, ok := digits[c]; !ok {
		return "", fault.New(fault.Invalid, "unknown_currency", "The currency is not one Praxis knows. Use one of AUD, CAD, CHF, EUR, GBP, JPY, NZD, USD.")
	}
	return c, nil
}

// Money is an amount in minor units of one currency. The zero value has no
// currency and is the neutral element of Plus.
type Money struct {
	// Minor is the amount in the currency's smallest unit: 8900 is $89.00.
	Minor int64 `json:"minor"`
	// Currency is the ISO 4217 code.
	Currency Currency `json:"currency"`
}

// Of makes an amount.
func Of(minor int64, c Currency) Money { return Money{Minor: minor, Currency: c} }

// Max is the largest amount that is taken in, in minor units: of one payment, of
// one price, and of one line (unit price × units). The OpenAPI document has the
// same number. Events from before it may hold larger amounts; they are still read.
const Max = 1_000_000_000_000

// ErrTooLarge says that an amount is beyond Max, or beyond what 64 bits hold.
var ErrTooLarge = fault.New(fault.Invalid, "amount_too_large", "The amount is too large. At most 1,000,000,000,000 of the currency's smallest unit are taken, for one payment and for one line (unit price times units).")

// Check refuses an amount that is larger than Max, of whatever sign. Fault:
// "amount_too_large".
func (m Money) Check() error {
	if magnitude(m.Minor) > Max {
		return ErrTooLarge
	}
	return nil
}

// Same reports whether the two amounts can be added: equal currencies, or one of them unset.
func (m Money) Same(o Money) bool {
	return m.Currency == o.Currency || m.Currency == "" || o.Currency == ""
}

// Plus returns m + o. Faults: "currency_mismatch", "amount_too_large".
func (m Money) Plus(o Money) (Money, error) {
	if !m.Same(o) {
		return Money{}, fault.New(fault.Rejected, "currency_mismatch", "Currency %s does not match currency %s.", o.Currency, m.Currency)
	}
	c := m.Currency
	if c == "" {
		c = o.Currency
	}
	sum := m.Minor + o.Minor
	if (sum > m.Minor) != (o.Minor > 0) && o.Minor != 0 {
		return Money{}, ErrTooLarge
	}
	return Money{sum, c}, nil
}

// Minus returns m - o, with the faults of Plus.
func (m Money) Minus(o Money) (Money, error) {
	if o.Minor == math.MinInt64 {
		return Money{}, ErrTooLarge
	}
	return m.Plus(Money{-o.Minor, o.Currency})
}

// Times returns m multiplied by a whole number.
func (m Money) Times(n int64) (Money, error) {
	hi, lo := bits.Mul64(magnitude(m.Minor), magnitude(n))
	if hi != 0 || lo > math.MaxInt64 {
		return Money{}, ErrTooLarge
	}
	v := int64(lo)
	if (m.Minor < 0) != (n < 0) {
		v = -v
	}
	return Money{v, m.Currency}, nil
}

// Product returns a × b, for the parts of fractions. Fault: "amount_too_large".
func Product(a, b int64) (int64, error) {
	product, err := Of(a, "").Times(b)
	return product.Minor, err
}

// Fraction returns m × num / den, rounded half up (away from zero) exactly once
// (BIL-A3, AMB-6). Both parts of the fraction must be positive, num may be zero.
func (m Money) Fraction(num, den int64) (Money, error) {
	if den <= 0 || num < 0 {
		return Money{}, fault.New(fault.Internal, "bad_fraction", "A fraction of money needs a positive denominator.")
	}
	hi, lo := bits.Mul64(magnitude(m.Minor), uint64(num))
	if hi >= uint64(den) {
		return Money{}, ErrTooLarge
	}
	q, r := bits.Div64(hi, lo, uint64(den))
	if q > math.MaxInt64 {
		return Money{}, ErrTooLarge
	}
	if r >= uint64(den)-r {
		q++
	}
	if q > math.MaxInt64 {
		return Money{}, ErrTooLarge
	}
	v := int64(q)
	if m.Minor < 0 {
		v = -v
	}
	return Money{v, m.Currency}, nil
}

// Split divides m into n parts that differ by at most one minor unit and sum to
// m exactly; earlier parts are the larger ones (BIL-T44).
func (m Money) Split(n int) []Money {
	parts := make([]Money, n)
	each, rest := m.Minor/int64(n), m.Minor%int64(n)
	for i := range parts {
		parts[i] = Money{each, m.Currency}
		switch {
		case rest > 0:
			parts[i].Minor++
			rest--
		case rest < 0:
			parts[i].Minor--
			rest++
		}
	}
	return parts
}

// UpTo returns m + o, and the end of the range instead of what lies beyond it. It
// is for folding events, which are never refused: no command leads so far, and
// what a log holds beyond is reported by "praxis audit invariants". The currency
// is that of m, if it has one.
func (m Money) UpTo(o Money) Money {
	if m.Currency != "" {
		o.Currency = m.Currency
	}
	sum, err := m.Plus(o)
	switch {
	case err == nil:
		return sum
	case o.Minor < 0:
		return Money{math.MinInt64, o.Currency}
	}
	return Money{math.MaxInt64, o.Currency}
}

// Negated returns −m, and the end of the range for the one amount that has no
// opposite.
func (m Money) Negated() Money {
	if m.Minor == math.MinInt64 {
		return Money{math.MaxInt64, m.Currency}
	}
	return Money{-m.Minor, m.Currency}
}

// IsZero reports whether the amount is 0 in whatever currency.
func (m Money) IsZero() bool { return m.Minor == 0 }

// String returns the amount for people, such as "USD 89.00".
func (m Money) String() string {
	sign, v := "", magnitude(m.Minor)
	if m.Minor < 0 {
		sign = "-"
	}
	if d := digits[m.Currency]; d > 0 {
		unit := uint64(math.Pow10(d))
		return fmt.Sprintf("%s %s%d.%0*d", m.Currency, sign, v/unit, d, v%unit)
	}
	return fmt.Sprintf("%s %s%d", m.Currency, sign, v)
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return uint64(-(v + 1)) + 1
	}
	return uint64(v)
}
