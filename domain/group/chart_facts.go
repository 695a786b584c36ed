package group

import (
	"slices"

	"praxis/domain/access"
	"praxis/domain/careteam"
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
	// Former are the places on the team that members lost because they left.
	Former careteam.FormerPlaces
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
// over, those of a closed branch where they move to, and those that are given back
// with whom they were.
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
		if e, ok := event.(RelinkingStarted); ok {
			for i, f := range foreseen {
				if slices.Contains(e.Charts, f.Chart) {
					foreseen[i] = f.relinked(e.Member)
				}
			}
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

// relinked returns the chart after a member was given back the place they lost.
func (f ChartFacts) relinked(m id.Member) ChartFacts {
	p, lost := f.Former.Of(m)
	switch {
	case !lost || p.MovedOn:
		return f
	case p.Role != careteam.Primary:
		f.Team = plus(f.Team, m)
	default:
		f.Primary, f.Team = m, minus(f.Team, m)
		if p.ToWas != "" {
			f.Team = plus(f.Team, p.To)
		}
	}
	f.Former = f.Former.Regained(m)
	return f
}
