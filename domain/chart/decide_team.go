package chart

import (
	"cmp"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// AddTeamMember puts someone on the care team (H-4), for always or for a time, such as
// the cover for a vacation.
type AddTeamMember struct {
	Member id.Member     `json:"member"`
	Role   careteam.Role `json:"role"`
	careteam.Window
}

// Decide adds. A place that is over counts as none. Faults: "chart_not_found",
// "role_unknown", "second_primary", "already_on_team", "member_inactive",
// "not_active_clinician", "window_in_past", "window_empty".
func (c AddTeamMember) Decide(s State, p Group, now time.Time) ([]Event, error) {
	w, bad := c.Read(now)
	team := s.team.At(now)
	var events []Event
	if _, on := team.RoleOf(c.Member); on && s.Inherited(c.Member) {
		// What is given by hand stays, whatever becomes of the household.
		team, events = team.Without(c.Member), append(events, s.taken(c.Member))
	}
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), team.CheckAdd(c.Member, c.Role), checkFits(c.Role, p.Member(c.Member)), bad)
	if err != nil {
		return nil, err
	}
	for _, over := range s.team.Ended(now) {
		if over.Member == c.Member {
			events = append(events, removalOf(over, p))
		}
	}
	return append(events, TeamMemberAdded{Member: c.Member, Role: c.Role, Window: w}), nil
}

// ChangeTeamRole gives someone on the care team another role, without removing
// and adding them again (H-6). Their place holds as long as before.
type ChangeTeamRole struct {
	Member id.Member     `json:"member"`
	Role   careteam.Role `json:"role"`
}

// Decide changes the role. Faults: "chart_not_found", "role_unknown",
// "second_primary", "not_on_team", "primary_required", "same_role",
// "inherited_place", "member_inactive", "not_active_clinician".
func (c ChangeTeamRole) Decide(s State, p Group, now time.Time) ([]Event, error) {
	team := s.team.At(now)
	from, _ := team.RoleOf(c.Member)
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), team.CheckChange(c.Member, c.Role), s.byHand(c.Member), checkFits(c.Role, p.Member(c.Member)))
	return es.Decided[Event](err, false, TeamRoleChanged{Member: c.Member, From: from, To: c.Role, Window: team.WindowOf(c.Member)})
}

// ChangeTeamWindow has a place on the care team hold for another time: longer, shorter,
// or always.
type ChangeTeamWindow struct {
	Member id.Member `json:"member"`
	careteam.Window
}

// Decide changes the window. Faults: "chart_not_found", "not_on_team",
// "primary_required", "inherited_place", "same_window", "window_in_past", "window_empty".
func (c ChangeTeamWindow) Decide(s State, now time.Time) ([]Event, error) {
	team := s.team.At(now)
	w, bad := c.Read(now)
	role, _ := team.RoleOf(c.Member)
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), team.CheckRemove(c.Member), s.byHand(c.Member), bad, team.CheckWindow(c.Member, w))
	return es.Decided[Event](err, false, TeamWindowChanged{Member: c.Member, Role: role, From: team.WindowOf(c.Member), To: w})
}

// RemoveTeamMember takes someone off the care team. The primary can only be
// reassigned (H-2).
type RemoveTeamMember struct {
	Member id.Member `json:"member"`
}

// Decide removes. Faults: "chart_not_found", "not_on_team", "primary_required", "inherited_place".
func (c RemoveTeamMember) Decide(s State, p Group, now time.Time) ([]Event, error) {
	team := s.team.At(now)
	role, _ := team.RoleOf(c.Member)
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), team.CheckRemove(c.Member), s.byHand(c.Member))
	return es.Decided[Event](err, false, TeamMemberRemoved{
		Member: c.Member, LastRole: role, Removal: p.Member(c.Member).Removal, Window: team.WindowOf(c.Member),
	})
}

// TidyTeam takes the members off the care team whose place is over. Their access ended
// with it.
type TidyTeam struct{}

// Decide takes them off; there need not be any. Fault: "chart_not_found".
func (TidyTeam) Decide(s State, p Group, now time.Time) ([]Event, error) {
	var events []Event
	for _, over := range s.team.Ended(now) {
		events = append(events, removalOf(over, p))
	}
	return events, fault.When(!s.Exists(), errNotFound)
}

// removalOf takes a place off the team that is over.
func removalOf(over careteam.Participant, p Group) Event {
	return TeamMemberRemoved{
		Member: over.Member, LastRole: over.Role, Removal: p.Member(over.Member).Removal, Window: over.Window, Reason: careteam.Ended,
	}
}

func checkFits(role careteam.Role, m Member) error { return m.CheckFits(role) }
