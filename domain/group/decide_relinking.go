package group

import (
	"slices"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// The rejections about giving charts back (AMB-14).
var (
	errNothingTaken = fault.New(fault.Rejected, "no_former_charts", "This member did not come back after a removal that moved their charts.")
	errNoRelinking  = fault.New(fault.Rejected, "no_relinking_in_progress", "No charts of this member are on their way back.")
)

// RelinkCharts gives a member who is back the charts again that their removal took
// away, with the places on care teams that they lost while they were away
// (AMB-14). A process does it chart by chart; asking again adds those that can be
// given back by then. Rejections: "member_not_found", "member_inactive",
// "no_former_charts", "charts_not_returnable". Nothing that can be given back
// changes nothing.
type RelinkCharts struct {
	// By is the member who decides.
	By     id.Member `json:"-"`
	Member id.Member `json:"member"`
	// Charts are those to give back; none means all that can be.
	Charts []id.Chart `json:"charts,omitempty"`
	// Reach is what the member who decides may assign.
	Reach access.Reach `json:"-"`
	// Facts are the charts of the practice.
	Facts []ChartFacts `json:"-"`
}

// Decide starts the relinking.
func (c RelinkCharts) Decide(s State, _ time.Time) ([]Event, error) {
	by, err := s.active(c.By)
	if err != nil {
		return nil, err
	}
	target, err := s.active(c.Member)
	if err != nil {
		return nil, err
	}
	back, ok := s.ReturnOf(target.ID)
	if !ok {
		return nil, errNothingTaken
	}
	returnable := c.returnable(s)
	if refused := minus(sorted(c.Charts), returnable...); len(refused) > 0 {
		return nil, fault.New(fault.Rejected, "charts_not_returnable", "%d of these charts cannot be given back. Look at the member's former charts for why, and name only those that can.", len(refused)).
			With("charts", strconv.Itoa(len(refused)))
	}
	if len(c.Charts) > 0 {
		returnable = slices.DeleteFunc(returnable, func(f id.Chart) bool { return !slices.Contains(c.Charts, f) })
	}
	if returnable = minus(returnable, back.Relinking...); len(returnable) == 0 {
		return nil, nil
	}
	return []Event{RelinkingStarted{Member: target.ID, Removal: back.Removal, Charts: returnable, StartedBy: by.ID}}, nil
}

// Offered returns the charts on which the member lost a place to their removal and
// that the one who decides may assign.
func (c RelinkCharts) Offered(s State) (offered []ChartFacts) {
	returner, _ := s.Returner(c.Member)
	for _, f := range c.Facts {
		p, lost := f.Former.Of(c.Member)
		if lost && p.Removal == returner.Removal && c.Reach.Contains(f.Resource(s.ID())) {
			offered = append(offered, f)
		}
	}
	return offered
}

// returnable lists the charts that can be given back.
func (c RelinkCharts) returnable(s State) (charts []id.Chart) {
	returner, _ := s.Returner(c.Member)
	for _, f := range c.Offered(s) {
		if p, _ := f.Former.Of(c.Member); returner.Standing(p, f.Branch) == Returnable {
			charts = append(charts, f.Chart)
		}
	}
	return charts
}

// CompleteRelinking ends a relinking. Rejections: "no_relinking_in_progress", and
// "charts_remain" while there are charts to give back. Completing twice changes
// nothing.
type CompleteRelinking struct {
	Member id.Member `json:"member"`
	// Relinked is how many charts were given back.
	Relinked int `json:"relinked"`
	// Facts are the charts of the practice.
	Facts []ChartFacts `json:"-"`
}

// Decide ends the relinking. What was not given back still is a former chart.
func (c CompleteRelinking) Decide(s State, _ time.Time) ([]Event, error) {
	back, ok := s.ReturnOf(c.Member)
	switch {
	case !ok:
		return nil, errNoRelinking
	case !back.InProgress:
		return nil, nil
	}
	done := RelinkingCompleted{Member: c.Member, Removal: back.Removal, Relinked: c.Relinked}
	returner, _ := s.Returner(c.Member)
	remain := 0
	for _, f := range c.Facts {
		p, lost := f.Former.Of(c.Member)
		if !lost || p.Removal != back.Removal || !slices.Contains(back.Relinking, f.Chart) {
			continue
		}
		if done.Left = append(done.Left, f.Chart); returner.Standing(p, f.Branch) == Returnable {
			remain++
		}
	}
	if remain > 0 {
		return nil, fault.New(fault.Rejected, "charts_remain", "%d charts were not given back to this member yet.", remain).
			With("charts", strconv.Itoa(remain))
	}
	return []Event{done}, nil
}
