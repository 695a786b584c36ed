package chart

import (
	"cmp"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// AddTeamMember puts someone on the care team (H-4).
type AddTeamMember struct {
	Member id.Member     `json:"member"`
	Role   careteam.Role `json:"role"`
}

// Decide adds. Faults: "chart_not_found", "role_unknown", "second_primary",
// "already_on_team", "member_inactive", "not_active_clinician".
func (c AddTeamMember) Decide(s State, p Group, _ time.Time) ([]Event, error) {
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), s.team.CheckAdd(c.Member, c.Role), checkFits(c.Role, p.Member(c.Member)))
	return es.Decided[Event](err, false, TeamMemberAdded{Member: c.Member, Role: c.Role})
}

// ChangeTeamRole gives someone on the care team another role, without removing
// and adding them again (H-6).
type ChangeTeamRole struct {
	Member id.Member     `json:"member"`
	Role   careteam.Role `json:"role"`
}

// Decide changes the role. Faults: "chart_not_found", "role_unknown",
// "second_primary", "not_on_team", "primary_required", "same_role",
// "member_inactive", "not_active_clinician".
func (c ChangeTeamRole) Decide(s State, p Group, _ time.Time) ([]Event, error) {
	from, _ := s.team.RoleOf(c.Member)
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), s.team.CheckChange(c.Member, c.Role), checkFits(c.Role, p.Member(c.Member)))
	return es.Decided[Event](err, false, TeamRoleChanged{Member: c.Member, From: from, To: c.Role})
}

// RemoveTeamMember takes someone off the care team. The primary can only be
// reassigned (H-2).
type RemoveTeamMember struct {
	Member id.Member `json:"member"`
}

// Decide removes. Faults: "chart_not_found", "not_on_team", "primary_required".
func (c RemoveTeamMember) Decide(s State, p Group, _ time.Time) ([]Event, error) {
	role, _ := s.team.RoleOf(c.Member)
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), s.team.CheckRemove(c.Member))
	return es.Decided[Event](err, false, TeamMemberRemoved{Member: c.Member, LastRole: role, Removal: p.Member(c.Member).Removal})
}

func checkFits(role careteam.Role, m Member) error { return m.CheckFits(role) }
