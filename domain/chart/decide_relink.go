package chart

import (
	"time"

	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Relink gives a member who is back the place that they had on the care team when
// they left (AMB-14): they are its primary again, and the member who stood in for
// them is what they were before, or leaves. A chart that has had yet another
// primary since is left as it is, and so is one on whose team the member is again.
type Relink struct {
	Member id.Member `json:"member"`
	// Removal names the removal that took the place.
	Removal id.Event `json:"removal"`
}

// Decide gives the place back. Faults: "chart_not_found", "member_inactive",
// "not_active_clinician", "clinician_not_in_branch", "place_ended", and "chart_moved_on"
// for a chart that somebody gave to another primary.
func (c Relink) Decide(s State, p Group, now time.Time) ([]Event, error) {
	if !s.Exists() {
		return nil, errNotFound
	}
	place, lost := s.former.Of(c.Member)
	switch {
	case !lost || place.Removal != c.Removal:
		return nil, nil
	case place.MovedOn:
		return nil, fault.New(fault.Rejected, "chart_moved_on", "This chart was given to another primary since. Assign the clinician by hand if it should come back.")
	case place.Role != careteam.Primary:
		return c.join(s, place, p, now)
	}
	assign := AssignClinician{Clinician: c.Member, FormerBecomes: place.ToWas}
	if checkFits(place.ToWas, p.Member(s.Primary())) != nil || place.ToWindow.EndedBy(now) {
		assign.FormerBecomes, place.ToWindow = "", careteam.Window{}
	}
	_, err := assign.Decide(s, p, now)
	return es.Decided[Event](err, false, PrimaryProfessionalChanged{
		From: s.Primary(), To: c.Member, FormerBecomes: assign.FormerBecomes, FormerWindow: place.ToWindow, Relinks: c.Removal,
	})
}

// join puts the member on the team again, in the role that they had and for as long.
func (c Relink) join(s State, place careteam.FormerPlace, p Group, now time.Time) ([]Event, error) {
	if place.Window.EndedBy(now) {
		return nil, fault.New(fault.Rejected, "place_ended", "The place that the member had on the care team would be over by now.")
	}
	_, err := AddTeamMember{Member: c.Member, Role: place.Role}.Decide(s, p, now)
	return es.Decided[Event](err, false, TeamMemberAdded{Member: c.Member, Role: place.Role, Window: place.Window, Relinks: c.Removal})
}
