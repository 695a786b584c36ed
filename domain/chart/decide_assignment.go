package chart

import (
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
	// Removal is set where the former primary leaves the practice with it.
	Removal id.Event `json:"-"`

	// Facts of the group. Branch means the chart's own (AMB-13).
	ClinicianIsActive   bool `json:"-"`
	ClinicianIsInBranch bool `json:"-"`
	// The next two are asked only when the former primary stays on the team.
	FormerIsActive    bool `json:"-"`
	FormerIsClinician bool `json:"-"`
}

// Decide reassigns. Faults: "chart_not_found", "already_primary",
// "not_active_clinician", "clinician_not_in_branch"; for a former primary who
// should stay also "second_primary", "role_unknown", "member_inactive".
func (c AssignClinician) Decide(s State, _ time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case c.Clinician == s.Primary():
		return nil, fault.New(fault.Rejected, "already_primary", "This clinician is already the primary of this chart.")
	case c.Clinician.IsZero() || !c.ClinicianIsActive:
		return nil, errNotActiveClinician
	case !c.ClinicianIsInBranch:
		return nil, fault.New(fault.Rejected, "clinician_not_in_branch", "This clinician does not work in the chart's branch. Assign the clinician to the branch, or move the chart first.")
	}
	if c.FormerBecomes != "" {
		if err := careteam.Of(c.Clinician).CheckAdd(s.Primary(), c.FormerBecomes); err != nil {
			return nil, err
		}
		if err := checkFits(c.FormerBecomes, c.FormerIsActive, c.FormerIsClinician); err != nil {
			return nil, err
		}
	}
	return []Event{PrimaryProfessionalChanged{
		From: s.Primary(), To: c.Clinician, FormerBecomes: c.FormerBecomes, Removal: c.Removal, ToWas: s.roleBefore(c.Clinician, c.Removal),
	}}, nil
}

// roleBefore is the role that a member has on the team whom a removal makes its
// primary. Nothing else notes it.
func (s State) roleBefore(m id.Member, removal id.Event) careteam.Role {
	if removal.IsZero() {
		return ""
	}
	role, _ := s.team.RoleOf(m)
	return role
}

// AssignBranch moves the chart to another branch (C-2, C-5).
type AssignBranch struct {
	Branch id.Branch `json:"branch"`

	// Facts of the group.
	BranchIsKnown     bool `json:"-"`
	BranchIsOpen      bool `json:"-"`
	PrimaryIsInBranch bool `json:"-"`
	// FormerIsClosed reports that the chart's present branch was closed, which even
	// archived charts leave.
	FormerIsClosed bool `json:"-"`
}

// Decide moves the chart. Faults: "chart_not_found", "chart_archived",
// "already_in_branch", "branch_unknown", "branch_closed", "primary_not_in_branch".
func (c AssignBranch) Decide(s State, _ time.Time) ([]Event, error) {
	if err := s.writable(); err != nil && (!s.Exists() || !c.FormerIsClosed) {
		return nil, err
	}
	if c.Branch == s.Branch {
		return nil, fault.New(fault.Rejected, "already_in_branch", "This chart already belongs to this branch.")
	}
	if err := checkBranch(c.BranchIsKnown, c.BranchIsOpen, c.PrimaryIsInBranch); err != nil {
		return nil, err
	}
	return []Event{BranchChanged{From: s.Branch, To: c.Branch}}, nil
}

// checkBranch says whether a chart may belong to a branch (AMB-13).
func checkBranch(known, open, primaryIn bool) error {
	switch {
	case !known:
		return fault.New(fault.Rejected, "branch_unknown", "The group has no such branch.")
	case !open:
		return fault.New(fault.Rejected, "branch_closed", "This branch is closed. Choose an open one.")
	case !primaryIn:
		return fault.New(fault.Rejected, "primary_not_in_branch", "The chart's primary does not work in this branch. Assign the clinician to the branch, or name another primary first.")
	}
	return nil
}

var errNotActiveClinician = fault.New(fault.Rejected, "not_active_clinician", "This member is not an active clinician of the group.")
