package pricing

import "praxis/domain/money"

// Share is what one charge holds of a licence's period, with tax, and how far that
// charge is paid.
type Share struct {
	// Line is the part of the charge that is for the licence.
	Line money.Money
	// Charge is the whole charge, Paid what was paid of it.
	Charge money.Money
	Paid   money.Money
}

// Return is what a share gives back.
type Return struct {
	// Credit lowers what is still due for the charge, Refund goes back to where the
	// money came from.
	Credit, Refund money.Money
}

// GiveBack divides a credit over the charges that it is about: what was not paid of
// a line is credited, in the order of the shares, and the rest is refunded from
// what was paid (BIL-T19, BIL-T20). Payments count for all lines of a charge alike.
// It gives back no more than the lines are.
func GiveBack(credit money.Money, shares []Share) ([]Return, error) {
	back := make([]Return, len(shares))
	paid := make([]money.Money, len(shares))
	left := credit.Minor
	for i, s := range shares {
		var err error
		if paid[i], err = s.paid(); err != nil {
			return nil, err
		}
		unpaid, err := s.Line.Minus(paid[i])
		if err != nil {
			return nil, err
		}
		off := max(0, min(left, unpaid.Minor))
		back[i].Credit, left = money.Of(off, credit.Currency), left-off
	}
	for i := range shares {
		off := max(0, min(left, paid[i].Minor))
		back[i].Refund, left = money.Of(off, credit.Currency), left-off
	}
	return back, nil
}

// paid is the part of the line that was paid.
func (s Share) paid() (money.Money, error) {
	if s.Charge.Minor <= 0 {
		return money.Of(0, s.Line.Currency), nil
	}
	return s.Line.Fraction(s.Paid.Minor, s.Charge.Minor)
}
