package group

import (
	"slices"

	"praxis/domain/access"
	"praxis/domain/id"
)

// ChartFacts is what access to a chart depends on, as the practice's rosters
// know it.
type ChartFacts struct {
	Chart   id.Chart
	Primary id.Member
	Branch  id.Branch
	// Team are the members of the care team besides the primary.
	Team []id.Member
}

// Resource returns the chart as what access is decided over.
func (f ChartFacts) Resource(g id.Group) access.Resource {
	return access.Resource{Group: g, Clinician: f.Primary, Branch: f.Branch, Team: f.Team, Chart: f.Chart}
}

func (f ChartFacts) equal(o ChartFacts) bool {
	return f.Chart == o.Chart && f.Primary == o.Primary && f.Branch == o.Branch && slices.Equal(f.Team, o.Team)
}

// Foreseen returns the charts as they will be once everything that the events
// set in motion is done: the charts of a leaver are with those who take them
// over, and those of a closed branch where they move to.
func Foreseen(charts []ChartFacts, events []Event) []ChartFacts {
	foreseen := slices.Clone(charts)
	rehome := func(leaver id.Member, p Rehoming) {
		for i := range foreseen {
			if to, _, ok := p.TargetOf(foreseen[i].Chart); ok && foreseen[i].Primary == leaver {
				foreseen[i].Primary = to
				foreseen[i].Team = minus(foreseen[i].Team, to)
			}
		}
	}
	for _, event := range events {
		if e, ok := event.(MemberRemovalStarted); ok {
			rehome(e.Member, e.Plan)
		}
		if e, ok := event.(MemberRemovalReplanned); ok {
			rehome(e.Member, e.Plan)
		}
		if e, ok := event.(BranchClosed); ok && !e.MovedTo.IsZero() {
			for i := range foreseen {
				if foreseen[i].Branch == e.Branch {
					foreseen[i].Branch = e.MovedTo
				}
			}
		}
	}
	return foreseen
}
