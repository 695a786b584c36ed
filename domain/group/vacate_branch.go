package group

import (
	"strconv"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

var errBranchOpen = fault.New(fault.Rejected, "branch_not_closed", "This branch is open; its charts stay where they are.")

// VacateBranch ends the closing of a branch after every chart has left it.
// Rejections: "branch_not_found", "branch_not_closed", "charts_remain". Ending it
// twice changes nothing.
type VacateBranch struct {
	Branch      id.Branch `json:"branch"`
	ChartsMoved int       `json:"chartsMoved"`
	// ChartsLeft is how many charts still belong to the branch: a fact.
	ChartsLeft int `json:"-"`
}

// Decide ends the closing.
func (c VacateBranch) Decide(s State, _ time.Time) ([]Event, error) {
	branch, known := s.Branch(c.Branch)
	switch {
	case !known:
		return nil, errNoBranch
	case !branch.Closed:
		return nil, errBranchOpen
	case branch.Vacated:
		return nil, nil
	case c.ChartsLeft > 0:
		return nil, fault.New(fault.Rejected, "charts_remain", "%d charts of this branch were not moved yet.", c.ChartsLeft).
			With("charts", strconv.Itoa(c.ChartsLeft))
	}
	return []Event{BranchVacated{Branch: c.Branch, ChartsMoved: c.ChartsMoved}}, nil
}

// BranchAfter returns where what belonged to a closed branch belongs now: the open
// branch at the end of the way that it and its followers went, the default branch
// where one of them named none. Rejections: "branch_not_found", "branch_not_closed".
func (s State) BranchAfter(b id.Branch) (id.Branch, error) {
	branch, known := s.Branch(b)
	switch {
	case !known:
		return id.Branch{}, errNoBranch
	case !branch.Closed:
		return id.Branch{}, errBranchOpen
	}
	// A branch closes towards one that is open then, so the way never comes back.
	for known && branch.Closed {
		branch, known = s.Branch(branch.MovedTo)
	}
	if !known {
		return s.DefaultBranch(), nil
	}
	return branch.ID, nil
}
