package household

import "praxis/domain/careteam"

// TeamHistory folds a household's events into every place that there was on its team (H-1).
type TeamHistory struct {
	state State
	// All are the places in the order in which they were given.
	All careteam.History
}

// Apply takes in the next event of the household; by says what else is known of it.
func (h *TeamHistory) Apply(e Event, by careteam.Cause) {
	before := h.state.team.Everybody()
	Evolve(&h.state, e)
	by.How = how(e)
	h.All.Changed(before, h.state.team.Everybody(), by)
}

// State is the household as the events made it that were applied.
func (h *TeamHistory) State() State { return h.state }

// how says how an event changes a team.
func how(e Event) string {
	switch e := e.(type) {
	case Created:
		return string(e.PrimaryRule)
	case PrimaryProfessionalChanged:
		if !e.Removal.IsZero() {
			return careteam.LeftGroup
		}
		return careteam.Assigned
	case TeamMemberAdded:
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
		}
		return careteam.Removed
	default:
		return ""
	}
}
