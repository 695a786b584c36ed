package chart

import (
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// PlaceInCustody gives a chart to a member who keeps it without treating, where
// the practice has no active clinician left (AMB-14). Archived charts may be
// placed too.
type PlaceInCustody struct {
	Custodian id.Member `json:"custodian"`
	// Removal is set where the former primary leaves the practice with it.
	Removal id.Event `json:"-"`

	// Facts of the group.
	CustodianIsActive     bool `json:"-"`
	ActiveClinicianExists bool `json:"-"`
}

// Decide places the chart. Faults: "chart_not_found", "already_primary",
// "member_inactive", "active_clinician_exists".
func (c PlaceInCustody) Decide(s State, _ time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case c.Custodian == s.Primary():
		return nil, fault.New(fault.Rejected, "already_primary", "This member keeps this chart already.")
	case c.Custodian.IsZero() || !c.CustodianIsActive:
		return nil, fault.New(fault.Rejected, "member_inactive", "This member's access to the group has ended. Only active members can keep charts.")
	case c.ActiveClinicianExists:
		return nil, fault.New(fault.Rejected, "active_clinician_exists", "Custody is for practices without an active clinician. Assign the chart to a clinician.")
	}
	return []Event{PlacedInCustody{
		From: s.Primary(), Custodian: c.Custodian, Removal: c.Removal, CustodianWas: s.roleBefore(c.Custodian, c.Removal),
	}}, nil
}
