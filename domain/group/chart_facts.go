package group

import "praxis/domain/id"

// ChartFacts is what access to a chart depends on, as the practice's rosters
// know it.
type ChartFacts struct {
	Chart   id.Chart
	Primary id.Member
	Branch  id.Branch
	// Team are the members of the care team besides the primary.
	Team []id.Member
}
