package httpapi

import (
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// maxEffectCharts is how many charts one effect lists; the rest is counted.
const maxEffectCharts = 50

// effect is who would gain or lose what, as a dry run tells it.
type effect struct {
	group.Change
	// ChartCount counts the charts, those that are not listed too.
	ChartCount int `json:"chartCount,omitempty"`
}

func effectsOf(changes []group.Change) []effect {
	var effects []effect
	for _, c := range changes {
		e := effect{Change: c, ChartCount: len(c.Charts)}
		e.Charts = c.Charts[:min(len(c.Charts), maxEffectCharts)]
		effects = append(effects, e)
	}
	return effects
}

// costView is what a practice would pay, as a dry run tells it.
type costView struct {
	Today      money.Money    `json:"today"`
	Lines      []LineView     `json:"lines"`
	NextPeriod pricing.Period `json:"nextPeriod"`
	Before     money.Money    `json:"nextBefore"`
	After      money.Money    `json:"nextAfter"`
}

func costOf(c *group.Cost) *costView {
	if c == nil {
		return nil
	}
	return &costView{Today: c.Today, Lines: Lines(c.Lines, nil), NextPeriod: c.Next, Before: c.Before, After: c.After}
}

// LineView is one line of a charge with the sentence that explains it; the lines
// of a quote have no licence yet.
type LineView struct {
	Licence    id.Licence       `json:"licence,omitzero"`
	Kind       pricing.LineKind `json:"kind"`
	Plan       pricing.PlanID   `json:"plan"`
	Price      money.Money      `json:"price"`
	Discount   pricing.Discount `json:"discount"`
	Book       int              `json:"book"`
	From       civil.Date       `json:"from"`
	Days       int              `json:"days"`
	PeriodDays int              `json:"periodDays"`
	Amount     money.Money      `json:"amount"`
	TaxPoints  int              `json:"taxBasisPoints,omitempty"`
	Tax        money.Money      `json:"tax,omitzero"`
	// HolderName is the name of the member who held the licence on the first of the days.
	HolderName  string `json:"holderName,omitempty"`
	Explanation string `json:"explanation,omitempty"`
}

// Lines are lines with their sentences; holder, if set, names who held the licence of
// one on its first day.
func Lines(lines []pricing.Line, holder func(pricing.Line) string) []LineView {
	return Views(lines, func(l pricing.Line) LineView {
		name := ""
		if holder != nil {
			name = holder(l)
		}
		return LineView{
			Licence: l.Licence, Kind: l.Kind, Plan: l.Plan, Price: l.Price, Discount: l.Discount, Book: l.Book,
			From: l.From, Days: l.Days, PeriodDays: l.PeriodDays, Amount: l.Amount,
			TaxPoints: l.TaxBasisPoints, Tax: l.Tax, HolderName: name, Explanation: l.Explain(name),
		}
	})
}
