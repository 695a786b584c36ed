package chart

import (
	"time"

	"praxis/domain/id"
)

// LeaveClosedBranch moves the chart out of a branch that was closed, archived or
// not. Where its primary works is not asked: whoever worked in the branch that
// closed has worked in the other one since, and whoever did not was in another one
// before, too. A chart that belongs elsewhere by now is left alone.
type LeaveClosedBranch struct {
	From id.Branch `json:"from"`
	// To is where the branch went: a fact of the group.
	To id.Branch `json:"-"`
}

// Decide moves the chart. Fault: "chart_not_found".
func (c LeaveClosedBranch) Decide(s State, _ time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case s.Branch != c.From:
		return nil, nil
	}
	return []Event{BranchChanged(c)}, nil
}
