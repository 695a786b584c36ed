package chart

import (
	"time"

	"praxis/domain/careteam"
	"praxis/domain/id"
)

// Custodian is what the member is, in the primary's place, who keeps a chart without
// treating (AMB-14).
const Custodian careteam.Role = "custodian"

// TeamPlace is a place on the care team, in one role and for one time, from the event that
// gave it to the one that took it (H-1).
type TeamPlace struct {
	careteam.Participant
	// JoinedAt is since when the member is on the team without a break, in whatever role.
	JoinedAt time.Time `json:"joinedAt"`
	Given    Cause     `json:"given"`
	// Taken is nil while the place is there. Where the place is bounded in time, access ends
	// with its window, and not with this.
	Taken *Cause `json:"taken,omitempty"`
}

// Cause is what gave a place or took it: when, by whom and why.
type Cause struct {
	Event id.Event `json:"event"`
	// At is when it was recorded, UTC.
	At time.Time `json:"at"`
	// Actor is who did it, as in es.Metadata, and Reason what they said.
	Actor  string `json:"actor"`
	Reason string `json:"reason,omitempty"`
	// How says how it came about: the rule of the first primary (careteam.PrimaryRule),
	// "assigned", "added", "role_changed", "window_changed", "removed", "ended", "custody",
	// "left_practice" or "returned".
	How string `json:"how"`
}

// TeamPlaces folds a chart's events into every place that there was on its team.
type TeamPlaces struct {
	state State
	// All are the places in the order in which they were given.
	All []TeamPlace
}

// Apply takes in the next event of the chart; by says what else is known of it.
func (p *TeamPlaces) Apply(e Event, by Cause) {
	before := p.state.participants()
	Evolve(&p.state, e)
	after := p.state.participants()
	by.How = how(e)
	joined := map[id.Member]time.Time{}
	for _, old := range before {
		for i := range p.All {
			if p.All[i].Taken == nil && p.All[i].Member == old.Member {
				joined[old.Member] = p.All[i].JoinedAt
				if !holdsIn(after, old) {
					p.All[i].Taken = &by
				}
			}
		}
	}
	for _, now := range after {
		if holdsIn(before, now) {
			continue
		}
		place := TeamPlace{Participant: now, JoinedAt: by.At, Given: by}
		if since, was := joined[now.Member]; was {
			place.JoinedAt = since
		}
		p.All = append(p.All, place)
	}
}

// participants is everybody on the team, the primary or the custodian first.
func (s State) participants() []careteam.Participant {
	if !s.Exists() {
		return nil
	}
	first := careteam.Participant{Member: s.Primary(), Role: careteam.Primary}
	if s.InCustody {
		first.Role = Custodian
	}
	return append([]careteam.Participant{first}, s.team.Others()...)
}

func holdsIn(team []careteam.Participant, p careteam.Participant) bool {
	for _, other := range team {
		if other.Member == p.Member && other.Role == p.Role && other.Window.Equal(p.Window) {
			return true
		}
	}
	return false
}

// how says how an event changes a team.
func how(e Event) string {
	switch e := e.(type) {
	case Created:
		return string(e.PrimaryRule)
	case PrimaryProfessionalChanged:
		switch {
		case !e.Relinks.IsZero():
			return "returned"
		case !e.Removal.IsZero():
			return "left_practice"
		}
		return "assigned"
	case PlacedInCustody:
		return "custody"
	case TeamMemberAdded:
		if !e.Relinks.IsZero() {
			return "returned"
		}
		return "added"
	case TeamRoleChanged:
		return "role_changed"
	case TeamWindowChanged:
		return "window_changed"
	case TeamMemberRemoved:
		switch {
		case e.Reason == careteam.Ended:
			return "ended"
		case !e.Removal.IsZero():
			return "left_practice"
		}
		return "removed"
	default:
		return ""
	}
}

// State is the chart as the events made it that were applied.
func (p *TeamPlaces) State() State { return p.state }
