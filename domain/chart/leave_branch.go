package chart

import (
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// LeaveClosedBranch moves the chart out of a branch that was closed, archived or
// not. Where its primary works is not asked: a member who worked in the branch
// that closed has worked in the other one since, and one who did not was in
// another one before, too. A chart that belongs elsewhere by now is left alone.
type LeaveClosedBranch struct {
	From id.Branch `json:"from"`
}

// Decide moves the chart to where the branch went. Fault: "chart_not_found".
func (c LeaveClosedBranch) Decide(s State, to id.Branch, _ time.Time) ([]Event, error) {
	return es.Decided[Event](fault.When(!s.Exists(), errNotFound), s.Branch != c.From, BranchChanged{From: c.From, To: to})
}
