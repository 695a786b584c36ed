package household

import (
	"cmp"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// AddTeamMember gives someone access to the household, for always or for a time (H-4).
type AddTeamMember struct {
	Member id.Member     `json:"member"`
	Role   careteam.Role `json:"role"`
	careteam.Window
}

// Decide adds. A place that is over counts as none. Faults: "household_not_found",
// "household_ended", "role_unknown", "second_primary", "already_on_team",
// "member_inactive", "not_active_clinician", "window_in_past", "window_empty".
func (c AddTeamMember) Decide(s State, p Group, now time.Time) ([]Event, error) {
	w, bad := c.Read(now)
	err := cmp.Or(s.alive(), s.team.At(now).CheckAdd(c.Member, c.Role), p.Members.Member(c.Member).CheckFits(c.Role), bad)
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, over := range s.team.Ended(now) {
		if over.Member == c.Member {
			events = append(events, TeamMemberRemoved{Member: over.Member, LastRole: over.Role, Reason: careteam.Ended})
		}
	}
	return append(events, TeamMemberAdded{Member: c.Member, Role: c.Role, Window: w}), nil
}

// ChangeTeamRole gives someone another role, without removing and adding them again (H-6).
type ChangeTeamRole struct {
	Member id.Member     `json:"member"`
	Role   careteam.Role `json:"role"`
}

// Decide changes the role. Faults: "household_not_found", "household_ended", "role_unknown",
// "second_primary", "not_on_team", "primary_required", "same_role", "member_inactive",
// "not_active_clinician".
func (c ChangeTeamRole) Decide(s State, p Group, now time.Time) ([]Event, error) {
	team := s.team.At(now)
	from, _ := team.RoleOf(c.Member)
	err := cmp.Or(s.alive(), team.CheckChange(c.Member, c.Role), p.Members.Member(c.Member).CheckFits(c.Role))
	return es.Decided[Event](err, false, TeamRoleChanged{Member: c.Member, From: from, To: c.Role})
}

// ChangeTeamWindow has a place on the team hold for another time.
type ChangeTeamWindow struct {
	Member id.Member `json:"member"`
	careteam.Window
}

// Decide changes the window. Faults: "household_not_found", "household_ended",
// "not_on_team", "primary_required", "same_window", "window_in_past", "window_empty".
func (c ChangeTeamWindow) Decide(s State, now time.Time) ([]Event, error) {
	team := s.team.At(now)
	w, bad := c.Read(now)
	err := cmp.Or(s.alive(), team.CheckRemove(c.Member), bad, team.CheckWindow(c.Member, w))
	return es.Decided[Event](err, false, TeamWindowChanged{Member: c.Member, From: team.WindowOf(c.Member), To: w})
}

// RemoveTeamMember ends someone's access to the household. The primary can only be
// reassigned (H-2).
type RemoveTeamMember struct {
	Member id.Member `json:"member"`
}

// Decide removes. Faults: "household_not_found", "household_ended", "not_on_team",
// "primary_required".
func (c RemoveTeamMember) Decide(s State, p Group, now time.Time) ([]Event, error) {
	team := s.team.At(now)
	role, _ := team.RoleOf(c.Member)
	return es.Decided[Event](cmp.Or(s.alive(), team.CheckRemove(c.Member)), false,
		TeamMemberRemoved{Member: c.Member, LastRole: role, Removal: p.Members.Member(c.Member).Removal})
}

// ReassignPrimary makes another clinician the primary in one step (H-2, H-7).
type ReassignPrimary struct {
	Clinician id.Member `json:"clinician"`
	// FormerBecomes is the role that the former primary keeps on the team; empty: they leave it.
	FormerBecomes careteam.Role `json:"formerBecomes"`
}

// Decide reassigns. Faults: "household_not_found", "household_ended", "already_primary",
// "not_active_clinician"; for a former primary who should stay also "second_primary",
// "role_unknown", "member_inactive".
func (c ReassignPrimary) Decide(s State, p Group, _ time.Time) ([]Event, error) {
	return c.leaving(s, p, id.Event{})
}

func (c ReassignPrimary) leaving(s State, p Group, removal id.Event) ([]Event, error) {
	err := cmp.Or(s.alive(),
		fault.When(c.Clinician == s.Primary(), fault.New(fault.Rejected, "already_primary", "This clinician is already the primary of this household.")),
		fault.When(!p.Members.Treats(c.Clinician), careteam.ErrNotActiveClinician))
	if err == nil && c.FormerBecomes != "" {
		err = cmp.Or(careteam.Of(c.Clinician).CheckAdd(s.Primary(), c.FormerBecomes), p.Members.Member(s.Primary()).CheckFits(c.FormerBecomes))
	}
	return es.Decided[Event](err, false, PrimaryProfessionalChanged{From: s.Primary(), To: c.Clinician, FormerBecomes: c.FormerBecomes, Removal: removal})
}

// SetSecondary says which clinician of the team stands in for the primary.
type SetSecondary struct {
	Member id.Member `json:"member"`
}

// Decide sets; the same again leads to no event. Faults: "household_not_found",
// "household_ended", "secondary_not_on_team", "member_inactive", "not_active_clinician".
func (c SetSecondary) Decide(s State, p Group, now time.Time) ([]Event, error) {
	role, on := s.team.At(now).RoleOf(c.Member)
	err := cmp.Or(s.alive(),
		fault.When(!on || role != careteam.Clinician, fault.New(fault.Rejected, "secondary_not_on_team", "The secondary professional must be on the household's team as a clinician. Add them first.")),
		p.Members.Member(c.Member).CheckFits(careteam.Clinician))
	return es.Decided[Event](err, c.Member == s.Secondary, SecondaryProfessionalSet(c))
}

// ClearSecondary says that no clinician stands in for the primary.
type ClearSecondary struct{}

// Decide clears. Faults: "household_not_found", "household_ended", "no_secondary".
func (ClearSecondary) Decide(s State, _ time.Time) ([]Event, error) {
	return es.Decided[Event](cmp.Or(s.alive(), fault.When(s.Secondary.IsZero(), fault.New(fault.Rejected, "no_secondary", "This household has no secondary professional."))),
		false, SecondaryProfessionalCleared{Member: s.Secondary})
}
