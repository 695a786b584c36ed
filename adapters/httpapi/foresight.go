package httpapi

import (
	"praxis/domain/group"
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
	Lines      []lineView     `json:"lines"`
	NextPeriod pricing.Period `json:"nextPeriod"`
	Before     money.Money    `json:"nextBefore"`
	After      money.Money    `json:"nextAfter"`
}

func costOf(c *group.Cost) *costView {
	if c == nil {
		return nil
	}
	return &costView{Today: c.Today, Lines: linesOf(c.Lines, holders{}), NextPeriod: c.Next, Before: c.Before, After: c.After}
}
