package household

import (
	"time"

	"praxis/domain/careteam"
	"praxis/domain/id"
)

// Rehome takes a member off the household who left the practice. Where they were its
// primary, it goes to whom the plan of the removal names for charts in general, else to its
// secondary professional, else to the clinician who joined first (AMB-14, AMB-16).
type Rehome struct {
	Leaver id.Member `json:"leaver"`
}

// Leaving is what is known of a member who left.
type Leaving struct {
	Group
	// Removal names the removal, and To is who takes charts by its plan; zero for nobody.
	Removal id.Event
	To      id.Member
}

// Decide takes them off. A member who is active is left alone, and so is a household that is
// not theirs. Faults: "household_not_found", "no_professional_available" where the practice
// has no clinician.
func (c Rehome) Decide(s State, l Leaving, now time.Time) ([]Event, error) {
	role, on := s.team.RoleOf(c.Leaver)
	switch {
	case !s.Exists():
		return nil, errNotFound
	case s.Ended || !on || l.Members.Member(c.Leaver).Active:
		return nil, nil
	case role != careteam.Primary:
		return []Event{TeamMemberRemoved{Member: c.Leaver, LastRole: role, Removal: l.Removal}}, nil
	}
	to := l.To
	if !l.Members.Treats(to) {
		to = s.Secondary
	}
	if !l.Members.Treats(to) {
		var err error
		if to, _, err = l.Members.DefaultPrimary(id.Member{}); err != nil {
			return nil, err
		}
	}
	return ReassignPrimary{Clinician: to}.leaving(s, l.Group, l.Removal)
}
