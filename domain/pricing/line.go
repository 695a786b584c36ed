package pricing

import (
	"cmp"

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
	// LineUnusedCredit gives back the days of a licence that was released at once (BIL-A7).
	LineUnusedCredit LineKind = "unused_credit"
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
	// TaxBasisPoints is the tax on top, in hundredths of a percent.
	TaxBasisPoints int `json:"taxBasisPoints,omitempty"`
}

// PerPeriod returns what a whole period costs on these terms, with tax.
func (t Terms) PerPeriod() (money.Money, error) {
	net, err := Prorate(t.Price, t.Discount, 1, 1)
	if err != nil {
		return money.Money{}, err
	}
	tax, err := t.tax(net)
	if err != nil {
		return money.Money{}, err
	}
	return net.Plus(tax)
}

// tax returns the tax on an amount, rounded half up once.
func (t Terms) tax(net money.Money) (money.Money, error) {
	return net.Fraction(int64(t.TaxBasisPoints), basisPoints)
}

// basisPoints are the parts that taxes are counted in.
const basisPoints = 10_000

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
	// Amount is Price × Discount × Days / PeriodDays, rounded once; negative for
	// credits. It is without tax.
	Amount money.Money `json:"amount"`
	// Tax is the tax on Amount, rounded once; the zero value where there is none.
	Tax money.Money `json:"tax,omitzero"`
}

// NewLine charges a licence from a day to the end of the period (BIL-A1 to A4), or
// gives the days back if the kind is a credit. It fails only for amounts beyond 64
// bits.
func NewLine(licence id.Licence, kind LineKind, terms Terms, from civil.Date, period Period) (Line, error) {
	l := Line{
		Licence: licence, Kind: kind, Terms: terms, From: from, Period: period,
		Days: period.DaysFrom(from), PeriodDays: period.Days(),
	}
	amount, err := Prorate(terms.Price, terms.Discount, l.Days, l.PeriodDays)
	if err != nil {
		return Line{}, err
	}
	if kind.Credit() {
		amount.Minor = -amount.Minor
	}
	l.Amount = amount
	tax, err := terms.tax(amount)
	if err != nil {
		return Line{}, err
	}
	if !tax.IsZero() {
		l.Tax = tax
	}
	return l, nil
}

// Credit reports whether lines of the kind give money back.
func (k LineKind) Credit() bool { return k == LineUpgradeCredit || k == LineUnusedCredit }

// Gross returns the amount with its tax.
func (l Line) Gross() (money.Money, error) { return l.Amount.Plus(l.Tax) }

// Prorate returns price × discount × days / periodDays in one multiplication,
// rounded half up exactly once: discount and proration are never rounded apart
// (BIL-A3, BIL-A4, AMB-6).
func Prorate(price money.Money, discount Discount, days, periodDays int) (money.Money, error) {
	num, err := money.Product(discount.Num, int64(days))
	if err != nil {
		return money.Money{}, err
	}
	den, err := money.Product(discount.Den, int64(periodDays))
	if err != nil {
		return money.Money{}, err
	}
	return price.Fraction(num, den)
}

// Bill gathers lines. An amount beyond 64 bits is told by its Total.
type Bill struct {
	Lines []Line
	err   error
}

// Add puts a line on the bill, as NewLine makes it.
func (b *Bill) Add(licence id.Licence, kind LineKind, terms Terms, from civil.Date, period Period) {
	line, err := NewLine(licence, kind, terms, from, period)
	b.Lines, b.err = append(b.Lines, line), cmp.Or(b.err, err)
}

// Total adds up the lines, with their taxes.
func (b *Bill) Total() (money.Money, error) {
	total, err := Total(b.Lines)
	return total, cmp.Or(b.err, err)
}

// Total adds up lines, with their taxes.
func Total(lines []Line) (money.Money, error) {
	var total money.Money
	for _, l := range lines {
		gross, err := l.Gross()
		if err != nil {
			return money.Money{}, err
		}
		if total, err = total.Plus(gross); err != nil {
			return money.Money{}, err
		}
	}
	return total, nil
}
