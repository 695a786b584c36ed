// Package sums reads what Postgres added up in numeric, where nothing overflows,
// as amounts of 64 bits. It imports pgx and the domain's money only.
package sums

import (
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
