package chart

import "praxis/domain/careteam"

// TeamHistory folds a chart's events into every place that there was on its team (H-1).
type TeamHistory struct {
	State  State
	Places careteam.History
}

// Apply takes in the next event of the chart; by says what else is known of it.
func (h *TeamHistory) Apply(e Event, by careteam.Cause) {
	before := h.State.participants()
	Evolve(&h.State, e)
	by.How = how(e)
	h.Places.Changed(before, h.State.participants(), by)
}

// participants is everybody on the team, the primary or the custodian first.
func (s State) participants() []careteam.Participant {
	all := s.team.Everybody()
	if s.InCustody {
		all[0].Role = careteam.Custodian
	}
	return all
}

// how says how an event changes a team.
func how(e Event) string {
	switch e := e.(type) {
	case Created:
		return string(e.PrimaryRule)
	case PrimaryProfessionalChanged:
		switch {
		case !e.Relinks.IsZero():
			return careteam.Returned
		case !e.Removal.IsZero():
			return careteam.LeftGroup
		}
		return careteam.Assigned
	case PlacedInCustody:
		return careteam.InCustody
	case TeamMemberAdded:
		if !e.Relinks.IsZero() {
			return careteam.Returned
		}
		if !e.Household.IsZero() {
			return careteam.OfHousehold
		}
		return careteam.Added
	case TeamRoleChanged:
		return careteam.RoleChanged
	case TeamWindowChanged:
		return careteam.WindowChanged
	case TeamMemberRemoved:
		switch {
		case e.Reason == careteam.Ended:
			return careteam.Ended
		case !e.Removal.IsZero():
			return careteam.LeftGroup
		case !e.Household.IsZero():
			return careteam.OfHousehold
		}
		return careteam.Removed
	default:
		return ""
	}
}
