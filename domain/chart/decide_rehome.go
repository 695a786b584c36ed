package chart

import (
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// Rehome gives a chart of a leaver to whom the plan of their removal names (AMB-14).
// Who that is, is no part of it: the plan may be replaced between two attempts, and
// a chart moves once. A chart that has another primary by now is left alone.
type Rehome struct {
	Leaver id.Member `json:"leaver"`
}

// Target is where the plan of a removal sends a chart, as the plan stands now.
type Target struct {
	Group
	// Removal names the removal.
	Removal id.Event
	// To takes the chart: as its primary, or in custody. Zero if the plan names
	// none.
	To      id.Member
	Custody bool
}

// ErrNoPlan refuses a chart that no removal in progress sends anywhere.
var ErrNoPlan = fault.New(fault.Rejected, "no_removal_in_progress", "No removal of this member says who takes this chart.")

// Decide moves the chart. Faults: "no_removal_in_progress", and those of
// AssignClinician and PlaceInCustody.
func (c Rehome) Decide(s State, t Target, now time.Time) ([]Event, error) {
	switch {
	case s.Exists() && s.Primary() != c.Leaver:
		return nil, nil
	case t.To.IsZero():
		return nil, ErrNoPlan
	case t.Custody:
		return PlaceInCustody{Custodian: t.To}.rehomed(s, t.Group, t.Removal, now)
	}
	return AssignClinician{Clinician: t.To}.rehomed(s, t.Group, t.Removal, now)
}
