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
