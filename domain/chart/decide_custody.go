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
}

// Decide places the chart. Faults: "chart_not_found", "already_primary",
// "member_inactive", "active_clinician_exists".
func (c PlaceInCustody) Decide(s State, p Group, now time.Time) ([]Event, error) {
	return c.rehomed(s, p, id.Event{}, now)
}

// rehomed is Decide for a former primary who leaves the practice with a removal;
// zero is none.
func (c PlaceInCustody) rehomed(s State, p Group, removal id.Event, now time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case c.Custodian == s.Primary():
		return nil, fault.New(fault.Rejected, "already_primary", "This member keeps this chart already.")
	case c.Custodian.IsZero() || !p.Member(c.Custodian).Active:
		return nil, fault.New(fault.Rejected, "member_inactive", "This member's access to the group has ended. Only active members can keep charts.")
	case p.hasClinician():
		return nil, fault.New(fault.Rejected, "active_clinician_exists", "Custody is for practices without an active clinician. Assign the chart to a clinician.")
	}
	role, window := s.placeBefore(c.Custodian, removal, now)
	return append(s.overtaken(c.Custodian, removal), PlacedInCustody{
		From: s.Primary(), Custodian: c.Custodian, Removal: removal, CustodianWas: role, CustodianWindow: window,
	}), nil
}
