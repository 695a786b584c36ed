package pricing

import (
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
)

// LineKind says what a line of a charge is for.
type LineKind string

// The kinds of lines.
const (
	// LinePurchase is the rest of the period in which a licence was bought.
	LinePurchase LineKind = "purchase"
	// LineRenewal is a whole period of a licence.
	LineRenewal LineKind = "renewal"
	// LineUpgradeCredit gives back the rest of the period on the plan before (BIL-A8).
	LineUpgradeCredit LineKind = "upgrade_credit"
	// LineUpgradeCharge is the rest of the period on the plan after.
	LineUpgradeCharge LineKind = "upgrade_charge"
	// LineActivation is the rest of a period that began while the purchase of the
	// licence was still unpaid.
	LineActivation LineKind = "activation"
)

// Terms are what a licence costs in its present period.
type Terms struct {
	Plan PlanID `json:"plan"`
	// Price is the list price of one period.
	Price money.Money `json:"price"`
	// Discount is what part of it is paid.
	Discount Discount `json:"discount"`
	// Book is the version of the price book that the price comes from.
	Book int `json:"book"`
}

// Line is one licence on a charge, with everything its amount was made of.
type Line struct {
	Licence id.Licence `json:"licence"`
	Kind    LineKind   `json:"kind"`
	Terms
	// From is the first day charged, Period the period that the days belong to.
	From   civil.Date `json:"from"`
	Period Period     `json:"period"`
	// Days of PeriodDays are charged.
	Days       int `json:"days"`
	PeriodDays int `json:"periodDays"`
	// Amount is Price × Discount × Days / PeriodDays, rounded once; negative for credits.
	Amount money.Money `json:"amount"`
}

// NewLine charges a licence from a day to the end of the period (BIL-A1 to A4).
// It fails only for amounts beyond 64 bits.
func NewLine(licence id.Licence, kind LineKind, terms Terms, from civil.Date, period Period) (Line, error) {
	l := Line{
		Licence: licence, Kind: kind, Terms: terms, From: from, Period: period,
		Days: period.DaysFrom(from), PeriodDays: period.Days(),
	}
	amount, err := Prorate(terms.Price, terms.Discount, l.Days, l.PeriodDays)
	if err != nil {
		return Line{}, err
	}
	if kind == LineUpgradeCredit {
		amount.Minor = -amount.Minor
	}
	l.Amount = amount
	return l, nil
}

// Prorate returns price × discount × days / periodDays in one multiplication,
// rounded half up exactly once: discount and proration are never rounded apart
// (BIL-A3, BIL-A4, AMB-6).
func Prorate(price money.Money, discount Discount, days, periodDays int) (money.Money, error) {
	return price.Fraction(discount.Num*int64(days), discount.Den*int64(periodDays))
}

// Total adds up lines.
func Total(lines []Line) (money.Money, error) {
	var total money.Money
	for _, l := range lines {
		var err error
		if total, err = total.Plus(l.Amount); err != nil {
			return money.Money{}, err
		}
	}
	return total, nil
}
