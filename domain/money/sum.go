package money

import (
	"cmp"
	"math/bits"

	"praxis/domain/fault"
)

// MaxSum is what the sums of one ledger may come to, in minor units: 2^53 − 1, the
// largest whole number that every program reads from JSON exactly.
const MaxSum = 1<<53 - 1

// Sum adds up amounts of one currency, in minor units. It holds 128 bits, so that
// no number of events can make it wrap: sums are exact, also over events from
// before there was a cap. The zero value is 0.
type Sum struct {
	hi int64
	lo uint64
}

// Plus returns the sum with an amount more.
func (s Sum) Plus(minor int64) Sum {
	return s.Add(sumOf(minor))
}

// Minus returns the sum with an amount less.
func (s Sum) Minus(minor int64) Sum {
	return s.Sub(sumOf(minor))
}

// sumOf extends the sign of an amount over the high half.
func sumOf(minor int64) Sum { return Sum{minor >> 63, uint64(minor)} }

// Add returns the sum of two sums.
func (s Sum) Add(o Sum) Sum {
	lo, carry := bits.Add64(s.lo, o.lo, 0)
	return Sum{s.hi + o.hi + int64(carry), lo}
}

// Sub returns the difference of two sums.
func (s Sum) Sub(o Sum) Sum {
	lo, borrow := bits.Sub64(s.lo, o.lo, 0)
	return Sum{s.hi - o.hi - int64(borrow), lo}
}

// Compare returns -1, 0 or 1, as the sum is less than, equal to or more than another.
func (s Sum) Compare(o Sum) int { return cmp.Or(cmp.Compare(s.hi, o.hi), cmp.Compare(s.lo, o.lo)) }

// Minor returns the sum if 64 bits hold it.
func (s Sum) Minor() (minor int64, ok bool) {
	minor = int64(s.lo)
	return minor, s.hi == minor>>63
}

// InRange reports whether the sum lies between −MaxSum and MaxSum.
func (s Sum) InRange() bool {
	minor, ok := s.Minor()
	return ok && minor >= -MaxSum && minor <= MaxSum
}

// Of returns the sum as an amount. Fault: "sum_out_of_range".
func (s Sum) Of(c Currency) (Money, error) {
	minor, ok := s.Minor()
	if !ok {
		return Money{}, ErrSum
	}
	return Money{minor, c}, nil
}

// ErrSum says that a sum over many amounts is too large to be exact.
var ErrSum = fault.New(fault.Rejected, "sum_out_of_range", "This sum is too large to be shown exactly. Ask for a part of it: one clinician, one patient, or fewer days.")
