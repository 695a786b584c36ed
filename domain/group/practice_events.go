package group

import (
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// ChartSharingChanged says how widely the practice's clinicians share their
// charts from now on (ADR 18).
type ChartSharingChanged struct {
	// Rule names the setting in explanations: the id of this very event.
	Rule      id.Event     `json:"rule"`
	From      access.Width `json:"from"`
	To        access.Width `json:"to"`
	ChangedBy id.Member    `json:"changedBy"`
}

// SoloPracticeConverted makes a solo practice one that others can join (G-3). It
// changes nothing else: charts, billing period and trial go on (AMB-2, AMB-10).
type SoloPracticeConverted struct {
	// Account is the owner's, and Plan the one that the practice has chosen.
	Account id.Account     `json:"account"`
	Plan    pricing.PlanID `json:"plan"`
	// Operator is who converted it; unset where the owner did.
	Operator id.Account `json:"operator,omitzero"`
}

func (ChartSharingChanged) isEvent()   {}
func (SoloPracticeConverted) isEvent() {}

// practiceRows is the table of the events about the practice as a whole.
func practiceRows() []es.Row {
	return []es.Row{
		es.Define[ChartSharingChanged]("group.chart_sharing_changed", 1),
		es.Define[SoloPracticeConverted]("group.solo_practice_converted", 1),
	}
}
