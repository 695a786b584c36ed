package chart

import (
	"cmp"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// AssignClinician gives the chart another primary in one step (C-2, AMB-16).
// Archived charts may be re-homed too, because a leaver's charts must go
// somewhere (AMB-14).
type AssignClinician struct {
	Clinician id.Member `json:"clinician"`
	// FormerBecomes is the role that the former primary keeps on the care team; empty: they leave it.
	FormerBecomes careteam.Role `json:"formerBecomes"`
	// EffectiveAt, if set, is the instant in the future, UTC, at which it is to happen by
	// itself: until then it is a plan.
	EffectiveAt time.Time `json:"effectiveAt,omitzero"`
}

// Decide reassigns, or plans it. Faults: "chart_not_found", "already_primary",
// "not_active_clinician", "clinician_not_in_branch"; for a former primary who
// should stay also "second_primary", "role_unknown", "member_inactive".
//
// For a plan also "effective_in_past", "already_planned", "instant_not_whole_seconds".
func (c AssignClinician) Decide(s State, p Group, now time.Time) ([]Event, error) {
	events, err := c.rehomed(s, p, id.Event{}, now)
	if err != nil || c.EffectiveAt.IsZero() {
		return events, err
	}
	return c.plan(s, p.By, now)
}

// rehomed is Decide for a former primary who leaves the practice with a removal;
// zero is none. Branch means the chart's own (AMB-13).
func (c AssignClinician) rehomed(s State, p Group, removal id.Event, now time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case c.Clinician == s.Primary():
		return nil, fault.New(fault.Rejected, "already_primary", "This clinician is already the primary of this chart.")
	case c.Clinician.IsZero() || !p.treats(c.Clinician):
		return nil, errNotActiveClinician
	case !p.worksIn(c.Clinician, s.Branch):
		return nil, fault.New(fault.Rejected, "clinician_not_in_branch", "This clinician does not work in the chart's branch. Assign the clinician to the branch, or move the chart first.")
	}
	if c.FormerBecomes != "" {
		fits := checkFits(c.FormerBecomes, p.Member(s.Primary()))
		if err := cmp.Or(careteam.Of(c.Clinician).CheckAdd(s.Primary(), c.FormerBecomes), fits); err != nil {
			return nil, err
		}
	}
	role, window := s.placeBefore(c.Clinician, removal, now)
	return append(s.overtaken(c.Clinician, removal), PrimaryProfessionalChanged{
		From: s.Primary(), To: c.Clinician, FormerBecomes: c.FormerBecomes, Removal: removal, ToWas: role, ToWindow: window,
	}), nil
}

// placeBefore is the place that a member has on the team whom a removal makes its
// primary. Nothing else notes it; a place over the household comes back over that.
func (s State) placeBefore(m id.Member, removal id.Event, now time.Time) (role careteam.Role, w careteam.Window) {
	if removal.IsZero() || s.Inherited(m) {
		return "", w
	}
	team := s.team.At(now)
	role, _ = team.RoleOf(m)
	return role, team.WindowOf(m)
}

// AssignBranch moves the chart to another branch (C-2, C-5).
type AssignBranch struct {
	Branch id.Branch `json:"branch"`
}

// Decide moves the chart; even archived ones leave a closed branch. Faults: "chart_not_found", "chart_archived",
// "already_in_branch", "branch_unknown", "branch_closed", "primary_not_in_branch".
func (c AssignBranch) Decide(s State, p Group, _ time.Time) ([]Event, error) {
	former, _ := p.branch(s.Branch)
	if err := s.writable(); err != nil && (!s.Exists() || former.Open) {
		return nil, err
	}
	if c.Branch == s.Branch {
		return nil, fault.New(fault.Rejected, "already_in_branch", "This chart already belongs to this branch.")
	}
	if err := p.checkBranch(c.Branch, s.Primary()); err != nil {
		return nil, err
	}
	return []Event{BranchChanged{From: s.Branch, To: c.Branch}}, nil
}

// checkBranch says whether a chart may belong to a branch (AMB-13).
func (p Group) checkBranch(b id.Branch, primary id.Member) error {
	switch branch, known := p.branch(b); {
	case !known:
		return fault.New(fault.Rejected, "branch_unknown", "The group has no such branch.")
	case !branch.Open:
		return fault.New(fault.Rejected, "branch_closed", "This branch is closed. Choose an open one.")
	case !p.worksIn(primary, b):
		return fault.New(fault.Rejected, "primary_not_in_branch", "The chart's primary does not work in this branch. Assign the clinician to the branch, or name another primary first.")
	}
	return nil
}

var errNotActiveClinician = careteam.ErrNotActiveClinician
