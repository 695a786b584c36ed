// Package sums has sums of money in minor units: exact ones, which are kept in numeric
// where nothing overflows, and what is read of them as amounts of 64 bits. It imports pgx and the domain's money only.
package sums

import (
	"errors"
	"math/big"

	"github.com/jackc/pgx/v5/pgtype"

	"praxis/domain/money"
)

// Minor is a sum in minor units.
type Minor int64

// ScanNumeric reads a whole number. Fault: "sum_out_of_range" for one that 64 bits
// do not hold; null is 0.
func (m *Minor) ScanNumeric(n pgtype.Numeric) error {
	if !n.Valid {
		*m = 0
		return nil
	}
	v, err := n.Int64Value()
	if err != nil {
		return money.ErrSum.Because(err)
	}
	*m = Minor(v.Int64)
	return nil
}

// Of returns the sum as an amount.
func (m Minor) Of(c money.Currency) money.Money { return money.Of(int64(m), c) }

// Exact is a sum in minor units that no log can make overflow; it is kept in numeric.
// The zero value is 0.
type Exact struct{ minor *big.Int }

// Plus returns the sum and some minor units more.
func (e Exact) Plus(minor int64) Exact {
	switch {
	case minor == 0:
		return e
	case e.minor == nil:
		return Exact{big.NewInt(minor)}
	}
	more := big.NewInt(minor)
	return Exact{more.Add(more, e.minor)}
}

// NumericValue writes the sum.
func (e Exact) NumericValue() (pgtype.Numeric, error) {
	if e.minor == nil {
		return pgtype.Numeric{Int: new(big.Int), Valid: true}, nil
	}
	return pgtype.Numeric{Int: e.minor, Valid: true}, nil
}

// ScanNumeric reads a whole number; null is 0.
func (e *Exact) ScanNumeric(n pgtype.Numeric) error {
	*e = Exact{}
	if !n.Valid {
		return nil
	}
	if n.NaN || n.InfinityModifier != pgtype.Finite || n.Exp < 0 {
		return errors.New("a sum is no whole number")
	}
	ten := big.NewInt(10)
	e.minor = new(big.Int).Mul(n.Int, ten.Exp(ten, big.NewInt(int64(n.Exp)), nil))
	return nil
}

// InRange returns the sum and whether it is at most money.MaxSum either way.
func (e Exact) InRange() (minor int64, ok bool) {
	if e.minor == nil {
		return 0, true
	}
	minor = e.minor.Int64()
	return minor, e.minor.IsInt64() && -money.MaxSum <= minor && minor <= money.MaxSum
}
